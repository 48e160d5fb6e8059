/**
 * Many calls at once through a carrier: a Kamailio that stays in every dialog and an
 * rtpengine in user space that carries the audio. Our side is the embedded SIP server
 * and the native media core, which plays back what it hears; the far end is a program
 * of its own that speaks all the time and counts what is missing of the echo.
 *
 *     npm run bench -- carrier [--calls 300] [--seconds 20] [--cps 20] [--srtp] --json
 */
import { parseArgs } from 'node:util';
import { delay, systemClock } from '../src/kernel/clock.js';
import { silentLogger } from '../src/kernel/log.js';
import { hex, systemRandom } from '../src/kernel/random.js';
import { NativeEngine } from '../src/media/native/engine.js';
import type { NativeSession } from '../src/media/native/session.js';
import { createDrachtioSignalling } from '../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../src/sip/embedded/server.js';
import type { Dialog, Signalling } from '../src/sip/signalling.js';
import { percentile } from '../src/demo/phone/summary.js';
import { Kamailio } from '../test/support/kamailio.js';
import { Rtpengine } from '../test/support/rtpengine.js';
import { freeMediaRange, freePort } from '../test/support/ports.js';
import { treeCpuMs } from './support/process-cpu.js';
import { startRtpFarEnd } from './support/rtp-far-end.js';

const ADDRESS = '127.0.0.1';
const WARM_UP_MS = 1_500;

interface SipSide {
  readonly signalling: Signalling;
  readonly port: number;
  close(): Promise<void>;
}

async function sipSide(): Promise<SipSide> {
  const secret = hex(systemRandom, 16);
  const server = await startEmbeddedSipServer({ address: ADDRESS, port: 0, maxTransactions: 20_000, clock: systemClock, random: systemRandom, log: silentLogger, secret });
  const signalling = createDrachtioSignalling({ host: ADDRESS, port: server.adminPort, secret, clock: systemClock, log: silentLogger, userAgent: 'trunkline/bench' });
  await signalling.start();
  const close = async (): Promise<void> => {
    await signalling.close();
    await server.close();
  };
  return { signalling, port: server.listeners[0]?.port ?? 0, close };
}

/** Answers every call with a session that plays back what it hears. */
function answerAll(signalling: Signalling, engine: NativeEngine, srtp: boolean): NativeSession[] {
  const sessions: NativeSession[] = [];
  signalling.onInvite((call) => {
    const session = engine.createSession({ codecs: ['PCMU'], srtp: srtp ? 'required' : 'off' });
    session.onFrame((samples, _atMs, sampleRate) => void session.play({ sampleRate, samples }));
    sessions.push(session);
    session.acceptOffer(call.sdp).then((sdp) => call.answer(sdp)).catch(() => call.reject(488));
  });
  return sessions;
}

