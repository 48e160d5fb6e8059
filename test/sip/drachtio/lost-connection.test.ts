/**
 * Losing the SIP server while calls are up, and having it back: against the embedded
 * server and, where one is named, a real drachtio-server.
 */
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import type { Dialog, DialogEnd, Signalling, SignallingState } from '../../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, SipPeer, token, type PeerMessage } from '../../contract/sip-peer.js';
import { ANSWER, answered, nextCall, placed, type ContractEnd } from '../../contract/signalling-scenario.js';
import { cuttableLine, type CuttableLine } from '../../support/cuttable-line.js';

interface End extends ContractEnd {
  readonly line: CuttableLine;
}

type MakeEnd = (t: Test, options?: { lostLimitMs?: number; keepCallsMs?: number }) => Promise<End>;

function reached(signalling: Signalling, wanted: SignallingState): Promise<void> {
  if (signalling.state === wanted) return Promise.resolve();
  return new Promise((resolve) => signalling.onState((state) => state === wanted && resolve()));
}

async function lose({ line, signalling }: End): Promise<void> {
  line.open = false;
  line.cut();
  await reached(signalling, 'lost');
}

async function regain({ line, signalling }: End): Promise<void> {
  line.open = true;
  await reached(signalling, 'connected');
}

const ended = (dialog: { onEnd(listener: (end: DialogEnd) => void): void }): Promise<DialogEnd> => new Promise((resolve) => dialog.onEnd(resolve));

/** A call of ours that has reached the far end, as we know. */
async function rings({ signalling }: End, peer: SipPeer): Promise<{ ringing: Promise<Dialog>; invite: PeerMessage }> {
  let heard = (): void => undefined;
  const ringing180 = new Promise<void>((resolve) => (heard = resolve));
  const ringing = signalling.place({ to: peer.uri, from: '1', sdp: SDP, callId: `${token()}@test`, onProgress: () => heard() });
  const invite = await peer.next('INVITE');
  invite.reply(responseTo(invite, 180, { headers: [`Contact: ${peer.contact}`] }));
  await ringing180;
  return { ringing, invite };
}

