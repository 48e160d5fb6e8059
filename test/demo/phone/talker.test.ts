import t from 'tap';
import { silence, tone } from '../../../src/audio/tone.js';
import { Talker } from '../../../src/demo/phone/talker.js';
import type { TalkEvent, TalkScript, TalkStep } from '../../../src/demo/phone/talk-script.js';

const LOUD = tone([500], 20, 8000, -20).samples;
const QUIET = silence(20, 8000).samples;

/** 60 ms of quiet, 100 ms of speech, 40 ms of quiet. */
const CLIP = Int16Array.from([...silence(60, 8000).samples, ...tone([500], 100, 8000, -20).samples, ...silence(40, 8000).samples]);

function step(more: Partial<TalkStep>): TalkStep {
  return { clip: CLIP, dtmf: '', after: 'bot_speech_end', thinkMs: 300, bargeInAfterMs: undefined, timeoutMs: 5000, label: 'a', ...more };
}

function script(steps: readonly TalkStep[], more: Partial<TalkScript> = {}): TalkScript {
  return { steps, hangupAfter: 'never', speechThresholdDbfs: -40, botThresholdDbfs: -50, botSilenceMs: 200, maxCallMs: 60_000, noiseDbfs: undefined, ...more };
}

/** Runs a call in 20 ms steps, answered at 1000 ms; `botSpeaks` says when the bot is loud, 3 ms after our own packets. */
function run(talk: TalkScript, untilMs: number, botSpeaks: (ms: number) => boolean): { events: TalkEvent[]; sent: Map<number, ReturnType<Talker['next']>> } {
  const events: TalkEvent[] = [];
  const sent = new Map<number, ReturnType<Talker['next']>>();
  const talker = new Talker(talk, (event) => events.push(event));
  for (let ms = 0; ms < untilMs; ms += 20) {
    if (ms === 1000) talker.established(ms);
    sent.set(ms, talker.next(ms));
    talker.heard(botSpeaks(ms + 3) ? LOUD : QUIET, ms + 3);
  }
  return { events, sent };
}

const between = (from: number, to: number) => (ms: number) => ms >= from && ms < to;

t.test('greeting, thinking, speaking, reply: each moment', async (t) => {
  const bot = (ms: number): boolean => between(1100, 1500)(ms) || between(2200, 2400)(ms);
  const { events, sent } = run(script([step({})]), 3000, bot);
  t.same(events, [
    { event: 'bot_speech_start', atMs: 1103 },
    { event: 'greeting', atMs: 1103, ms: 103 },
    { event: 'bot_speech_end', atMs: 1483 },
    // 300 ms after the bot's last packet the clip begins, at the next tick; its speech is 60 ms in.
    { event: 'caller_speech_start', atMs: 1860, step: 0, label: 'a' },
    { event: 'caller_speech_end', atMs: 1940, step: 0, label: 'a' },
    { event: 'bot_speech_start', atMs: 2203 },
    { event: 'reply', atMs: 2203, ms: 263, step: 0, label: 'a' },
    { event: 'bot_speech_end', atMs: 2383 },
  ]);
  const clip: number[] = [];
  for (let ms = 1800; ms < 2000; ms += 20) {
    const frame = sent.get(ms)!;
    if (frame.kind === 'audio') clip.push(...frame.samples);
  }
  t.same(Int16Array.from(clip), CLIP, 'the clip goes out whole, and nothing else');
});

t.test('a greeting that overtakes the ACK took no time', async (t) => {
  const { events } = run(script([]), 1500, between(900, 1200));
  t.same(events.slice(0, 2), [{ event: 'bot_speech_start', atMs: 903 }, { event: 'greeting', atMs: 1000, ms: 0 }]);
});

t.test('a pause shorter than botSilenceMs is not the end', async (t) => {
  const bot = (ms: number): boolean => between(1100, 1300)(ms) || between(1480, 1700)(ms);
  const { events } = run(script([step({})]), 2500, bot);
  t.equal(events.find((event) => event.event === 'caller_speech_start')?.atMs, 2060);
});

t.test('a bot that begins while the caller speaks has talked over, and no reply is measured', async (t) => {
  const bot = (ms: number): boolean => between(1100, 1500)(ms) || between(1900, 2200)(ms);
  const { events } = run(script([step({})]), 3000, bot);
  t.match(events.filter((event) => event.event === 'talked_over'), [{ atMs: 1903, step: 0 }]);
  t.notOk(events.some((event) => event.event === 'reply'));
});

