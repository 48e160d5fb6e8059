import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import { TraceRing } from '../../../src/sip/trace/trace-ring.js';

// The application protocol is the same as that of a real drachtio-server.

const LIMITS = { maxBytes: 1e6, maxCalls: 10, perCall: 100, keepMs: 1e6 };
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8\r\n';

t.test('both ends of a call are told by their SIP server what was received and sent', async (t) => {
  const ends = await Promise.all([0, 1].map(async () => {
    const parts = { clock: systemClock, random: systemRandom, log: silentLogger, secret: 'a secret of the test' };
    const server = await startEmbeddedSipServer({ ...parts, address: '127.0.0.1', port: 0, maxTransactions: 100 });
    const ring = new TraceRing(systemClock, LIMITS);
    const signalling = createDrachtioSignalling({ ...parts, host: '127.0.0.1', port: server.adminPort, userAgent: 'test', tap: ring });
    await signalling.start();
    t.teardown(async () => {
      ring.close();
      await signalling.close();
      await server.close();
    });
    return { ring, signalling, port: server.listeners[0]?.port ?? 0 };
  }));
  const [a, b] = ends;
  if (a === undefined || b === undefined) throw new Error('two ends');
  const ended = new Promise<void>((resolve) => b.signalling.onInvite((call) => void call.answer(SDP).then((dialog) => dialog.onEnd(() => resolve()))));
  const dialog = await a.signalling.place({ to: `sip:b@127.0.0.1:${b.port}`, from: 'a', sdp: SDP, callId: 'drachtio-tap@x' });
  await dialog.hangup();
  await ended;
  const lines = (ring: TraceRing): string[] => (ring.find('drachtio-tap@x')?.messages ?? []).map(({ direction, raw }) => `${direction} ${/^SIP\/2\.0 (\d+)/.exec(raw)?.[1] ?? raw.split(' ')[0] ?? ''}`);
  const caller = lines(a.ring);
  for (const line of ['out INVITE', 'in 200', 'out ACK', 'out BYE']) t.ok(caller.includes(line), `caller: ${line} of ${caller.join(', ')}`);
  const callee = lines(b.ring);
  for (const line of ['in INVITE', 'out 200', 'in ACK', 'in BYE']) t.ok(callee.includes(line), `callee: ${line} of ${callee.join(', ')}`);
  const invite = a.ring.find('drachtio-tap@x')?.messages.find(({ raw }) => raw.startsWith('INVITE'));
  t.match(invite?.path, { protocol: 'udp', remoteAddress: '127.0.0.1', remotePort: b.port });
});