const farSdp = (port: number): string => `v=0\r\no=- 1 1 IN IP4 ${ADDRESS}\r\ns=-\r\nc=IN IP4 ${ADDRESS}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;

/** Places all calls at a steady pace. */
async function placeAll(signalling: Signalling, kamailioPort: number, firstFarPort: number, calls: number, cps: number): Promise<{ dialogs: Dialog[]; setupMs: number[] }> {
  const setupMs: number[] = [];
  const placing: Promise<Dialog>[] = [];
  for (let call = 0; call < calls; call++) {
    const began = systemClock.monotonic();
    const dialog = signalling.place({ to: `sip:100@${ADDRESS}:${kamailioPort}`, from: 'caller', sdp: farSdp(firstFarPort + 2 * call), callId: `${hex(systemRandom, 8)}@bench` });
    placing.push(dialog.then((one) => (setupMs.push(systemClock.monotonic() - began), one)));
    await delay(systemClock, 1000 / cps);
  }
  return { dialogs: await Promise.all(placing), setupMs };
}

interface FarEnd {
  readonly packets: number;
  readonly lost: number;
  readonly p99: number;
  readonly max: number;
}

/** Speaks on every call for `ms`, and says what it missed. */
async function speak(dialogs: readonly Dialog[], firstPort: number, ms: number, middle: () => Promise<void>): Promise<FarEnd> {
  const ports = dialogs.map(({ remoteSdp }) => /^m=audio (\d+)/m.exec(remoteSdp)?.[1] ?? '0');
  const far = await startRtpFarEnd({ address: ADDRESS, firstPort, ports, ms: WARM_UP_MS + ms });
  await delay(systemClock, WARM_UP_MS);
  await middle();
  const line = await far.result;
  await far.exited;
  return JSON.parse(line) as FarEnd;
}

function readPlan(args: string[]): { calls: number; seconds: number; cps: number; srtp: boolean } {
  const { values } = parseArgs({ args, options: { calls: { type: 'string', default: '300' }, seconds: { type: 'string', default: '20' }, cps: { type: 'string', default: '20' }, srtp: { type: 'boolean', default: false } } });
  const plan = { calls: Number(values.calls), seconds: Number(values.seconds), cps: Number(values.cps), srtp: values.srtp };
  if (!Number.isInteger(plan.calls) || plan.calls < 1 || plan.calls > 1000 || !(plan.seconds >= 1) || !(plan.cps > 0)) throw new Error('--calls takes 1 to 1000, --seconds and --cps numbers above 0');
  return plan;
}

export async function run(args: string[]): Promise<Record<string, number | string>> {
  const { calls, seconds, cps, srtp } = readPlan(args);
  const ends: (() => Promise<void>)[] = [];
  try {
    const rtpengine = await Rtpengine.start(2 * calls + 50);
    ends.push(() => rtpengine.stop());
    // A pair for each call at either end, and none to spare.
    const { port_min: portMin } = await freeMediaRange(2 * calls, true);
    const firstFarPort = portMin + 2 * calls;
    const engine = new NativeEngine({ address: ADDRESS, portMin, portMax: firstFarPort - 1, timeoutMs: 0 });
    ends.push(() => engine.close());
    const [ours, theirs] = [await sipSide(), await sipSide()];
    ends.push(() => ours.close(), () => theirs.close());
    const [phonePort, trunkPort] = [await freePort(), await freePort()];
    const kamailio = await Kamailio.start({ phonePort, trunkPort, trunkTransport: 'udp', phone: `sip:${ADDRESS}:${theirs.port}`, trunkline: `sip:${ADDRESS}:${ours.port}`, audio: srtp ? 'RTP/SAVP' : 'RTP/AVP', rtpenginePort: rtpengine.port });
    ends.push(() => kamailio.stop());

    const sessions = answerAll(ours.signalling, engine, srtp);
    const { dialogs, setupMs } = await placeAll(theirs.signalling, phonePort, firstFarPort, calls, cps);
    const cpu = { own: 0, rtpengine: 0 };
    const far = await speak(dialogs, firstFarPort, seconds * 1000, async () => {
      const before = { own: process.cpuUsage(), rtpengine: treeCpuMs(rtpengine.pid), at: systemClock.monotonic() };
      await delay(systemClock, (seconds - 0.5) * 1000);
      const { user, system } = process.cpuUsage(before.own);
      const wallMs = systemClock.monotonic() - before.at;
      cpu.own = (user + system) / 1000 / wallMs;
      cpu.rtpengine = (treeCpuMs(rtpengine.pid) - before.rtpengine) / wallMs;
    });
    const stats = sessions.map((session) => session.stats());
    const sum = (of: (one: (typeof stats)[number]) => number): number => stats.reduce((total, one) => total + of(one), 0);
    await Promise.all(dialogs.map((dialog) => dialog.hangup()));
    return {
      calls: dialogs.length,
      lost_packets: far.lost + sum((one) => one.packetsLost),
      lost_to_caller: far.lost,
      lost_to_us: sum((one) => one.packetsLost),
      late_packets: sum((one) => one.packetsLate),
      packets: far.packets + sum((one) => one.packetsReceived),
      pace_p99_dev_ms: far.p99,
      pace_max_dev_ms: far.max,
      setup_p95_ms: round(percentile(setupMs, 95)),
      cpu_cores: round(cpu.own),
      cpu_cores_rtpengine: round(cpu.rtpengine),
      ticks_dropped: engine.droppedTicks,
      seconds,
      srtp: srtp ? 'our side' : 'off',
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
