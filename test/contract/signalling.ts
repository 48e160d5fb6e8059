/**
 * What every implementation of the signalling port does, shown against ends that
 * are scripted byte by byte. Times are real here; what needs a clock moved by hand
 * stands in test/sip.
 */
import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import type { Dialog, IncomingCall, Signalling } from '../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, SipPeer, tagOf, token, type PeerMessage } from './sip-peer.js';

export interface ContractEnd {
  readonly signalling: Signalling;
  /** SIP port of the server on 127.0.0.1. */
  readonly sipPort: number;
  close(): Promise<void>;
}

export const ANSWER = SDP.replace('40000', '41000');

function nextCall(signalling: Signalling): Promise<IncomingCall> {
  return new Promise((resolve) => signalling.onInvite(resolve));
}

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
  requestScenarios(scenario);
}

type Scenario = (title: string, run: (t: Test, end: ContractEnd, peer: SipPeer) => Promise<void>) => void;

async function placed(end: ContractEnd, peer: SipPeer): Promise<{ dialog: Dialog; far: PeerDialog; invite: PeerMessage }> {
  const placing = end.signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
  const invite = await peer.next('INVITE');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
  const dialog = await placing;
  await peer.next('ACK');
  return { dialog, invite, far: PeerDialog.ofInvite(peer, end.sipPort, invite) };
}

async function answered(end: ContractEnd, peer: SipPeer): Promise<{ dialog: Dialog; far: PeerDialog }> {
  const coming = nextCall(end.signalling);
  const far = PeerDialog.caller(peer, end.sipPort);
  far.send('INVITE', { body: SDP });
  const answering = (await coming).answer(ANSWER);
  far.learn(await peer.next(200));
  far.send('ACK', { sequence: 1 });
  return { dialog: await answering, far };
}

function outgoingRefusals(scenario: Scenario): void {
  scenario('486 rejects with the far end\'s status, and the server sends the ACK', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 486));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED', cause: { status: 486 } });
    const ack = await peer.next('ACK');
    t.equal(ack.header('Via').split(';rport')[0], invite.header('Via').split(';rport')[0], 'the ACK to a failure has the branch of its INVITE');
  });

  scenario('aborting after 180 sends CANCEL, and 487 ends the call', async (t, { signalling }, peer) => {
    const abort = new AbortController();
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, signal: abort.signal, onProgress: () => abort.abort() });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 180));
    const cancel = await peer.next('CANCEL');
    t.equal(cancel.header('Via').split(';')[1], invite.header('Via').split(';')[1]);
    t.match(cancel.header('Reason'), /cancelled/);
    cancel.reply(responseTo(cancel, 200));
    invite.reply(responseTo(invite, 487));
    await t.rejects(placing, { code: 'TRK_SIP_CANCELLED', cause: { status: 487 } });
    await peer.next('ACK');
  });

  scenario('aborting before any answer holds the CANCEL until a provisional one', async (t, { signalling }, peer) => {
    const abort = new AbortController();
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, signal: abort.signal });
    const invite = await peer.next('INVITE');
    abort.abort();
    // An OPTIONS that goes out and comes back after the abort shows that no CANCEL went first.
    const asking = signalling.request('OPTIONS', peer.uri);
    const options = await peer.next('OPTIONS');
    options.reply(responseTo(options, 200));
    await asking;
    t.equal(peer.count((m) => m.method === 'CANCEL'), 0);
    invite.reply(responseTo(invite, 100));
    const cancel = await peer.next('CANCEL');
    cancel.reply(responseTo(cancel, 200));
    invite.reply(responseTo(invite, 487));
    await t.rejects(placing, { code: 'TRK_SIP_CANCELLED' });
  });

  scenario('a 200 that crosses the CANCEL is acknowledged and hung up', async (t, { signalling }, peer) => {
    const abort = new AbortController();
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, signal: abort.signal, onProgress: () => abort.abort() });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 180));
    const cancel = await peer.next('CANCEL');
    cancel.reply(responseTo(cancel, 200));
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    await t.rejects(placing, { code: 'TRK_SIP_CANCELLED' });
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
  });

  scenario('ringing too long is cancelled by us', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, ringTimeoutMs: 150 });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 180));
    const cancel = await peer.next('CANCEL');
    cancel.reply(responseTo(cancel, 200));
    invite.reply(responseTo(invite, 487));
    await t.rejects(placing, { code: 'TRK_SIP_TIMEOUT', cause: { status: 487 } });
  });

  scenario('what is no SIP URI is refused before anything is sent', async (t, { signalling }, peer) => {
    for (const to of ['', 'alice', 'sip:', 'sip:a b@c', 'sip:a@b\r\nX: y', 'tel:+123', 'sip:a@b:99999', 'sip:a@b?x=y', 'http://a']) {
      await t.rejects(signalling.place({ to, from: '1000', sdp: SDP, callId: `${token()}@test` }), { code: 'TRK_SIP_URI' }, JSON.stringify(to));
    }
    await t.rejects(signalling.place({ to: peer.uri, from: 'a\r\nb', sdp: SDP, callId: 'x' }), { code: 'TRK_SIP_URI' });
    await t.rejects(signalling.place({ to: peer.uri, from: '1', sdp: SDP, callId: 'a|b' }), { code: 'TRK_INVALID_REQUEST' });
    await t.rejects(signalling.place({ to: peer.uri, from: '1', sdp: SDP, callId: 'x', headers: { 'X-A': 'b\r\nEvil: 1' } }), { code: 'TRK_INVALID_REQUEST' });
    t.equal(peer.received.length, 0);
  });

  scenario('a 200 without Contact fails the call and is hung up', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 200, { body: ANSWER }));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED' });
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
  });

  scenario('a second 200 with another tag gets ACK and BYE, the call stands', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    const ok = (tag: string): string => responseTo(invite, 200, { tag, headers: [`Contact: ${peer.contact}`], body: ANSWER });
    invite.reply(ok('first'));
    const dialog = await placing;
    await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'first');
    invite.reply(ok('second'));
    await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'second');
    const bye = await peer.next('BYE');
    t.equal(tagOf(bye.header('To')), 'second');
    bye.reply(responseTo(bye, 200));
    invite.reply(ok('first'));
    await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'first');
    t.equal(dialog.ended, false);
  });
}

