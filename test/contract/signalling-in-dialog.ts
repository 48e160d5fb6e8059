import { systemClock } from '../../src/kernel/clock.js';
import { PeerDialog, responseTo, SDP, tagOf } from './sip-peer.js';
import { ANSWER, answered, nextCall, placed, sequenceOf, type Scenario } from './signalling-scenario.js';

export function inDialogScenarios(scenario: Scenario): void {
  scenario('a re-INVITE of ours changes the session', async (t, end, peer) => {
    const { dialog, invite: first } = await placed(end, peer);
    const HELD = SDP.replace('sendrecv', 'sendonly');
    const changing = dialog.modify(HELD);
    const invite = await peer.next('INVITE');
    t.equal(invite.body, HELD);
    t.equal(sequenceOf(invite), sequenceOf(first) + 1);
    t.match(invite.header('Contact'), /^<sip:/);
    t.equal(invite.uri, `sip:peer@127.0.0.1:${peer.port}`);
    invite.reply(responseTo(invite, 200, { headers: [`Contact: <sip:moved@127.0.0.1:${peer.port}>`], body: ANSWER }));
    t.equal(await changing, ANSWER);
    const ack = await peer.next((m) => m.method === 'ACK' && sequenceOf(m) === sequenceOf(invite));
    // The real one stays with the target that the call began with.
    if (!end.real) t.equal(ack.uri, `sip:moved@127.0.0.1:${peer.port}`, 'the answer moved the target');
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
    // The real one does not look at the order of the numbers.
    if (end.real) return;
    far.send('INFO', { sequence: 1 });
    await peer.next(500);
  });

  scenario('a re-INVITE that got 491 goes out again after 2.1 to 4 s', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    const changing = dialog.modify(SDP);
    const first = await peer.next('INVITE');
    first.reply(responseTo(first, 491));
    const refusedAt = systemClock.monotonic();
    const second = await peer.next((m) => m.status === undefined && m.method === 'INVITE' && m.header('CSeq') !== first.header('CSeq'));
    const waited = systemClock.monotonic() - refusedAt;
    // RFC 3261 14.1; the far end's clock began a moment before ours.
    t.ok(waited > 2_050 && waited < 4_500, `waited ${Math.round(waited)} ms`);
    second.reply(responseTo(second, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    t.equal(await changing, ANSWER);
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

  scenario('dialogs that do not exist get 481', async (t, { sipPort, real }, peer) => {
    // The real one aborts on a PRACK without a dialog, with all its calls.
    for (const method of ['BYE', 'INFO', 'INVITE', 'UPDATE', 'OPTIONS', ...(real ? [] : ['PRACK'])]) {
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

/** RFC 3891. */
export function replacesScenarios(scenario: Scenario): void {
  scenario('an INVITE with Replaces names a dialog of ours, or is refused', async (t, end, peer) => {
    const { dialog, far } = await placed(end, peer);
    t.equal(dialog.localTag, tagOf(far.remote));
    t.equal(dialog.remoteTag, tagOf(far.local));
    const status = async (replaces: readonly string[]): Promise<number | undefined> => {
      const stranger = PeerDialog.caller(peer, end.sipPort);
      stranger.send('INVITE', { body: SDP, headers: replaces.map((value) => `Replaces: ${value}`) });
      const final = await peer.next((m) => m.method === 'INVITE' && (m.status ?? 0) >= 200 && m.header('Call-ID') === stranger.callId);
      stranger.send('ACK', { sequence: 1, branch: /branch=([^;]+)/.exec(final.header('Via'))?.[1] ?? '' });
      return final.status;
    };
    end.signalling.onInvite((call) => void call.reject(600));
    const right = `${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`;
    t.equal(await status([`${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`]), 481, 'the tags are those of the other end');
    t.equal(await status([`nobody;to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`]), 481);
    t.equal(await status([`${right};early-only`]), 486, 'it was answered');
    t.equal(await status([`${dialog.callId};to-tag=x`]), 400);
    t.equal(await status([right, right]), 400);
    const coming = nextCall(end.signalling);
    const caller = PeerDialog.caller(peer, end.sipPort);
    caller.send('INVITE', { body: SDP, headers: [`Replaces: ${right}`] });
    const call = await coming;
    t.equal(call.replaces, dialog);
    const answering = call.answer(ANSWER);
    const ok = await peer.next((m) => m.status === 200 && m.header('Call-ID') === caller.callId);
    t.match(ok.header('Supported'), /replaces/);
    caller.learn(ok);
    caller.send('ACK', { sequence: 1 });
    await answering;
    const ending = dialog.hangup();
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
    await ending;
    t.equal(await status([right]), 481, 'a dialog that is over is none');
  });
}

export function requestScenarios(scenario: Scenario): void {
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
