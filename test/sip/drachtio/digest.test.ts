/** Challenges of far ends, on the wire: RFC 7616, RFC 8760, RFC 3261 22. */
import { createHash } from 'node:crypto';
import t from 'tap';
import type { Test } from 'tap';
import type { Dialog } from '../../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, SipPeer, token, type PeerMessage } from '../../contract/sip-peer.js';
import { ANSWER, answered, sequenceOf, type ContractEnd } from '../../contract/signalling-scenario.js';
import { allEnds } from '../../support/signalling-ends.js';

const auth = { username: 'trunk', password: 'secret word' };
const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };

const digest = (realm: string, nonce: string, algorithm: string, more = ', qop="auth"'): string => `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}${more}`;
const final = (method: string) => (m: PeerMessage): boolean => m.status === undefined && m.method === method;

/** Checks by its own arithmetic that the request proves the password for this realm and nonce, over the URI that it was sent to. */
function proves(t: Test, request: PeerMessage, realm: string, nonce: string, header = 'Authorization'): void {
  const given = new Map([...request.header(header).matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)].map(([, key = '', quoted, bare]) => [key, quoted ?? bare ?? '']));
  const hash = (text: string): string => createHash(HASHES[given.get('algorithm') ?? ''] ?? 'none').update(text).digest('hex');
  t.same([given.get('username'), given.get('realm'), given.get('nonce')], [auth.username, realm, nonce]);
  t.equal(given.get('uri'), request.uri, 'the URI on the wire is what is signed');
  const body = given.get('qop') === 'auth-int' ? `:${hash(request.body)}` : '';
  t.equal(given.get('response'), hash(`${hash(`${auth.username}:${realm}:${auth.password}`)}:${nonce}:${given.get('nc')}:${given.get('cnonce')}:${given.get('qop')}:${hash(`${request.method}:${given.get('uri')}${body}`)}`));
}