function scenarios(name: string, makeEnd: MakeEnd): void {
  const scenario = (title: string, run: (t: Test, end: End, peer: SipPeer) => Promise<void>, options?: Parameters<MakeEnd>[1]): void => {
    void t.test(`${name}: ${title}`, async (t) => {
      const end = await makeEnd(t, options);
      const peer = await SipPeer.udp();
      t.teardown(async () => {
        peer.answerByes();
        await end.close();
        await peer.close();
      });
      await run(t, end, peer);
    });
  };

  scenario('calls of both directions go on, and can be spoken in afterwards', async (t, end, peer) => {
    const ours = await placed(end, peer);
    const theirs = await answered(end, peer);
    await lose(end);
    t.same([ours.dialog.ended, theirs.dialog.ended], [false, false]);
    await t.rejects(ours.dialog.request('INFO'), { code: 'TRK_SIP_NOT_CONNECTED' });
    await t.rejects(theirs.dialog.modify(SDP), { code: 'TRK_SIP_NOT_CONNECTED' });
    await regain(end);
    for (const { dialog } of [ours, theirs]) {
      const asking = dialog.request('OPTIONS');
      const options = await peer.next('OPTIONS');
      t.equal(options.header('Call-ID'), dialog.callId);
      options.reply(responseTo(options, 200));
      t.equal((await asking).status, 200);
      const hanging = dialog.hangup();
      const bye = await peer.next('BYE');
      t.equal(bye.header('Call-ID'), dialog.callId);
      bye.reply(responseTo(bye, 200));
      await hanging;
      t.match(await ended(dialog), { by: 'local' });
    }
    t.equal(peer.count((m) => m.method === 'INFO'), 0, 'asking for the calls sends nothing');
  });

  scenario('what waits for an answer when the line breaks fails, the call does not', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    const asking = dialog.request('INFO');
    await peer.next('INFO');
    const failed = t.rejects(asking, { code: 'TRK_SIP_NOT_CONNECTED' });
    await lose(end);
    await failed;
    t.equal(dialog.ended, false);
    await regain(end);
    const changing = dialog.modify(SDP);
    const invite = await peer.next((m) => m.method === 'INVITE' && m.body === SDP && /tag=/.test(m.header('To')));
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    t.equal(await changing, ANSWER);
    await peer.next('ACK');
  });

  scenario('a hang-up asked for meanwhile is sent after the return', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    await lose(end);
    await dialog.hangup({ Reason: 'Q.850;cause=16' });
    t.match(await ended(dialog), { by: 'local' });
    t.equal(peer.count((m) => m.method === 'BYE'), 0);
    await regain(end);
    const bye = await peer.next('BYE');
    t.equal(bye.header('Call-ID'), dialog.callId);
    t.match(bye.header('Reason'), /cause=16/);
    bye.reply(responseTo(bye, 200));
  });

  scenario('a BYE of the far end meanwhile is noticed after the return', async (t, end, peer) => {
    const { dialog, far } = await placed(end, peer);
    await lose(end);
    far.send('BYE');
    // The real one has nobody to answer for it, and as long as it has not seen the loss itself it does not.
    if (!end.real) t.equal((await peer.next((m) => m.status !== undefined && m.method === 'BYE')).status, 200);
    t.equal(dialog.ended, false);
    await regain(end);
    t.match(await ended(dialog), { by: end.real ? 'system' : 'remote' });
  });

  scenario('a BYE after the return ends the call', async (t, end, peer) => {
    const { dialog, far } = await answered(end, peer);
    await lose(end);
    await regain(end);
    far.send('BYE');
    // The real one tells only the connection on which the call began: it is asked every two seconds.
    t.match(await ended(dialog), { by: end.real ? 'system' : 'remote' });
  });

  scenario('after the limit calls end, and the far ends hear it when there is a way', async (t, end, peer) => {
    const { dialog } = await placed(end, peer);
    await lose(end);
    t.match(await ended(dialog), { by: 'system', reason: 'lost the SIP server' });
    await regain(end);
    const bye = await peer.next('BYE');
    t.equal(bye.header('Call-ID'), dialog.callId);
    bye.reply(responseTo(bye, 200));
  }, { lostLimitMs: 50 });

  scenario('a call that only rings fails and is cancelled, new calls work afterwards', async (t, end, peer) => {
    const { ringing, invite } = await rings(end, peer);
    const failed = t.rejects(ringing, { code: 'TRK_SIP_NOT_CONNECTED', cause: { status: 503 } });
    await lose(end);
    await failed;
    await regain(end);
    const cancel = await peer.next('CANCEL');
    cancel.reply(responseTo(cancel, 200));
    invite.reply(responseTo(invite, 487));
    const coming = nextCall(end.signalling);
    PeerDialog.caller(peer, end.sipPort).send('INVITE', { body: SDP });
    await (await coming).reject(486);
    await peer.next(486);
  });

  scenario('a call that was answered meanwhile is acknowledged and hung up', async (t, end, peer) => {
    const { ringing, invite } = await rings(end, peer);
    const failed = t.rejects(ringing, { code: 'TRK_SIP_NOT_CONNECTED' });
    await lose(end);
    await failed;
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    await regain(end);
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    t.equal(bye.header('Call-ID'), invite.header('Call-ID'));
    bye.reply(responseTo(bye, 200));
  });
}

scenarios('embedded server', async (t, { lostLimitMs, keepCallsMs } = {}) => {
  const secret = 'a secret of the test';
  const server = await startEmbeddedSipServer({
    address: '127.0.0.1',
    port: 0,
    maxTransactions: 1000,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    secret,
    ...(keepCallsMs === undefined ? {} : { keepCallsMs }),
  });
  const line = await cuttableLine(server.adminPort);
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: line.port, secret, clock: systemClock, log: silentLogger, userAgent: 'x', lostLimitMs });
  await signalling.start();
  return {
    signalling,
    line,
    sipPort: server.listeners[0]?.port ?? 0,
    close: async () => {
      await signalling.close();
      await line.close();
      await server.close();
    },
  };
});

const real = process.env['TRUNKLINE_TEST_DRACHTIO'];
if (real !== undefined) {
  const [host = '', port = '', ...secret] = real.split(':');
  scenarios(`drachtio-server at ${host}:${port}`, async (t, { lostLimitMs } = {}) => {
    const line = await cuttableLine(Number(port), host);
    const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: line.port, secret: secret.join(':'), clock: systemClock, log: silentLogger, userAgent: 'x', lostLimitMs });
    await signalling.start();
    const udp = signalling.addresses.map((address) => /^udp\/127\.0\.0\.1:(\d+)$/.exec(address)?.[1]).find((found) => found !== undefined);
    if (udp === undefined) throw new Error('the drachtio-server of the tests must listen on udp/127.0.0.1');
    return {
      signalling,
      line,
      sipPort: Number(udp),
      real: true,
      close: async () => {
        await signalling.close();
        await line.close();
      },
    };
  });
}
