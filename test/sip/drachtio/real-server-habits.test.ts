/**
 * What a real drachtio-server 0.9.10 does and the embedded one never: the frames are
 * played by hand, so that the adapter is held to it where no real one is at hand.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';

interface Frame {
  readonly id: string;
  readonly verb: string;
  readonly fields: readonly string[];
  readonly message: string;
}

/** A server that answers `authenticate` with the next entry of `addresses`, routes with OK, and leaves the rest to `onFrame`. */
async function scripted(addresses: string[], onFrame: (frame: Frame, send: (payload: string) => void) => void): Promise<{ port: number; send: (payload: string) => void; close: () => Promise<void> }> {
  let last: Socket | undefined;
  const send = (payload: string): void => void last?.write(`${Buffer.byteLength(payload)}#${payload}`);
  const server = createServer((socket) => {
    last = socket;
    let buffer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      buffer += data.toString();
      for (;;) {
        const length = /^(\d+)#/.exec(buffer);
        if (!length || buffer.length < length[0].length + Number(length[1])) return;
        const payload = buffer.slice(length[0].length, length[0].length + Number(length[1]));
        buffer = buffer.slice(length[0].length + Number(length[1]));
        const [head = '', ...rest] = payload.split('\r\n');
        const [id = '', verb = '', ...fields] = head.split('|');
        const bound = verb === 'authenticate' ? (addresses.shift() ?? '') : '';
        if (verb === 'authenticate') send(`s|response|${id}|OK|${bound}|v0.9.10|${bound}`);
        else if (verb === 'route') send(`s|response|${id}|OK`);
        else if (verb === 'ping') send(`s|response|${id}|OK|pong`);
        else onFrame({ id, verb, fields, message: rest.join('\r\n') }, send);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    send,
    close: () => {
      last?.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const signallingAt = (port: number): ReturnType<typeof createDrachtioSignalling> => createDrachtioSignalling({ host: '127.0.0.1', port, secret: 'secret of the test', clock: systemClock, log: silentLogger, userAgent: 'x' });

t.test('a server that has no addresses yet is asked again', async (t) => {
  const server = await scripted(['', 'udp/127.0.0.1:5060'], () => undefined);
  const signalling = signallingAt(server.port);
  await signalling.start();
  t.same(signalling.addresses, ['udp/127.0.0.1:5060']);
  await signalling.close();
  await server.close();
});

t.test('a 503 without a source never left the server', async (t) => {
  const server = await scripted(['udp/127.0.0.1:5060'], ({ id, message }, send) => {
    const sent = `${message.slice(0, message.indexOf('\r\n\r\n'))}\r\nFrom: <sip:x@127.0.0.1>;tag=f\r\nTo: <sip:y@127.0.0.1>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n`;
    send(`s|response|${id}|OK|application|${sent.length}|udp|127.0.0.1|9|10:00:00.0|txn|Msg sent:|\r\n${sent}`);
    const made = 'SIP/2.0 503 DNS Error\r\nFrom: <sip:x@127.0.0.1>;tag=f\r\nTo: <sip:y@127.0.0.1>;tag=t\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n';
    send(`s|sip|network|${made.length}|unknown||0|10:00:00.1|txn||\r\n${made}`);
  });
  const signalling = signallingAt(server.port);
  await signalling.start();
  await t.rejects(signalling.request('OPTIONS', 'sip:y@127.0.0.1'), { code: 'TRK_SIP_TRANSPORT', message: /DNS Error/ });
  await signalling.close();
  await server.close();
});

t.test('a request for a dialog that nobody knows gets 481', async (t) => {
  let answered = (_message: string): void => undefined;
  const answer = new Promise<string>((resolve) => (answered = resolve));
  const server = await scripted(['udp/127.0.0.1:5060'], ({ message }) => answered(message));
  const signalling = signallingAt(server.port);
  await signalling.start();
  const info = 'INFO sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa\r\nFrom: <sip:y@127.0.0.1>;tag=y\r\nTo: <sip:x@127.0.0.1>;tag=gone\r\nCall-ID: c\r\nCSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n';
  server.send(`s|sip|network|${info.length}|udp|127.0.0.1|9|10:00:00.0|txn||127.0.0.1|5060|\r\n${info}`);
  t.match(await answer, /^SIP\/2\.0 481 /);
  await signalling.close();
  await server.close();
});
