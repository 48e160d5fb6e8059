/** An embedded server on a clock moved by hand, an application that speaks frames, and a scripted far end. */
import type { Test } from 'tap';
import { silentLogger } from '../../../../src/kernel/log.js';
import { systemRandom } from '../../../../src/kernel/random.js';
import { startEmbeddedSipServer, type EmbeddedSipServer, type EmbeddedSipServerOptions } from '../../../../src/sip/embedded/server.js';
import { PeerDialog, responseTo, SDP, SipPeer } from '../../../contract/sip-peer.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { RawApplication, type Received } from '../raw-application.js';

const secret = 'secret of the test';

export interface Stage {
  server: EmbeddedSipServer;
  clock: ManualClock;
  application: RawApplication;
  peer: SipPeer;
  port: number;
  secret: string;
  metrics(): { dialogs: number; ackTimeouts: number; unansweredByApplication: number };
}

/** `tag`: what the application calls itself. */
export async function stage(t: Test, options: Partial<EmbeddedSipServerOptions> = {}, tag = ''): Promise<Stage> {
  const clock = new ManualClock();
  const server = await startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 100, clock, random: systemRandom, log: silentLogger, secret, ...options });
  const application = await RawApplication.connect(server.adminPort, secret, ['invite', 'message'], tag);
  const peer = await SipPeer.udp();
  t.teardown(async () => {
    application.close();
    const closing = server.close();
    await clock.run(1_000);
    await closing;
    await peer.close();
  });
  return { server, clock, application, peer, secret, port: server.listeners[0]?.port ?? 0, metrics: () => server.metrics() };
}

/** An OPTIONS there and back shows that everything sent before it has arrived. */
export async function flush({ application, peer }: Stage): Promise<void> {
  application.send('sip||', `OPTIONS ${peer.uri} SIP/2.0\r\n\r\n`);
  const options = await peer.next('OPTIONS');
  options.reply(responseTo(options, 200));
  await application.ask('ping');
}

export async function answer(stage: Stage): Promise<{ caller: PeerDialog; invite: Received; sent: Received }> {
  const { application, peer, port } = stage;
  const caller = PeerDialog.caller(peer, port);
  caller.send('INVITE', { body: SDP });
  const invite = await application.sip('INVITE');
  const sent = await application.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  return { caller, invite, sent };
}

/** Until the server has seen that the application's socket is closed: requests, in `caller`'s dialog or outside, have nobody. */
export async function untilAway({ peer, port }: Stage, caller?: PeerDialog): Promise<void> {
  const prober = caller ?? PeerDialog.caller(peer, port);
  const method = caller ? 'INFO' : 'MESSAGE';
  for (;;) {
    prober.send(method, { headers: ['Content-Type: text/plain'], body: 'x' });
    const { status = 0 } = await peer.next((m) => m.method === method && m.status !== undefined);
    if (status >= 500) return;
  }
}
