import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { PeerDialog, responseTo, SDP, SipPeer } from '../contract/sip-peer.js';
import { ServerProcess } from '../support/server-process.js';

/** Lasts until a key is pressed. */
const FLOW = `
trunkline: 1
id: hello
language: en-US
start: hello
fallback: bye
defaults: { silence_ms: 60000 }
nodes:
  hello:
    ask: Hello, this is a call that goes on until you press one.
    kind: digits
    slot: key
    min_digits: 1
    max_digits: 1
    next: bye
  bye:
    end: end
    reason: told
    say: Goodbye.
`;

t.test('SIGTERM: the call in progress goes on to its own end, a new one is told to come again', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-drain-'));
  const server = await ServerProcess.start({ inbound: [{ number: '*', flow: 'hello' }], dialer: { stop_limit_ms: 300_000 } }, { directory, flows: { hello: FLOW } });
  const peer = await SipPeer.udp();
  t.teardown(async () => {
    await server.stop();
    await peer.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const { sip } = server.child.lines.find((line) => Array.isArray(line['sip'])) as { sip: string[] };
  const port = Number(/^udp\/.*:(\d+)$/.exec(sip.find((address) => address.startsWith('udp/')) ?? '')?.[1]);
  const caller = PeerDialog.caller(peer, port);
  caller.send('INVITE', { body: SDP });
  caller.learn(await peer.next(200));
  caller.send('ACK', { sequence: 1 });

  process.kill(server.child.pid, 'SIGTERM');
  // The signal and the next INVITE race to the process; ask until the answer is the one of a draining server.
  let refused;
  for (let attempt = 0; attempt < 1000 && !refused; attempt += 1) {
    const other = PeerDialog.caller(peer, port);
    other.send('OPTIONS');
    const answer = await peer.next((m) => m.status !== undefined && m.status >= 200 && m.header('Call-ID') === other.callId);
    if (answer.status === 503) refused = answer;
  }
  t.equal(refused?.header('Retry-After'), '30');
  const late = PeerDialog.caller(peer, port);
  late.send('INVITE', { body: SDP });
  t.equal((await peer.next((m) => (m.status ?? 0) >= 200 && m.header('Call-ID') === late.callId)).status, 503);
  t.equal(peer.count((m) => m.method === 'BYE'), 0, 'the call in progress is not touched');

  caller.send('INFO', { headers: ['Content-Type: application/dtmf-relay'], body: 'Signal=1\r\nDuration=160\r\n' });
  const bye = await peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  await server.child.end(60_000);
  t.pass('ended with 0');
});
