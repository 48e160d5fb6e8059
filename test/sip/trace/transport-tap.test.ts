import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { SipTransport } from '../../../src/sip/embedded/transport/sip-transport.js';
import { TraceRing } from '../../../src/sip/trace/trace-ring.js';

const LIMITS = { maxBytes: 1e6, maxCalls: 10, perCall: 100, keepMs: 1e6 };

for (const protocol of ['udp', 'tcp'] as const) {
  t.test(`both ends of ${protocol} see the same bytes, with their addresses`, async (t) => {
    const ends = await Promise.all([0, 1].map(async () => {
      const ring = new TraceRing(systemClock, LIMITS);
      const transport = new SipTransport({ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, tap: ring });
      await transport.start();
      t.teardown(async () => {
        ring.close();
        await transport.close();
      });
      const port = transport.listeners.find((listener) => listener.protocol === protocol)?.port ?? 0;
      return { ring, transport, port };
    }));
    const [a, b] = ends;
    if (a === undefined || b === undefined) throw new Error('two ends');
    const arrived = new Promise<void>((resolve) => b.transport.onMessage(() => resolve()));
    const text = `OPTIONS sip:b@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/${protocol.toUpperCase()} 127.0.0.1:${a.port};branch=z9hG4bKx\r\nMax-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: tap@x\r\nCSeq: 1 OPTIONS\r\nAuthorization: Digest username="u", response="0123456789abcdef"\r\nContent-Length: 3\r\n\r\nhej`;
    await a.transport.send(Buffer.from(text), { protocol, address: '127.0.0.1', port: b.port });
    await arrived;
    const sent = a.ring.find('tap@x')?.messages;
    const received = b.ring.find('tap@x')?.messages;
    t.equal(sent?.length, 1);
    t.equal(received?.length, 1);
    t.match(sent?.[0], { direction: 'out', path: { protocol, localAddress: '127.0.0.1', remoteAddress: '127.0.0.1', remotePort: b.port } });
    t.match(received?.[0], { direction: 'in', path: { protocol, localAddress: '127.0.0.1', localPort: b.port, remoteAddress: '127.0.0.1' } });
    if (protocol === 'udp') t.equal(received?.[0]?.path.remotePort, a.port);
    t.equal(received?.[0]?.raw, sent?.[0]?.raw);
    t.notMatch(sent?.[0]?.raw, /0123456789abcdef/, 'no secret stays in memory');
    t.match(sent?.[0]?.raw, /hej$/);
  });
}