for (const [name, makeEnd] of allEnds()) {
  const scenario = (title: string, run: (t: Test, end: ContractEnd, peer: SipPeer) => Promise<void>): void => {
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
  const place = (end: ContractEnd, peer: SipPeer): Promise<Dialog> => end.signalling.place({ to: peer.uri, from: '1000', sdp: SDP, callId: `${token()}@test`, auth });
  /** A call that was challenged with `realm` and then answered. */
  const challenged = async (end: ContractEnd, peer: SipPeer, realm: string): Promise<Dialog> => {
    const placing = place(end, peer);
    const first = await peer.next('INVITE');
    first.reply(responseTo(first, 401, { headers: [`WWW-Authenticate: ${digest(realm, 'setup', 'SHA-256')}`] }));
    const second = await peer.next((m) => final('INVITE')(m) && m.header('Authorization') !== '');
    second.reply(responseTo(second, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    const dialog = await placing;
    await peer.next((m) => m.method === 'ACK' && sequenceOf(m) === sequenceOf(second));
    return dialog;
  };

  scenario('of several challenges the strongest is answered', async (t, end, peer) => {
    const placing = place(end, peer);
    const first = await peer.next('INVITE');
    first.reply(responseTo(first, 407, { headers: [`Proxy-Authenticate: ${digest('carrier', 'weak', 'MD5')}`, `Proxy-Authenticate: ${digest('carrier', 'strong', 'SHA-256')}`] }));
    const second = await peer.next((m) => final('INVITE')(m) && m.header('Proxy-Authorization') !== '');
    t.equal(sequenceOf(second), sequenceOf(first) + 1);
    proves(t, second, 'carrier', 'strong', 'Proxy-Authorization');
    second.reply(responseTo(second, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    await placing;
  });

  scenario('auth-int alone signs the body', async (t, end, peer) => {
    const placing = place(end, peer);
    const first = await peer.next('INVITE');
    first.reply(responseTo(first, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'n', 'SHA-256', ', qop="auth-int"')}`] }));
    const second = await peer.next((m) => final('INVITE')(m) && m.header('Authorization') !== '');
    t.match(second.header('Authorization'), /qop=auth-int/);
    proves(t, second, 'carrier', 'n');
    second.reply(responseTo(second, 486));
    await t.rejects(placing, { code: 'TRK_SIP_REJECTED', cause: { status: 486 } });
  });

  scenario('a nonce that is too old is replaced once, and never again', async (t, end, peer) => {
    const placing = place(end, peer);
    for (const [index, nonce] of ['one', 'two', 'three'].entries()) {
      const invite = await peer.next((m) => final('INVITE')(m) && (index === 0 || m.header('Authorization').includes(`nonce="${['one', 'two', 'three'][index - 1]}"`)));
      invite.reply(responseTo(invite, 401, { headers: [`WWW-Authenticate: ${digest('carrier', nonce, 'SHA-256', `, qop="auth"${index > 0 ? ', stale=true' : ''}`)}`] }));
    }
    await t.rejects(placing, { code: 'TRK_SIP_CREDENTIALS', cause: { status: 401 } });
    t.equal(new Set(peer.received.filter(final('INVITE')).map(sequenceOf)).size, 3);
  });

  scenario('what cannot be answered is told apart from wrong credentials and from silence', async (t, end, peer) => {
    const placing = place(end, peer);
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 401, { headers: ['WWW-Authenticate: Digest realm="ims", nonce="n", algorithm=AKAv1-MD5'] }));
    await t.rejects(placing, { code: 'TRK_SIP_CHALLENGE', message: /AKAv1-MD5/, cause: { status: 401 } });
  });

  scenario('OPTIONS and MESSAGE outside a dialog', async (t, end, peer) => {
    const asking = end.signalling.request('MESSAGE', peer.uri, { headers: { 'Content-Type': 'text/plain' }, body: 'hello', auth });
    const first = await peer.next('MESSAGE');
    first.reply(responseTo(first, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'm', 'SHA-512-256', ', qop="auth-int"')}`] }));
    const second = await peer.next((m) => final('MESSAGE')(m) && m.header('Authorization') !== '');
    proves(t, second, 'carrier', 'm');
    t.equal(second.header('Call-ID'), first.header('Call-ID'));
    second.reply(responseTo(second, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'again', 'MD5')}`] }));
    t.equal((await asking).status, 401, 'the refusal is the answer');
  });

  scenario('inside the call, the same end with the same realm is answered', async (t, end, peer) => {
    const dialog = await challenged(end, peer, 'carrier');
    const changing = dialog.modify(SDP);
    const invite = await peer.next((m) => final('INVITE')(m) && /tag=/.test(m.header('To')));
    invite.reply(responseTo(invite, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'inside', 'MD5')}`] }));
    const again = await peer.next((m) => final('INVITE')(m) && /nonce="inside"/.test(m.header('Authorization')));
    proves(t, again, 'carrier', 'inside');
    again.reply(responseTo(again, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    t.equal(await changing, ANSWER);
    const hanging = dialog.hangup();
    const bye = await peer.next('BYE');
    bye.reply(responseTo(bye, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'bye', 'SHA-256')}`] }));
    const last = await peer.next((m) => final('BYE')(m) && m.header('Authorization') !== '');
    proves(t, last, 'carrier', 'bye');
    last.reply(responseTo(last, 200));
    await hanging;
  });

  scenario('inside the call, no other realm, no other kind and nobody new is answered', async (t, end, peer) => {
    const dialog = await challenged(end, peer, 'carrier');
    for (const [status, header, realm] of [
      [401, 'WWW-Authenticate', 'somebody else'],
      [407, 'Proxy-Authenticate', 'carrier'],
    ] as const) {
      const asking = dialog.request('INFO', { headers: { 'Content-Type': 'application/dtmf-relay' }, body: 'Signal=1' });
      const info = await peer.next('INFO');
      info.reply(responseTo(info, status, { headers: [`${header}: ${digest(realm, 'trap', 'MD5')}`] }));
      t.equal((await asking).status, status);
    }
    t.equal(peer.count((m) => /nonce="trap"/.test(m.header('Authorization') + m.header('Proxy-Authorization'))), 0);
  });

  scenario('a call that was not challenged at its beginning, or that came to us, is never answered for', async (t, end, peer) => {
    const placing = place(end, peer);
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    const ours = await placing;
    await peer.next('ACK');
    const { dialog: theirs } = await answered(end, peer);
    for (const dialog of [ours, theirs]) {
      const hanging = dialog.hangup();
      const bye = await peer.next('BYE');
      bye.reply(responseTo(bye, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'trap', 'MD5')}`] }));
      await hanging;
      t.equal(dialog.ended, true);
    }
    const asking = end.signalling.request('OPTIONS', peer.uri);
    const options = await peer.next('OPTIONS');
    options.reply(responseTo(options, 200));
    await asking;
    t.equal(peer.count((m) => m.status === undefined && m.header('Authorization') !== ''), 0);
  });

  if (name === 'embedded server') {
    scenario('inside the call, another address with the same realm is not answered', async (t, end, peer) => {
      const placing = place(end, peer);
      const first = await peer.next('INVITE');
      first.reply(responseTo(first, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'setup', 'SHA-256')}`] }));
      const second = await peer.next((m) => final('INVITE')(m) && m.header('Authorization') !== '');
      const thief = await SipPeer.udp('127.0.0.2');
      t.teardown(() => thief.close());
      second.reply(responseTo(second, 200, { headers: [`Contact: <sip:thief@127.0.0.2:${thief.port}>`], body: ANSWER }));
      const dialog = await placing;
      await thief.next('ACK');
      const asking = dialog.request('OPTIONS');
      const options = await thief.next('OPTIONS');
      options.reply(responseTo(options, 401, { headers: [`WWW-Authenticate: ${digest('carrier', 'trap', 'MD5')}`] }));
      t.equal((await asking).status, 401);
      t.equal(thief.count((m) => m.header('Authorization') !== ''), 0);
      thief.answerByes();
      PeerDialog.ofInvite(peer, end.sipPort, second).send('BYE');
      await peer.next((m) => m.method === 'BYE' && m.status !== undefined);
    });
  }
}
