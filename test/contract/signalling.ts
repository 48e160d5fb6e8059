/**
 * What every implementation of the signalling port does, shown against ends that
 * are scripted byte by byte. Times are real here; what needs a clock moved by hand
 * stands in test/sip.
 */
import t from 'tap';
import { PeerDialog, responseTo, SDP, SipPeer, tagOf, token } from './sip-peer.js';
import { inDialogScenarios, replacesScenarios, requestScenarios } from './signalling-in-dialog.js';
import { incomingScenarios } from './signalling-incoming.js';
import { digestScenarios, outgoingRefusals, tcpScenarios } from './signalling-outgoing.js';
import { ANSWER, nextCall, type ContractEnd, type Scenario } from './signalling-scenario.js';

export function signallingContract(name: string, makeEnd: () => Promise<ContractEnd>): void {
  const scenario: Scenario = (title, run) => {
    void t.test(`${name}: ${title}`, async (t) => {
      const end = await makeEnd();
      const peer = await SipPeer.udp();
      t.teardown(async () => {
        peer.answerByes();
        await end.close();
        await peer.close();
      });
      await run(t, end, peer);
    });
  };

  scenario('an outgoing call is answered, and the far end hangs up', async (t, { signalling, sipPort }, peer) => {
    const progress: number[] = [];
    const placing = signalling.place({ to: peer.uri, from: '1000', displayName: 'Trunk "line"', sdp: SDP, callId: 'out-1@test', onProgress: ({ status }) => progress.push(status) });
    const invite = await peer.next('INVITE');
    t.equal(invite.header('Call-ID'), 'out-1@test');
    t.equal(invite.body, SDP);
    t.match(invite.header('From'), /^"Trunk \\"line\\"" <sip:1000@127\.0\.0\.1:\d+>;tag=/);
    t.match(invite.header('Content-Type'), /application\/sdp/);
    t.equal(invite.header('Max-Forwards'), '70');
    invite.reply(responseTo(invite, 180, { headers: [`Contact: ${peer.contact}`] }));
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    const dialog = await placing;
    const ack = await peer.next('ACK');
    t.equal(ack.uri, `sip:peer@127.0.0.1:${peer.port}`, 'the ACK goes to the remote target');
    t.equal(ack.header('CSeq').split(' ')[0], invite.header('CSeq').split(' ')[0]);
    t.equal(tagOf(ack.header('To')), 'peer');
    t.same(progress, [180]);
    t.equal(dialog.callId, 'out-1@test');
    t.equal(dialog.remoteSdp, ANSWER);
    t.equal(dialog.localSdp, SDP);
    const end = new Promise((resolve) => dialog.onEnd(resolve));
    PeerDialog.ofInvite(peer, sipPort, invite).send('BYE');
    t.equal((await peer.next((m) => m.status !== undefined && m.method === 'BYE')).status, 200);
    t.match(await end, { by: 'remote' });
    t.equal(dialog.ended, true);
  });

  scenario('an outgoing call is answered, and we hang up', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: 'sip:bot@example.com', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    t.match(invite.header('From'), /^<sip:bot@example\.com>;tag=/);
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    const dialog = await placing;
    await peer.next('ACK');
    const hanging = dialog.hangup({ Reason: 'Q.850;cause=16' });
    const bye = await peer.next('BYE');
    t.match(bye.header('Reason'), /cause=16/);
    t.ok(Number(bye.header('CSeq').split(' ')[0]) > Number(invite.header('CSeq').split(' ')[0]));
    bye.reply(responseTo(bye, 200));
    await hanging;
    t.equal(dialog.ended, true);
    dialog.onEnd((end) => t.equal(end.by, 'local'));
    await t.rejects(dialog.request('INFO'), { code: 'TRK_SIP_DIALOG_GONE' });
  });

  scenario('an incoming call is answered, and the caller hangs up', async (t, { signalling, sipPort }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    caller.send('INVITE', { body: SDP });
    t.equal((await peer.next(100)).method, 'INVITE');
    const call = await coming;
    t.equal(call.from, 'caller');
    t.equal(call.to, 'callee');
    t.equal(call.sdp, SDP);
    t.match(call.source, { address: '127.0.0.1', port: peer.port, protocol: 'udp' });
    await call.progress();
    const ringing = await peer.next(180);
    const answering = call.answer(ANSWER);
    const ok = await peer.next(200);
    t.equal(tagOf(ok.header('To')), tagOf(ringing.header('To')), 'one To tag in all answers');
    t.equal(ok.body, ANSWER);
    caller.learn(ok);
    caller.send('ACK', { sequence: 1 });
    const dialog = await answering;
    t.equal(dialog.remoteSdp, SDP);
    t.equal(dialog.localSdp, ANSWER);
    const end = new Promise((resolve) => dialog.onEnd(resolve));
    caller.send('BYE', { headers: ['Reason: Q.850;cause=16'] });
    t.equal((await peer.next((m) => m.status !== undefined && m.method === 'BYE')).status, 200);
    t.match(await end, { by: 'remote', reason: 'Q.850;cause=16' });
  });

  scenario('an incoming call is answered, and we hang up', async (t, { signalling, sipPort }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    caller.send('INVITE', { body: SDP });
    const answering = (await coming).answer(ANSWER);
    caller.learn(await peer.next(200));
    caller.send('ACK', { sequence: 1 });
    const dialog = await answering;
    const hanging = dialog.hangup();
    const bye = await peer.next('BYE');
    t.equal(bye.header('To'), caller.local);
    bye.reply(responseTo(bye, 200));
    await hanging;
    dialog.onEnd((end) => t.equal(end.by, 'local'));
  });

  outgoingRefusals(scenario);
  digestScenarios(scenario);
  incomingScenarios(scenario);
  tcpScenarios(scenario);
  inDialogScenarios(scenario);
  replacesScenarios(scenario);
  requestScenarios(scenario);
}
