import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { PeerDialog, responseTo, SDP, SipPeer } from '../contract/sip-peer.js';
import { ServerProcess } from '../support/server-process.js';

const FLOW = 'trunkline: 1\nid: hello\nlanguage: en-US\nstart: hello\nfallback: hello\nnodes:\n  hello: { end: end, reason: told, say: "Hello, this is a call that goes on to its end." }\n';

t.test('SIGTERM: the call in progress goes on to its own end, a new one is told to come again', { timeout: 90_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-drain-'));
  const server = await ServerProcess.start({ inbound: [{ number: '*', flow: 'hello' }], dialer: { stop_limit_ms: 15_000 } }, { directory, flows: { hello: FLOW } });
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

  const bye = await peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  await server.child.end(20_000);
  t.pass('ended with 0');
});
