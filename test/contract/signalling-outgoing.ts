import { createHash } from 'node:crypto';
import { responseTo, SDP, SipPeer, tagOf, token } from './sip-peer.js';
import { ANSWER, sequenceOf, type Scenario } from './signalling-scenario.js';

export function outgoingRefusals(scenario: Scenario): void {
  scenario('486 rejects with the far end\'s status, and the server sends the ACK', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 486));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED', cause: { status: 486 } });
    const ack = await peer.next('ACK');
    t.equal(ack.header('Via').split(';rport')[0], invite.header('Via').split(';rport')[0], 'the ACK to a failure has the branch of its INVITE');
  });

  scenario('302 is not followed by the adapter: the call ends with its status and its contacts, best first', async (t, { signalling }, peer) => {
    const elsewhere = await SipPeer.udp();
    t.teardown(() => elsewhere.close());
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    const contacts = ['<tel:+4930>', '"Low, lower" <sip:low@127.0.0.1>;q=0.1', `<${elsewhere.uri}>;q=0.7;expires=60`, 'sip:first@127.0.0.1', `<${elsewhere.uri}>`];
    invite.reply(responseTo(invite, 302, { headers: [`Contact: ${contacts.slice(0, 2).join(', ')}`, `Contact: ${contacts.slice(2).join(', ')}`] }));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED', cause: { status: 302, contacts: ['sip:first@127.0.0.1', elsewhere.uri, 'sip:low@127.0.0.1'] } });
    await peer.next('ACK');
    t.equal(elsewhere.received.length, 0);
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

  scenario('a 200 without Contact fails the call and is hung up', async (t, { signalling, real }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 200, { body: ANSWER }));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED' });
    // The real one finds no route for the ACK and stays silent; the far end gives up after 32 s.
    if (real) return;
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 200));
  });

  scenario('a second 200 with another tag gets ACK and BYE, the call stands', async (t, { signalling, real }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    const ok = (tag: string): string => responseTo(invite, 200, { tag, headers: [`Contact: ${peer.contact}`], body: ANSWER });
    invite.reply(ok('first'));
    const dialog = await placing;
    await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'first');
    invite.reply(ok('second'));
    if (real) {
      // The real one takes it for the first one again: the same ACK, and no BYE for the second leg.
      await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'first');
      t.equal(dialog.ended, false);
      return;
    }
    await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'second');
    const bye = await peer.next('BYE');
    t.equal(tagOf(bye.header('To')), 'second');
    bye.reply(responseTo(bye, 200));
    invite.reply(ok('first'));
    await peer.next((m) => m.method === 'ACK' && tagOf(m.header('To')) === 'first');
    t.equal(dialog.ended, false);
  });
}

export function digestScenarios(scenario: Scenario): void {
  const challenge = 'WWW-Authenticate: Digest realm="peer", nonce="abc", qop="auth", algorithm=MD5';

  scenario('a 401 is answered with credentials, same Call-ID and tag, next CSeq', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, auth: { username: 'u', password: 'p' } });
    const first = await peer.next('INVITE');
    first.reply(responseTo(first, 100));
    first.reply(responseTo(first, 401, { headers: [challenge] }));
    const second = await peer.next((m) => m.method === 'INVITE' && m.header('Authorization') !== '');
    t.equal(second.header('Call-ID'), first.header('Call-ID'));
    t.equal(tagOf(second.header('From')), tagOf(first.header('From')));
    t.equal(second.header('CSeq'), `${sequenceOf(first) + 1} INVITE`);
    const given = new Map([...second.header('Authorization').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, key = '', value = '']) => [key, value]));
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    t.equal(given.get('response'), md5(`${md5('u:peer:p')}:abc:${given.get('nc')}:${given.get('cnonce')}:auth:${md5(`INVITE:${given.get('uri')}`)}`));
    second.reply(responseTo(second, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    t.equal((await placing).remoteSdp, ANSWER);
    t.equal((await peer.next((m) => m.method === 'ACK' && sequenceOf(m) === sequenceOf(second))).status, undefined);
  });

  scenario('a wrong password is tried once and not for ever', async (t, { signalling }, peer) => {
    const placing = signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, auth: { username: 'u', password: 'wrong' } });
    for (let i = 0; i < 2; i += 1) {
      const invite = await peer.next('INVITE');
      invite.reply(responseTo(invite, 100));
      invite.reply(responseTo(invite, 401, { headers: [challenge] }));
    }
    await t.rejects(placing, { code: 'TRK_SIP_CREDENTIALS', cause: { status: 401 } });
    const asking = signalling.request('OPTIONS', peer.uri);
    const options = await peer.next('OPTIONS');
    options.reply(responseTo(options, 200));
    await asking;
    t.equal(new Set(peer.received.filter((m) => m.method === 'INVITE').map((m) => m.header('CSeq'))).size, 2);
  });
}

export function tcpScenarios(scenario: Scenario): void {
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
