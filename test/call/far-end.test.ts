import t from 'tap';
import { FarEnd } from '../../src/call/far-end.js';
import { silentLogger } from '../../src/kernel/log.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeDialog } from '../support/fake-signalling.js';
import { ManualClock } from '../support/manual-clock.js';

function setUp(dtmf: 'rfc4733' | 'info' = 'rfc4733') {
  const clock = new ManualClock();
  const media = new FakeMedia(clock);
  const dialog = new FakeDialog();
  const told: string[] = [];
  const far = new FarEnd({ clock, log: silentLogger, timeoutMs: 10_000, dtmf }, dialog, media, {
    ended: (end) => told.push(`ended ${end.by}`),
    silent: () => told.push('silent'),
    held: (onHold) => told.push(onHold ? 'held' : 'resumed'),
    digit: (digit) => told.push(digit),
    refer: () => ({ status: 603 }),
  });
  return { clock, media, dialog, told, far };
}

const relay = (body: string): [string, Record<string, string>, string] => ['INFO', { 'Content-Type': 'application/dtmf-relay' }, body];

t.test('INFO digits: both types, all spellings; what is none is refused', async (t) => {
  const { dialog, told } = setUp();
  t.match(await dialog.asks(...relay('Signal=5\r\nDuration=160\r\n')), { status: 200 });
  t.match(await dialog.asks(...relay('signal = *\nDuration = 250')), { status: 200 });
  t.match(await dialog.asks(...relay('Signal=11\r\nDuration=100')), { status: 200 });
  t.match(await dialog.asks('INFO', { 'Content-Type': 'application/dtmf' }, '7\r\n'), { status: 200 });
  t.match(await dialog.asks('INFO', { 'Content-Type': 'Application/DTMF; x=y' }, 'd'), { status: 200 });
  t.same(told, ['5', '*', '#', '7', 'D']);
  t.match(await dialog.asks(...relay('Signal=!\r\n')), { status: 400 });
  t.match(await dialog.asks(...relay('Duration=160\r\n')), { status: 400 });
  t.match(await dialog.asks('INFO', { 'Content-Type': 'application/media_control+xml' }, '<xml/>'), { status: 415, headers: { Accept: /dtmf-relay/ } });
  t.match(await dialog.asks('INFO'), { status: 200 });
  t.match(await dialog.asks('MESSAGE'), { status: 405 });
  t.equal(told.length, 5);
});

t.test('a digit that comes both ways counts once; a digit that is pressed twice counts twice', async (t) => {
  const { clock, media, dialog, told } = setUp();
  media.key('1');
  await dialog.asks(...relay('Signal=1'));
  await dialog.asks(...relay('Signal=1'));
  clock.advance(100);
  media.key('1');
  t.same(told, ['1', '1'], 'two presses, each by both ways, in either order');
  clock.advance(300);
  await dialog.asks(...relay('Signal=1'));
  clock.advance(300);
  media.key('1');
  t.same(told, ['1', '1', '1', '1'], 'too far apart to be one press');
  media.key('2');
  media.key('2');
  await dialog.asks(...relay('Signal=3'));
  t.same(told.slice(4), ['2', '2', '3']);
});

t.test('digits go out as the trunk wants them', async (t) => {
  const rtp = setUp();
  const sent: string[] = [];
  rtp.media.sendDtmf = (digits) => Promise.resolve(void sent.push(digits));
  await rtp.far.sendDigits('12#');
  t.same(sent, ['12#']);
  const info = setUp('info');
  await info.far.sendDigits('A*');
  t.same(info.dialog.sent, ['A', '*'].map((digit) => ({ method: 'INFO', headers: { 'Content-Type': 'application/dtmf-relay' }, body: `Signal=${digit}\r\nDuration=160\r\n` })));
  info.dialog.answers = () => ({ status: 415 });
  await t.rejects(info.far.sendDigits('1'), { code: 'TRK_SIP_REJECTED' });
  await t.rejects(info.far.sendDigits('1x'), { code: 'TRK_INVALID_REQUEST' });
  await t.rejects(rtp.far.sendDigits('1'.repeat(65)), { code: 'TRK_INVALID_REQUEST' });
});

t.test('on hold silence is meant; after it, it is not', async (t) => {
  const { clock, media, dialog, told } = setUp();
  t.equal(await dialog.offers('v=0 a=sendonly'), 'v=0 answer');
  await dialog.offers('v=0 a=inactive');
  media.timeOut();
  t.same(told, ['held'], 'told once');
  await dialog.offers('v=0 a=sendrecv');
  media.received += 1;
  clock.advance(10_000);
  t.same(told, ['held', 'resumed'], 'audio came');
  await dialog.offers('v=0 a=sendonly');
  await dialog.offers('v=0 a=sendrecv');
  clock.advance(9_999);
  t.equal(told.at(-1), 'resumed');
  clock.advance(1);
  t.equal(told.at(-1), 'silent', 'the media told of its silence during the hold and would not do so again');
});

t.test('we hold and resume; a far end that refuses leaves all as it was', async (t) => {
  const { media, dialog, far } = setUp();
  dialog.answers = () => ({ status: 200, body: 'v=0 recvonly' });
  t.equal(await far.direct('sendonly'), true);
  t.equal(await far.direct('sendrecv'), true);
  t.same(dialog.sent.map(({ body }) => body), ['v=0 sendonly', 'v=0 sendrecv']);
  t.same(media.accepted, ['v=0 recvonly', 'v=0 recvonly']);
  dialog.answers = () => ({ status: 488 });
  t.equal(await far.direct('sendonly'), false);
  dialog.finish({ by: 'remote', reason: 'BYE' });
  t.equal(await far.direct('sendonly'), false);
});

t.test('another dialog takes over: the old one is not listened to any more', async (t) => {
  const { dialog, told, far } = setUp();
  const heir = new FakeDialog();
  t.equal(far.adopt(heir), dialog);
  dialog.finish({ by: 'remote', reason: 'BYE' });
  await t.rejects(dialog.offers('v=0'), { code: 'TRK_SIP_DIALOG_GONE' });
  t.match(await dialog.asks(...relay('Signal=5')), { status: 481 });
  t.match(await dialog.asks('NOTIFY', { Event: 'refer' }), { status: 200 });
  t.same(told, []);
  t.match(await heir.asks('NOTIFY', { Event: 'refer' }), { status: 481 }, 'nobody subscribed');
  far.onNotify(() => told.push('notify'));
  t.match(await heir.asks('NOTIFY', { Event: 'presence' }), { status: 489 });
  t.match(await heir.asks('NOTIFY', { Event: 'refer;id=3' }), { status: 200 });
  heir.finish({ by: 'remote', reason: 'BYE' });
  t.same(told, ['notify', 'ended remote']);
});
