import t from 'tap';
import { EarlyMedia } from '../../src/call/early-media.js';
import { pickUp, sayEarly } from '../../src/call/call-leg.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeIncomingCall } from '../support/fake-signalling.js';
import { FakeMouth } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';

t.test('a listener hears what comes before the answer, from the first packet on', async (t) => {
  const media = new FakeMedia(new ManualClock());
  const heard: number[] = [];
  let over: boolean | undefined;
  const early = new EarlyMedia({ frame: (samples) => heard.push(samples[0] ?? -1), over: (answered) => (over = answered) });
  await media.frames(100);
  early.begin(media);
  early.begin(media);
  await media.frames(200);
  t.same([heard.length, early.ms], [0, undefined], 'a description alone is no audio');
  media.received = 1;
  for (let frame = 0; frame < 50; frame += 1) await media.frame(new Int16Array(160).fill(9));
  t.ok(heard.length > 44 && heard.every((sample) => sample === 9), `${heard.length} frames, each once`);
  t.ok((early.ms ?? 0) > 850 && (early.ms ?? 0) < 1_000, `${early.ms} ms`);
  early.end(true);
  const before = heard.length;
  await media.frames(200);
  t.equal(heard.length, before, 'after the answer it is the conversation that listens');
  t.equal(over, true);
});

t.test('the next place to be tried has media of its own', async (t) => {
  const clock = new ManualClock();
  const [dead, alive] = [new FakeMedia(clock), new FakeMedia(clock)];
  let heard = 0;
  const early = new EarlyMedia({ frame: () => (heard += 1), over: () => undefined });
  dead.received = alive.received = 1;
  early.begin(dead);
  await dead.frames(100);
  early.begin(alive);
  const before = heard;
  await dead.frames(100);
  t.equal(heard, before);
  await alive.frames(100);
  t.ok(heard > before);
});

const words = (signal = new AbortController().signal) => ({ text: 'Welcome.', flow: { language: 'en-US', voice: undefined }, signal });

t.test('the early prompt: 183 with our description, reliably, and the same in the 200', async (t) => {
  const media = new FakeMedia(new ManualClock());
  const call = new FakeIncomingCall();
  const mouth = new FakeMouth();
  const saying = sayEarly({ mouth, log: silentLogger }, call, media, words());
  let said = false;
  void saying.then(() => (said = true));
  await media.frames(60);
  t.same(call.progressed, [{ sdp: 'v=0 answer', reliable: true }]);
  t.equal(said, false, 'it is still being said');
  await media.frames(80);
  await pickUp(call, media, await saying);
  t.equal(call.answered, true);
  t.equal(media.accepted.length, 1, 'the offer is answered once');
});

t.test('what can go wrong with it', async (t) => {
  const clock = new ManualClock();
  const late = new FakeIncomingCall('');
  await sayEarly({ mouth: new FakeMouth(), log: silentLogger }, late, new FakeMedia(clock), words());
  t.same(late.progressed, [], 'a late offer has nothing to answer yet');
  const mute = new FakeMouth();
  mute.failures = 1;
  await sayEarly({ mouth: mute, log: silentLogger }, new FakeIncomingCall(), new FakeMedia(clock), words());
  t.pass('without a voice the call is answered all the same');
  const gone = new FakeIncomingCall();
  gone.progress = () => Promise.reject(new TrunklineError('TRK_SIP_CANCELLED'));
  await t.rejects(sayEarly({ mouth: new FakeMouth(), log: silentLogger }, gone, new FakeMedia(clock), words()), { code: 'TRK_SIP_CANCELLED' });
  const abort = new AbortController();
  const stopping = sayEarly({ mouth: new FakeMouth(), log: silentLogger }, new FakeIncomingCall(), new FakeMedia(clock), words(abort.signal));
  await clock.run(0);
  abort.abort();
  await stopping;
});
