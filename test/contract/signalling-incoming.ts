import type { IncomingCall } from '../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, SipPeer, tagOf, token } from './sip-peer.js';
import { ANSWER, nextCall, sequenceOf, type Scenario } from './signalling-scenario.js';

export function incomingScenarios(scenario: Scenario): void {
  scenario('a doubled INVITE is one call', async (t, { signalling, sipPort }, peer) => {
    let calls = 0;
    const coming = new Promise<IncomingCall>((resolve) => {
      signalling.onInvite((call) => {
        calls += 1;
        resolve(call);
      });
    });
    const caller = PeerDialog.caller(peer, sipPort);
    const invite = caller.request('INVITE', { body: SDP });
    peer.send(invite, sipPort);
    peer.send(invite, sipPort);
    const call = await coming;
    await call.reject(486, { reason: 'Busy', headers: { 'X-Why': 'test' } });
    const busy = await peer.next(486);
    t.equal(busy.header('X-Why'), 'test');
    caller.learn(busy);
    t.equal(calls, 1);
    await call.reject(500);
    await t.rejects(call.answer(ANSWER), { code: 'TRK_CONFLICT' });
    t.equal(peer.count((m) => m.status === 500), 0);
  });

  scenario('a caller that gives up gets 200 and 487, and the answer comes too late', async (t, { signalling, sipPort }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    const branch = `z9hG4bK${token()}`;
    caller.send('INVITE', { body: SDP, branch });
    const call = await coming;
    await call.progress();
    await peer.next(180);
    const cancelled = new Promise<void>((resolve) => call.onCancel(resolve));
    caller.send('CANCEL', { sequence: 1, branch });
    t.equal((await peer.next((m) => m.status !== undefined && m.method === 'CANCEL')).status, 200);
    await peer.next(487);
    await cancelled;
    await t.rejects(call.answer(ANSWER), { code: 'TRK_SIP_CANCELLED' });
    await t.rejects(call.progress(), { code: 'TRK_SIP_CANCELLED' });
  });

  scenario('a lost 200 comes again until the ACK, and a late ACK ends that', async (t, { signalling, sipPort }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    caller.send('INVITE', { body: SDP });
    const answering = (await coming).answer(ANSWER);
    const first = await peer.next(200);
    const again = await peer.next(200);
    t.equal(again.raw, first.raw);
    caller.learn(again);
    caller.send('ACK', { sequence: 1 });
    caller.send('ACK', { sequence: 1 });
    const dialog = await answering;
    caller.send('BYE');
    await peer.next((m) => m.method === 'BYE' && m.status === 200);
    t.equal(dialog.ended, true);
  });

  scenario('a CANCEL that crosses our 200 gets 481, and the call ends', async (t, { signalling, sipPort, real }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    const branch = `z9hG4bK${token()}`;
    caller.send('INVITE', { body: SDP, branch });
    const answering = (await coming).answer(ANSWER);
    const failed = real ? undefined : t.rejects(answering, { code: 'TRK_SIP_CANCELLED' });
    const ok = await peer.next(200);
    caller.send('CANCEL', { sequence: 1, branch });
    t.equal((await peer.next((m) => m.status !== undefined && m.method === 'CANCEL')).status, 481);
    if (real) {
      // The real one leaves the call as it is: the caller has to acknowledge the 200 and hang up (RFC 3261 9.1).
      caller.learn(ok);
      caller.send('ACK', { sequence: 1 });
      const dialog = await answering;
      caller.send('BYE');
      await peer.next((m) => m.method === 'BYE' && m.status === 200);
      t.equal(dialog.ended, true);
      return;
    }
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
    await failed;
  });

  scenario('a late offer is ours in the 200, and its answer comes in the ACK', async (t, { signalling, sipPort }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    caller.send('INVITE');
    const call = await coming;
    t.equal(call.sdp, '');
    const answering = call.answer(SDP);
    const ok = await peer.next(200);
    t.equal(ok.body, SDP);
    caller.learn(ok);
    caller.send('ACK', { sequence: 1, body: ANSWER });
    t.equal((await answering).remoteSdp, ANSWER);
  });

  scenario('a reliable 183 is repeated until its PRACK, which resolves the progress', async (t, { signalling, sipPort, real }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    caller.send('INVITE', { body: SDP, headers: ['Supported: 100rel'] });
    const call = await coming;
    const progressing = call.progress({ sdp: ANSWER, reliable: true });
    const first = await peer.next(183);
    t.match(first.header('Require'), /100rel/);
    t.equal(first.body, ANSWER);
    const again = await peer.next(183);
    t.equal(again.header('RSeq'), first.header('RSeq'));
    caller.learn(first);
    // The real one leaves a PRACK that matches nothing without an answer.
    if (!real) {
      caller.send('PRACK', { headers: [`RAck: ${Number(first.header('RSeq')) + 7} 1 INVITE`] });
      t.equal((await peer.next((m) => m.method === 'PRACK' && m.status !== undefined)).status, 481);
    }
    caller.send('PRACK', { headers: [`RAck: ${first.header('RSeq')} 1 INVITE`] });
    t.equal((await peer.next((m) => m.method === 'PRACK' && m.status !== undefined)).status, 200);
    await progressing;
    await call.reject(480);
    await peer.next(480);
  });

  scenario('reliable provisional responses of the far end are acknowledged', async (t, { signalling }, peer) => {
    const progress: unknown[] = [];
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, headers: { Supported: '100rel' }, onProgress: (p) => progress.push(p) });
    const invite = await peer.next('INVITE');
    const ringing = responseTo(invite, 183, { headers: [`Contact: ${peer.contact}`, 'Require: 100rel', 'RSeq: 17'], body: ANSWER });
    invite.reply(ringing);
    const prack = await peer.next('PRACK');
    t.equal(prack.header('RAck'), `17 ${sequenceOf(invite)} INVITE`);
    t.equal(prack.header('CSeq'), `${sequenceOf(invite) + 1} PRACK`);
    prack.reply(responseTo(prack, 200));
    invite.reply(ringing);
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    await placing;
    t.same(progress, [{ status: 183, sdp: ANSWER }], 'the repetition is not told again');
    t.equal(peer.count((m) => m.method === 'PRACK'), 1);
  });

  scenario('early media of two branches: a 200 without SDP means what its own branch said before', async (t, { signalling, real }, peer) => {
    const early: (string | undefined)[] = [];
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, onProgress: ({ sdp }) => early.push(sdp) });
    const invite = await peer.next('INVITE');
    t.match(invite.header('Supported'), /100rel/);
    const bodies = { left: ANSWER, right: SDP.replace('40000', '42000') };
    // The real one takes a second branch for the first again, and sends no PRACK for it.
    const branches = real ? (['left'] as const) : (['left', 'right'] as const);
    for (const tag of branches) {
      invite.reply(responseTo(invite, 183, { tag, headers: [`Contact: ${peer.contact}`, 'Require: 100rel', 'RSeq: 5'], body: bodies[tag] }));
      const prack = await peer.next('PRACK');
      prack.reply(responseTo(prack, 200));
    }
    invite.reply(responseTo(invite, 200, { tag: 'left', headers: [`Contact: ${peer.contact}`] }));
    const dialog = await placing;
    const ack = await peer.next('ACK');
    t.equal(tagOf(ack.header('To')), 'left');
    t.same(early, branches.map((tag) => bodies[tag]), 'each branch was heard');
    t.equal(dialog.remoteSdp, bodies.left);
    t.equal(dialog.remoteTag, 'left');
  });

  scenario('an UPDATE before the answer describes the early media anew', async (t, { signalling, sipPort }, peer) => {
    const early: (string | undefined)[] = [];
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, onProgress: ({ sdp }) => early.push(sdp) });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 183, { headers: [`Contact: ${peer.contact}`, 'Require: 100rel', 'RSeq: 5'], body: ANSWER }));
    const prack = await peer.next('PRACK');
    prack.reply(responseTo(prack, 200));
    const moved = ANSWER.replace('41000', '43000');
    PeerDialog.ofInvite(peer, sipPort, invite).send('UPDATE', { body: moved });
    const ok = await peer.next((m) => m.method === 'UPDATE' && m.status !== undefined);
    t.same([ok.status, ok.body], [200, SDP]);
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`] }));
    t.equal((await placing).remoteSdp, moved);
    t.same(early, [ANSWER, moved]);
  });

  scenario('an INVITE without Contact gets 400, one that nobody takes 503', async (t, { sipPort }, peer) => {
    PeerDialog.caller(peer, sipPort).send('INVITE', { body: SDP, contact: false });
    await peer.next(400);
    PeerDialog.caller(peer, sipPort).send('INVITE', { body: SDP });
    t.equal((await peer.next(503)).method, 'INVITE');
  });

  scenario('a call over TCP is answered on its connection', async (t, { signalling, sipPort }) => {
    const peer = await SipPeer.tcp();
    t.teardown(() => peer.close());
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    const send = await peer.dial(sipPort);
    const tcp = (text: string): string => text.replace('SIP/2.0/UDP', 'SIP/2.0/TCP');
    send(tcp(caller.request('INVITE', { body: SDP })));
    const call = await coming;
    t.equal(call.source.protocol, 'tcp');
    const answering = call.answer(ANSWER);
    const ok = await peer.next(200);
    t.match(ok.header('Contact'), /;transport=tcp/);
    caller.learn(ok);
    send(tcp(caller.request('ACK', { sequence: 1 })));
    const dialog = await answering;
    const hanging = dialog.hangup();
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
    await hanging;
  });
}
