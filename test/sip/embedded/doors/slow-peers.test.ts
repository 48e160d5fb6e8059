import { once } from 'node:events';
import t from 'tap';
import type { Test } from 'tap';
import { networkList } from '../../../../src/config/doors-schema.js';
import { silentLogger } from '../../../../src/kernel/log.js';
import { Doors } from '../../../../src/sip/embedded/doors/doors.js';
import { SipTransport } from '../../../../src/sip/embedded/transport/sip-transport.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { dial, requestText } from './house.js';

const STRANGER = '127.0.0.2';
const MONITOR = '127.0.0.7';

async function transportOf(t: Test, limits: { connections?: number } = {}) {
  const clock = new ManualClock();
  const allow = networkList([MONITOR]);
  if (typeof allow === 'number') throw new Error('no list');
  const doors = new Doors({ clock, log: silentLogger, policy: 'accept', settings: { requestsPerSecond: 0, burst: 1, totalPerSecond: 0, banAfter: 0, banMs: 1_000, maxSources: 100, connectionsPerSource: 10, allow } });
  const transport = new SipTransport({ address: '127.0.0.1', port: 0, clock, log: silentLogger, doors, tcp: limits });
  let heard = (): void => undefined;
  transport.onMessage(() => heard());
  await transport.start();
  t.teardown(() => transport.close());
  const port = transport.listeners[0]!.port;
  /** Accepted by the server, too: it has answered a ping. */
  const connect = async (address: string) => {
    const connection = await dial(port, address);
    connection.socket.write('\r\n\r\n');
    await once(connection.socket, 'data');
    return connection;
  };
  return { clock, transport, port, connect, nextMessage: () => new Promise<void>((resolve) => (heard = resolve)) };
}

t.test('a stranger that says nothing, or pings only, is cut off after 10 s', async (t) => {
  const { clock, connect } = await transportOf(t);
  const silent = await connect(STRANGER);
  clock.advance(9_999);
  silent.socket.write('\r\n\r\n');
  await once(silent.socket, 'data');
  t.equal(silent.socket.destroyed, false);
  clock.advance(1);
  await silent.closed;
});

t.test('a stranger that sends its first message byte by byte is cut off within 10 s', async (t) => {
  const { clock, connect, transport } = await transportOf(t);
  const slow = await connect(STRANGER);
  const request = requestText('OPTIONS', STRANGER, 5060, { transport: 'TCP' });
  let sent = 0;
  let ended = false;
  void slow.closed.then(() => (ended = true));
  while (!ended && sent < 40) {
    slow.socket.write(request[sent]!);
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(400);
  }
  await slow.closed;
  // Sooner where the server, on a busy machine, has read nothing for 5 s of this clock.
  t.ok(sent <= 26, `after ${sent * 400} ms`);
  t.equal(transport.listeners.length, 2, 'the server goes on');
});

t.test('who has said something stays, and so does who is known', async (t) => {
  const { clock, connect, nextMessage } = await transportOf(t);
  const talker = await connect(STRANGER);
  const monitor = await connect(MONITOR);
  const heard = nextMessage();
  talker.socket.write(requestText('OPTIONS', STRANGER, 5060, { transport: 'TCP' }));
  await heard;
  clock.advance(60_000);
  for (const { socket } of [talker, monitor]) {
    socket.write('\r\n\r\n');
    await once(socket, 'data');
    t.equal(socket.destroyed, false);
    socket.destroy();
  }
});

t.test('strangers may hold half of the connections; the rest is for those that we know', async (t) => {
  const { connect, port } = await transportOf(t, { connections: 8 });
  const strangers = [];
  for (let index = 0; index < 4; index += 1) strangers.push(await connect(STRANGER));
  await (await dial(port, '127.0.0.3')).closed;
  const monitor = await connect(MONITOR);
  t.equal(monitor.socket.destroyed, false);
  for (const { socket } of [...strangers, monitor]) socket.destroy();
});
