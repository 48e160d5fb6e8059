import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { delay, systemClock } from '../src/kernel/clock.js';
import { NativeEngine } from '../src/media/native/engine.js';
import type { NativeSession } from '../src/media/native/session.js';

const FAR_END = fileURLToPath(new URL('../build/Release/trunkline_far_end', import.meta.url));
const ADDRESS = '127.0.0.1';
const FIRST_LOCAL_PORT = 30_000;
const FIRST_FAR_PORT = 40_000;
/** Every call is up and warm before anything is counted. */
const WARM_UP_MS = 1_500;
const BLOCK_MS = 500;
/** Time that JavaScript gets between two blocks, enough to refill all queues. */
const BREATH_MS = 100;
const CLIP_MS = 1_000;

interface FarEndResult {
  packets: number;
  lost: number;
  p99: number;
  max: number;
}

/** The far end's key, for all calls. */
const FAR_KEY = Buffer.alloc(30, 0x17);

/** How the far end's SDP names the codecs. */
const CODECS = { PCMU: '0 PCMU/8000', G722: '9 G722/8000', OPUS: '96 opus/48000/2' } as const;
type BenchCodec = keyof typeof CODECS;

function farSdp(port: number, codec: BenchCodec, srtp: boolean): string {
  const crypto = srtp ? `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${FAR_KEY.toString('base64')}\r\n` : '';
  return `v=0\r\no=- 1 1 IN IP4 ${ADDRESS}\r\ns=-\r\nc=IN IP4 ${ADDRESS}\r\nt=0 0\r\nm=audio ${port} RTP/${srtp ? 'SAVP' : 'AVP'} ${parseInt(CODECS[codec])}\r\na=rtpmap:${CODECS[codec]}\r\n${crypto}`;
}

interface OpenedCall {
  readonly session: NativeSession;
  /** What the far end must know of us: the port, and with SRTP the key. */
  readonly line: string;
}

function openCalls(engine: NativeEngine, calls: number, codec: BenchCodec, complexity: number, srtp: boolean): Promise<OpenedCall[]> {
  const opening = Array.from({ length: calls }, async (_, i) => {
    const session = engine.createSession({ codecs: [codec], opusComplexity: complexity, srtp: srtp ? 'required' : 'off' });
    const key = /a=crypto:1 \S+ inline:(\S+)/.exec(await session.createOffer())?.[1];
    await session.acceptAnswer(farSdp(FIRST_FAR_PORT + 2 * i, codec, srtp));
    return { session, line: key === undefined ? `${session.localPort}` : `${session.localPort} ${Buffer.from(key, 'base64').toString('hex')}` };
  });
  return Promise.all(opening);
}

/** Each frame that is heard is played back. */
function startEcho(sessions: readonly NativeSession[]): void {
  for (const session of sessions) session.onFrame((samples, _atMs, sampleRate) => void session.play({ sampleRate, samples }));
}

/** Blocks this thread, as a bad JSON document or a long collection would. */
function block(ms: number): void {
  const until = systemClock.monotonic() + ms;
  while (systemClock.monotonic() < until);
}

/** Keeps 2 s queued on all calls and blocks the event loop for 500 ms at a time until `done`. */
async function keepBusy(sessions: readonly NativeSession[], done: AbortSignal): Promise<void> {
  const samples = Int16Array.from({ length: CLIP_MS * 8 }, (_, i) => Math.round(8000 * Math.sin(i * 0.3)));
  while (!done.aborted) {
    for (const session of sessions) {
      while (session.queuedMs < 2 * CLIP_MS) session.play({ sampleRate: 8000, samples });
    }
    block(BLOCK_MS);
    await delay(systemClock, BREATH_MS);
  }
}

/**
 * RTP at load. Options: `--calls N` (500), `--seconds S` (10), `--busy` (queued audio
 * while JavaScript is blocked, instead of an echo), `--srtp` (both ways encrypted),
 * `--codec PCMU|G722|OPUS`, `--complexity N` (of Opus, 0 to 10).
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { calls: { type: 'string', default: '500' }, seconds: { type: 'string', default: '10' }, busy: { type: 'boolean', default: false }, srtp: { type: 'boolean', default: false }, codec: { type: 'string', default: 'PCMU' }, complexity: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
  const calls = Number(values.calls);
  const seconds = Number(values.seconds);
  const codec = values.codec as BenchCodec;
  if (!(codec in CODECS)) throw new RangeError(`--codec must be one of ${Object.keys(CODECS).join(', ')}`);
  const portMax = FIRST_LOCAL_PORT + 2 * calls - 1;
  const engine = new NativeEngine({ address: ADDRESS, portMin: FIRST_LOCAL_PORT, portMax, timeoutMs: 0 });
  const opened = await openCalls(engine, calls, codec, Number(values.complexity), values.srtp);
  const sessions = opened.map(({ session }) => session);
  const farEnd = spawn(FAR_END, [ADDRESS, String(FIRST_FAR_PORT), String(calls), String(WARM_UP_MS + seconds * 1000), codec, ...(values.srtp ? [FAR_KEY.toString('hex')] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(farEnd, 'exit');
  const lines = createInterface(farEnd.stdout);
  const ready = once(lines, 'line');
  farEnd.stdin.end(opened.map(({ line }) => line).join('\n'));
  await ready;
  const result = once(lines, 'line') as Promise<string[]>;
  const done = new AbortController();
  let busy: Promise<void> = Promise.resolve();
  if (values.busy) busy = keepBusy(sessions, done.signal);
  else startEcho(sessions);
  await delay(systemClock, WARM_UP_MS);
  const cpuBefore = process.cpuUsage();
  const timeBefore = systemClock.monotonic();
  await delay(systemClock, seconds * 1000 - 200);
  const cpu = process.cpuUsage(cpuBefore);
  const elapsedMs = systemClock.monotonic() - timeBefore;
  done.abort();
  await busy;
  const [line] = await result;
  await exited;
  const far = JSON.parse(line!) as FarEndResult;
  const dropped = engine.droppedTicks;
  const missed = engine.missedTicks;
  await engine.close();
  return {
    calls,
    codec,
    cpu_ms_per_call_second: round((cpu.user + cpu.system) / 1000 / ((elapsedMs / 1000) * calls)),
    cpu_user_ms_per_call_second: round(cpu.user / 1000 / ((elapsedMs / 1000) * calls)),
    pace_p99_dev_ms: far.p99,
    pace_max_dev_ms: far.max,
    lost: far.lost,
    packets: far.packets,
    ticks_missed: missed,
    ticks_dropped: dropped,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