t.test('barge-in: from the first packet of speech to the last of the bot', async (t) => {
  const { events } = run(script([step({ bargeInAfterMs: 200 })]), 3000, between(1100, 1500));
  // Begins at 1320, speech 60 ms later at 1380; the bot's last packet comes at 1483.
  t.match(events.find((event) => event.event === 'caller_speech_start'), { atMs: 1380 });
  t.match(events.find((event) => event.event === 'barge_in'), { ms: 103, step: 0 });
  t.notOk(events.some((event) => event.event === 'talked_over'));
});

t.test('barge-in waits for the end of a pause within the speech of the bot', async (t) => {
  const bot = (ms: number): boolean => between(1100, 1250)(ms) || between(1400, 1900)(ms);
  const { events } = run(script([step({ bargeInAfterMs: 200 })]), 3000, bot);
  // Due at 1303, but the bot pauses from 1243 to 1403.
  t.match(events.find((event) => event.event === 'caller_speech_start'), { atMs: 1420 + 60 });
});

t.test('a bot that does not yield: a barge-in without a time', async (t) => {
  const { events } = run(script([step({ bargeInAfterMs: 200 })]), 6000, (ms) => ms >= 1100);
  const bargeIn = events.find((event) => event.event === 'barge_in');
  t.ok(bargeIn !== undefined && bargeIn.ms === undefined);
  t.notOk(events.some((event) => event.event === 'reply'));
});

t.test('a reply after a barge-in is measured like any other', async (t) => {
  const bot = (ms: number): boolean => between(1100, 1420)(ms) || between(1800, 2000)(ms);
  const { events } = run(script([step({ bargeInAfterMs: 200 })]), 3000, bot);
  t.match(events.find((event) => event.event === 'reply'), { ms: 1803 - 1460 });
});

t.test('a silent bot: the caller speaks after its time and says so', async (t) => {
  const { events } = run(script([step({ timeoutMs: 1000 })]), 3000, () => false);
  t.match(events, [{ event: 'no_reply', atMs: 2000 }, { event: 'caller_speech_start' }, { event: 'caller_speech_end' }]);
});

t.test('steps by time, one after the other', async (t) => {
  const { events } = run(script([step({ after: 100, label: 'one' }), step({ after: 500, label: 'two' })]), 3000, () => false);
  // Counted from the last word of the step before.
  t.match(events.filter((event) => event.event === 'caller_speech_start'), [{ atMs: 1160, label: 'one' }, { atMs: 1240 + 500 + 60, label: 'two' }]);
});

t.test('digits: five packets, three ends, a gap', async (t) => {
  const { events, sent } = run(script([step({ clip: undefined, dtmf: '5#', after: 0 })]), 2000, () => false);
  const packets = [...sent].filter(([, frame]) => frame.kind === 'digit');
  t.equal(packets.length, 14);
  t.same(packets.map(([ms]) => ms), [...[0, 20, 40, 60, 80, 100, 120], ...[220, 240, 260, 280, 300, 320, 340]].map((ms) => ms + 1000));
  t.same(packets.slice(0, 7).map(([, frame]) => (frame.kind === 'digit' ? [frame.digit, frame.elapsed, frame.end] : [])), [
    ['5', 1, false], ['5', 2, false], ['5', 3, false], ['5', 4, false], ['5', 5, true], ['5', 5, true], ['5', 5, true],
  ]);
  t.match(events, [{ event: 'dtmf_sent', step: 0 }]);
});

t.test('the caller hangs up: after the bot, after a time, or when it lasts too long', async (t) => {
  const bot = (ms: number): boolean => between(1100, 1500)(ms) || between(2200, 2400)(ms);
  const hangup = (more: Partial<TalkScript>, steps = [step({})]): TalkEvent[] => run(script(steps, more), 4000, bot).events.filter((event) => event.event === 'hangup');
  t.same(hangup({ hangupAfter: 'bot_speech_end' }), [{ event: 'hangup', atMs: 2600, reason: 'script' }]);
  t.same(hangup({ hangupAfter: 100 }), [{ event: 'hangup', atMs: 2040, reason: 'script' }]);
  t.same(hangup({ maxCallMs: 1000 }), [{ event: 'hangup', atMs: 2000, reason: 'too_long' }]);
  t.same(hangup({}), []);
  t.same(hangup({ hangupAfter: 500 }, []), [{ event: 'hangup', atMs: 1500, reason: 'script' }]);
});

t.test('room noise has its level and never counts as speech', async (t) => {
  const { sent } = run(script([], { noiseDbfs: -60 }), 1000, () => false);
  let sum = 0;
  let count = 0;
  for (const frame of sent.values()) {
    if (frame.kind !== 'audio') continue;
    for (const sample of frame.samples) sum += sample ** 2;
    count += frame.samples.length;
  }
  const dbfs = 20 * Math.log10(Math.sqrt(sum / count) / 32768);
  t.ok(Math.abs(dbfs + 60) < 0.5, `${dbfs} dBFS`);
});