function digestScenarios(scenario: Scenario): void {
  const challenge = 'WWW-Authenticate: Digest realm="peer", nonce="abc", qop="auth", algorithm=MD5';

  scenario('a 401 is answered with credentials, same Call-ID and tag, next CSeq', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, auth: { username: 'u', password: 'p' } });
    const first = await peer.next('INVITE');
    first.reply(responseTo(first, 100));
    first.reply(responseTo(first, 401, { headers: [challenge] }));
    const second = await peer.next((m) => m.method === 'INVITE' && m.header('Authorization') !== '');
    t.equal(second.header('Call-ID'), first.header('Call-ID'));
    t.equal(tagOf(second.header('From')), tagOf(first.header('From')));
    t.equal(second.header('CSeq'), '2 INVITE');
    const given = Object.fromEntries([...second.header('Authorization').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, key, value]) => [key, value]));
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    t.equal(given['response'], md5(`${md5('u:peer:p')}:abc:${given['nc']}:${given['cnonce']}:auth:${md5(`INVITE:${given['uri']}`)}`));
    second.reply(responseTo(second, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    t.equal((await placing).remoteSdp, ANSWER);
    t.equal((await peer.next((m) => m.method === 'ACK' && m.header('CSeq') === '2 ACK')).status, undefined);
  });

  scenario('a wrong password is tried once and not for ever', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, auth: { username: 'u', password: 'wrong' } });
    for (let i = 0; i < 2; i += 1) {
      const invite = await peer.next('INVITE');
      invite.reply(responseTo(invite, 100));
      invite.reply(responseTo(invite, 401, { headers: [challenge] }));
    }
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED', cause: { status: 401 } });
    const asking = signalling.request('OPTIONS', peer.uri);
    const options = await peer.next('OPTIONS');
    options.reply(responseTo(options, 200));
    await asking;
    t.equal(new Set(peer.received.filter((m) => m.method === 'INVITE').map((m) => m.header('CSeq'))).size, 2);
  });
}

