import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { parseArgs } from 'node:util';
import { delay, systemClock } from '../src/kernel/clock.js';
import { systemRandom } from '../src/kernel/random.js';
import type { MediaEngine } from '../src/media/media-session.js';
import { FreeswitchEngine } from '../src/media/freeswitch/engine.js';
import { Leg } from '../src/media/freeswitch/leg.js';
import { NativeEngine } from '../src/media/native/engine.js';
import { VARIABLE, openReal, realServer } from '../test/media/freeswitch/real.js';
import type { FreeswitchUnderTest } from '../test/media/freeswitch/real.js';
import { processesNamed, treeCpuMs } from './support/process-cpu.js';
import { startRtpFarEnd } from './support/rtp-far-end.js';
import type { RtpFarEnd } from './support/rtp-far-end.js';

const ADDRESS = '127.0.0.1';
const FIRST_LOCAL_PORT = 32_000;
const FIRST_FAR_PORT = 42_000;
const WARM_UP_MS = 1_500;
/** Marked packets in each direction. */
const MARKS = 400;
const FRAME_SAMPLES = 160;
/** Codes of mu-law that stand for marks; silence is not one of them. */
const FIRST_CODE = 0x10;
const CODES = 100;

type MakeEngine = (options: { portMin: number; portMax: number }) => MediaEngine;

interface Delays {
  /** From the moment that the native core sends until the far end has the packet, ms. */
  readonly out: number[];
  /** From the moment that the far end sends until the frame leaves our jitter buffer, ms. */
  readonly in: number[];
}