function incomingScenarios(scenario: Scenario): void {
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

  scenario('a CANCEL that crosses our 200 gets 481, and the call ends', async (t, { signalling, sipPort }, peer) => {
    const coming = nextCall(signalling);
    const caller = PeerDialog.caller(peer, sipPort);
    const branch = `z9hG4bK${token()}`;
    caller.send('INVITE', { body: SDP, branch });
    const answering = (await coming).answer(ANSWER);
    const failed = t.rejects(answering, { code: 'TRK_SIP_CANCELLED' });
    await peer.next(200);
    caller.send('CANCEL', { sequence: 1, branch });
    t.equal((await peer.next((m) => m.status !== undefined && m.method === 'CANCEL')).status, 481);
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

  scenario('a reliable 183 is repeated until its PRACK, which resolves the progress', async (t, { signalling, sipPort }, peer) => {
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
    caller.send('PRACK', { headers: [`RAck: ${Number(first.header('RSeq')) + 7} 1 INVITE`] });
    t.equal((await peer.next((m) => m.method === 'PRACK' && m.status !== undefined)).status, 481);
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
    t.match(prack.header('RAck'), /^17 1 INVITE$/);
    t.equal(prack.header('CSeq'), '2 PRACK');
    prack.reply(responseTo(prack, 200));
    invite.reply(ringing);
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    await placing;
    t.same(progress, [{ status: 183, sdp: ANSWER }], 'the repetition is not told again');
    t.equal(peer.count((m) => m.method === 'PRACK'), 1);
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

function tcpScenarios(scenario: Scenario): void {
  scenario('a call of ours goes over TCP where the URI says so', async (t, { signalling }) => {
    const peer = await SipPeer.tcp();
    t.teardown(() => peer.close());
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    t.match(invite.header('Via'), /^SIP\/2\.0\/TCP /);
    t.match(invite.header('Contact'), /;transport=tcp>/);
    t.notMatch(invite.header('To'), /transport/, 'RFC 3261 19.1.1: no transport in To');
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    const dialog = await placing;
    await peer.next('ACK');
    const hanging = dialog.hangup();
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
    await hanging;
  });

  scenario('a port that refuses the connection is a transport failure', async (t, { signalling }) => {
    const peer = await SipPeer.tcp();
    const { uri } = peer;
    await peer.close();
    await t.rejects(signalling.place({ to: uri, from: '1000', sdp: SDP, callId: `${token()}@test` }), { code: 'TRK_SIP_TRANSPORT', cause: { status: 503 } });
    await t.rejects(signalling.request('OPTIONS', uri), { code: 'TRK_SIP_TRANSPORT' });
  });

  scenario('the next hop, not the URI, says where an INVITE goes', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: 'sip:555@example.invalid', from: '1000', sdp: SDP, callId: `${token()}@test`, nextHop: `sip:127.0.0.1:${peer.port}` });
    const invite = await peer.next('INVITE');
    t.equal(invite.uri, 'sip:555@example.invalid');
    invite.reply(responseTo(invite, 404));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED', cause: { status: 404 } });
  });
}

function inDialogScenarios(scenario: Scenario): void {
  scenario('a re-INVITE of ours changes the session', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    const HELD = SDP.replace('sendrecv', 'sendonly');
    const changing = dialog.modify(HELD);
    const invite = await peer.next('INVITE');
    t.equal(invite.body, HELD);
    t.equal(invite.header('CSeq'), '2 INVITE');
    t.match(invite.header('Contact'), /^<sip:/);
    t.equal(invite.uri, `sip:peer@127.0.0.1:${peer.port}`);
    invite.reply(responseTo(invite, 200, { headers: [`Contact: <sip:moved@127.0.0.1:${peer.port}>`], body: ANSWER }));
    t.equal(await changing, ANSWER);
    const ack = await peer.next((m) => m.method === 'ACK' && m.header('CSeq') === '2 ACK');
    t.equal(ack.uri, `sip:moved@127.0.0.1:${peer.port}`, 'the answer moved the target');
    t.equal(dialog.localSdp, HELD);
    const refusing = dialog.modify(SDP);
    const second = await peer.next('INVITE');
    second.reply(responseTo(second, 488));
    await t.rejects(refusing, { code: 'TRK_SIP_REJECTED' });
    const third = dialog.modify(SDP);
    const again = await peer.next('INVITE');
    again.reply(responseTo(again, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    t.equal(await third, ANSWER, 'a refusal does not block the next one');
  });

  scenario('a re-INVITE of theirs is answered by the handler', async (t, end, peer) => {
    const { dialog, far } = await answered(end, peer);
    const HELD = SDP.replace('sendrecv', 'sendonly');
    const ANSWERED = ANSWER.replace('sendrecv', 'recvonly');
    dialog.onModify((offer) => {
      t.equal(offer, HELD);
      return ANSWERED;
    });
    far.send('INVITE', { body: HELD });
    const ok = await peer.next((m) => m.status === 200 && m.header('CSeq') === '2 INVITE');
    t.equal(ok.body, ANSWERED);
    t.match(ok.header('Contact'), /^<sip:/);
    far.send('ACK', { sequence: 2 });
    t.equal(dialog.remoteSdp, HELD);
    t.equal(dialog.localSdp, ANSWERED);
    dialog.onModify(() => {
      throw new Error('no');
    });
    far.send('INVITE', { body: SDP });
    await peer.next(488);
    t.equal(dialog.remoteSdp, HELD);
    far.send('ACK', { sequence: 3 });
    far.send('UPDATE');
    t.equal((await peer.next((m) => m.method === 'UPDATE' && m.status !== undefined)).status, 200);
  });

  scenario('re-INVITEs that cross get 491, and old numbers 500', async (t, end, peer) => {
    const { dialog, far } = await placed(end, peer);
    const changing = dialog.modify(SDP);
    const ours = await peer.next('INVITE');
    far.send('INVITE', { body: ANSWER });
    const glare = await peer.next(491);
    far.send('ACK', { sequence: 1, branch: /branch=([^;]+)/.exec(glare.header('Via'))?.[1] ?? '' });
    ours.reply(responseTo(ours, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    await changing;
    far.send('INFO', { sequence: 1 });
    await peer.next(500);
  });

  scenario('INFO, REFER and MESSAGE reach the handler, or their defaults', async (t, end, peer) => {
    const { dialog, far } = await answered(end, peer);
    const status = async (method: string, headers: string[] = [], body = ''): Promise<number | undefined> => {
      far.send(method, { headers, body });
      return (await peer.next((m) => m.method === method && m.status !== undefined)).status;
    };
    t.equal(await status('INFO'), 200);
    t.equal(await status('REFER', ['Refer-To: <sip:x@y>']), 501);
    t.equal(await status('OPTIONS'), 200);
    const seen: string[] = [];
    dialog.onRequest((request) => {
      seen.push(`${request.method} ${request.headers['Refer-To'] ?? ''} ${request.contentType ?? ''} ${request.body}`);
      return { status: 202, headers: { 'X-Seen': 'yes' } };
    });
    t.equal(await status('REFER', ['Refer-To: <sip:x@y>']), 202);
    t.equal(await status('INFO', ['Content-Type: application/dtmf-relay'], 'Signal=5'), 202);
    t.same(seen, ['REFER <sip:x@y>  ', 'INFO  application/dtmf-relay Signal=5']);
  });

  scenario('requests of ours in a dialog resolve with whatever status', async (t, end, peer) => {
    const { dialog } = await answered(end, peer);
    const asking = dialog.request('INFO', { headers: { 'Content-Type': 'application/dtmf-relay' }, body: 'Signal=5' });
    const info = await peer.next('INFO');
    t.equal(info.body, 'Signal=5');
    t.match(info.header('User-Agent'), /^trunkline/);
    info.reply(responseTo(info, 415, { headers: ['Accept: application/sdp'] }));
    t.match(await asking, { status: 415, headers: { Accept: 'application/sdp' } });
    const referring = dialog.request('REFER', { headers: { 'Refer-To': '<sip:x@y>' } });
    const refer = await peer.next('REFER');
    t.match(refer.header('Contact'), /^<sip:/);
    refer.reply(responseTo(refer, 202));
    t.equal((await referring).status, 202);
  });

  scenario('481 to a request ends the dialog', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    const ended = new Promise((resolve) => dialog.onEnd(resolve));
    const asking = dialog.request('INFO');
    const info = await peer.next('INFO');
    info.reply(responseTo(info, 481));
    await t.rejects(asking, { code: 'TRK_SIP_DIALOG_GONE' });
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 481));
    t.match(await ended, { by: 'system' });
  });

  scenario('both ends hang up at once', async (t, end, peer) => {
    const { dialog, far } = await placed(end, peer);
    const hanging = dialog.hangup();
    const bye = await peer.next('BYE');
    far.send('BYE');
    t.equal((await peer.next((m) => m.status !== undefined && m.method === 'BYE')).status, 200);
    bye.reply(responseTo(bye, 481));
    await hanging;
    t.equal(dialog.ended, true);
  });

  scenario('dialogs that do not exist get 481', async (t, { sipPort }, peer) => {
    for (const method of ['BYE', 'INFO', 'INVITE', 'UPDATE', 'OPTIONS', 'PRACK']) {
      const stranger = PeerDialog.caller(peer, sipPort);
      stranger.remote += ';tag=never';
      stranger.send(method, { body: method === 'INVITE' ? SDP : '' });
      t.equal((await peer.next((m) => m.method === method && m.status !== undefined && m.status >= 200)).status, 481, method);
    }
  });

  scenario('closing hangs up', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    const closing = end.signalling.close();
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
    await closing;
    t.equal(dialog.ended, true);
    t.equal(end.signalling.state, 'closed');
    await t.rejects(end.signalling.place({ to: peer.uri, from: '1', sdp: SDP, callId: 'x' }), { code: 'TRK_SIP_NOT_CONNECTED' });
  });
}

function requestScenarios(scenario: Scenario): void {
  scenario('OPTIONS gets 200 with Allow, MESSAGE 405 until there is a handler', async (t, { signalling, sipPort }, peer) => {
    PeerDialog.caller(peer, sipPort).send('OPTIONS');
    const options = await peer.next(200);
    t.match(options.header('Allow'), /INVITE/);
    t.match(options.header('Accept'), /application\/sdp/);
    PeerDialog.caller(peer, sipPort).send('MESSAGE', { headers: ['Content-Type: text/plain'], body: 'hello é' });
    await peer.next(405);
    signalling.onRequest((request) => ({ status: 202, headers: { 'X-Body': request.body } }));
    PeerDialog.caller(peer, sipPort).send('MESSAGE', { headers: ['Content-Type: text/plain'], body: 'hello é' });
    t.equal((await peer.next(202)).header('X-Body'), 'hello é');
  });

  scenario('REGISTER and MESSAGE of ours', async (t, { signalling }, peer) => {
    const registering = signalling.request('REGISTER', `sip:127.0.0.1:${peer.port}`, { headers: { To: '<sip:u@example.com>', From: '<sip:u@example.com>', Contact: '<sip:u@localhost>' }, auth: { username: 'u', password: 'p' } });
    const first = await peer.next('REGISTER');
    t.match(first.header('Contact'), /^<sip:u@127\.0\.0\.1:\d+>/);
    first.reply(responseTo(first, 401, { headers: ['WWW-Authenticate: Digest realm="", nonce="n"'] }));
    const second = await peer.next((m) => m.method === 'REGISTER' && m.header('Authorization') !== '');
    second.reply(responseTo(second, 200, { headers: ['Expires: 60'] }));
    t.match(await registering, { status: 200, headers: { Expires: '60' } });
    const sending = signalling.request('MESSAGE', peer.uri, { headers: { 'Content-Type': 'text/plain' }, body: 'grüße 😀' });
    const message = await peer.next('MESSAGE');
    t.equal(message.body, 'grüße 😀');
    t.equal(message.header('Content-Length'), String(Buffer.byteLength('grüße 😀')));
    message.reply(responseTo(message, 404));
    t.equal((await sending).status, 404);
  });
}