function farSdp(port: number): string {
  return `v=0\r\no=- 1 1 IN IP4 ${ADDRESS}\r\ns=-\r\nc=IN IP4 ${ADDRESS}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;
}

/** ITU-T G.711 mu-law, one code to linear. */
function linear(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** One call with audio that says of each packet which one it is. */
async function measureDelays(makeEngine: MakeEngine): Promise<Delays> {
  const engine = makeEngine({ portMin: FIRST_LOCAL_PORT, portMax: FIRST_LOCAL_PORT + 99 });
  const far = createSocket('udp4');
  far.bind(0, ADDRESS);
  await once(far, 'listening');
  const session = engine.createSession({ codecs: ['PCMU'] });
  await session.createOffer();
  await session.acceptAnswer(farSdp(far.address().port));
  const arrived: number[] = [];
  far.on('message', (packet) => {
    const code = packet[12]!;
    const mark = code - FIRST_CODE;
    if (packet.length !== 12 + FRAME_SAMPLES || mark < 0 || mark >= CODES) return;
    // Marks repeat every 2 s, which no packet is late by.
    const round = Math.floor((arrived.length - mark + CODES / 2) / CODES);
    arrived[round * CODES + mark] ??= systemClock.monotonic();
  });
  const samples = Int16Array.from({ length: MARKS * FRAME_SAMPLES }, (_, i) => linear(FIRST_CODE + (Math.floor(i / FRAME_SAMPLES) % CODES)));
  const sentAt: number[] = [];
  const inbound: number[] = [];
  session.onFrame((frame, atMs) => {
    const mark = nearestMark(frame[0]!);
    const sent = mark === undefined ? undefined : sentAt.findLast((_, index) => index % CODES === mark);
    if (sent !== undefined) inbound.push(atMs - sent);
  });
  const sending = speak(far, session.localPort, sentAt);
  await delay(systemClock, WARM_UP_MS);
  const clip = session.play({ sampleRate: 8000, samples });
  const startedAt = await clip.started;
  await clip.ended;
  await delay(systemClock, 200);
  sending.abort();
  await engine.close();
  far.close();
  const out = arrived.map((at, index) => at - (startedAt! + index * 20)).filter((ms) => Number.isFinite(ms));
  return { out, in: inbound };
}

function nearestMark(sample: number): number | undefined {
  for (let mark = 0; mark < CODES; mark++) if (linear(FIRST_CODE + mark) === sample) return mark;
  return undefined;
}

/** A packet every 20 ms until aborted; when each left stands in `sentAt`. */
function speak(far: Socket, port: number, sentAt: number[]): AbortController {
  const stop = new AbortController();
  const startMs = systemClock.monotonic();
  const next = (index: number): void => {
    if (stop.signal.aborted) return;
    const packet = Buffer.alloc(12 + FRAME_SAMPLES, FIRST_CODE + (index % CODES));
    packet.set([0x80, 0, (index >> 8) & 0xff, index & 0xff], 0);
    packet.writeUInt32BE(index * FRAME_SAMPLES, 4);
    packet.writeUInt32BE(0x1234, 8);
    sentAt.push(systemClock.monotonic());
    far.send(packet, port, ADDRESS);
    systemClock.after(startMs + (index + 1) * 20 - systemClock.monotonic(), () => next(index + 1));
  };
  next(0);
  return stop;
}

/** Sends and takes RTP on as many ports as lines are written to it: `[far port] > our port`. */
function startFarEnd(ports: readonly number[], ms: number): Promise<RtpFarEnd> {
  return startRtpFarEnd({ address: ADDRESS, firstPort: FIRST_FAR_PORT, ports, ms });
}

/** CPU of a call for a second of it, ms: of the processes in `pids`, while the far end speaks on every port. */
async function measureCpu(ports: readonly number[], seconds: number, pids: readonly number[]): Promise<number> {
  const child = await startFarEnd(ports, WARM_UP_MS + seconds * 1000 + 500);
  const ended = child.exited;
  await delay(systemClock, WARM_UP_MS);
  const used = (): number => pids.reduce((sum, pid) => sum + treeCpuMs(pid), 0) - treeCpuMs(child.pid);
  const before = used();
  const startMs = systemClock.monotonic();
  await delay(systemClock, seconds * 1000);
  const cpu = used() - before;
  const elapsedSeconds = (systemClock.monotonic() - startMs) / 1000;
  await ended;
  return cpu / (elapsedSeconds * ports.length);
}

/** `calls` calls whose every frame is played back. */
async function measureEngineCpu(makeEngine: MakeEngine, calls: number, seconds: number, pids: readonly number[]): Promise<number> {
  const engine = makeEngine({ portMin: FIRST_LOCAL_PORT, portMax: FIRST_LOCAL_PORT + 2 * calls + 99 });
  const ports: number[] = [];
  for (let call = 0; call < calls; call++) {
    const session = engine.createSession({ codecs: ['PCMU'] });
    await session.createOffer();
    await session.acceptAnswer(farSdp(FIRST_FAR_PORT + 2 * call));
    session.onFrame((frame, _atMs, sampleRate) => void session.play({ sampleRate, samples: frame }));
    ports.push(session.localPort);
  }
  const cpu = await measureCpu(ports, seconds, [process.pid, ...pids]);
  await engine.close();
  return cpu;
}

/** FreeSWITCH by itself, sending back what comes. */
async function measureEchoCpu(under: FreeswitchUnderTest, calls: number, seconds: number, pids: readonly number[]): Promise<number> {
  const server = under.pool.take({ heard: () => 0, lost: () => undefined });
  const legs: Leg[] = [];
  for (let call = 0; call < calls; call++) {
    const leg = await Leg.open(server, under.placing, systemRandom, { kind: 'far', sdp: farSdp(FIRST_FAR_PORT + 2 * call), fixedSource: true });
    await server.command('an echo', `uuid_transfer ${leg.uuid} echo inline`);
    legs.push(leg);
  }
  const ports = legs.map((leg) => Number(/^m=audio (\d+)/m.exec(leg.sdp)?.[1]));
  const cpu = await measureCpu(ports, seconds, pids);
  await Promise.all(legs.map((leg) => leg.close()));
  return cpu;
}

/**
 * What the media engine costs. Options: `--adapter native|freeswitch` (native), `--calls N` (20),
 * `--seconds S` (8). With `freeswitch`, which needs a FreeSWITCH on this machine named by
 * TRUNKLINE_TEST_FREESWITCH, the figures of the native engine come along.
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { values } = parseArgs({ args, options: { adapter: { type: 'string', default: 'native' }, calls: { type: 'string', default: '20' }, seconds: { type: 'string', default: '8' } } });
  const calls = Number(values.calls);
  const seconds = Number(values.seconds);
  const native: MakeEngine = (options) => new NativeEngine({ address: ADDRESS, timeoutMs: 0, ...options });
  const direct = await measureDelays(native);
  const directCpu = await measureEngineCpu(native, calls, seconds, []);
  if (values.adapter === 'native') return { adapter: 'native', calls, added_delay_ms: round(median(direct.out)), added_delay_p99_ms: round(quantile(direct.out, 0.99)), cpu_ms_per_call_second: round(directCpu) };
  if (values.adapter !== 'freeswitch') throw new Error('--adapter is native or freeswitch');
  const named = realServer();
  if (named === undefined) throw new Error(`${VARIABLE}=host:port:password must name a FreeSWITCH on this machine`);
  const pids = processesNamed('freeswitch');
  if (pids.length === 0) throw new Error('there is no process named freeswitch whose CPU could be counted');
  const under = await openReal({ ...named, maxSessions: calls + 1 });
  try {
    const through: MakeEngine = (options) => new FreeswitchEngine({ pool: under.pool, placing: under.placing, native: native(options), clock: systemClock, random: systemRandom });
    const bridged = await measureDelays(through);
    const cpu = await measureEngineCpu(through, calls, seconds, pids);
    const echoCpu = await measureEchoCpu(under, calls, seconds, pids);
    const outMs = median(bridged.out) - median(direct.out);
    const inMs = median(bridged.in) - median(direct.in);
    return {
      adapter: 'freeswitch',
      calls,
      added_delay_ms: round(Math.max(outMs, inMs)),
      added_delay_out_ms: round(outMs),
      added_delay_in_ms: round(inMs),
      added_delay_out_p99_ms: round(quantile(bridged.out, 0.99) - quantile(direct.out, 0.99)),
      packets_lost_out: MARKS - bridged.out.length,
      cpu_ms_per_call_second: round(cpu),
      native_cpu_ms_per_call_second: round(directCpu),
      freeswitch_echo_cpu_ms_per_call_second: round(echoCpu),
      calls_per_core_against_echo: round(echoCpu / cpu),
    };
  } finally {
    await under.close();
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
