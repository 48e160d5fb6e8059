import t from 'tap';
import type { EarEvent } from '../../../src/speech/ear.js';
import { LATE_WORDS_MS, MAX_TURN_MS, TurnTaker } from '../../../src/speech/turn/turn-taker.js';
import type { ListenSpec, TurnEvent, TurnHooks } from '../../../src/speech/turn/turn-taker.js';

const config = { pause_ms: 120, end_short_ms: 220, end_normal_ms: 260, end_patient_ms: 600, end_long_ms: 1200, barge_in_speech_ms: 60 };

interface Spoken {
  readonly from: number;
  readonly to: number;
  /** What the ear decodes at the pause after it: all words since the last reset. */
  readonly words: string;
  /** Decoding time, ms; default 50. */
  readonly late?: number;
}

interface Scene {
  readonly listen?: Partial<ListenSpec>;
  /** The bot speaks in this stretch. */
  readonly bot?: readonly [number, number];
  readonly speech?: readonly Spoken[];
  readonly hooks?: TurnHooks;
  readonly bargeInSpeechMs?: number;
  readonly until: number;
  /** Ear events at given times, besides those of `speech`. */
  readonly extra?: readonly (readonly [number, EarEvent])[];
}

/** Plays a scene in 20 ms steps and returns what was decided; listening starts at 0. */
function play(scene: Scene): { events: TurnEvent[]; forgotten: number } {
  const script: [number, EarEvent][] = [...(scene.extra ?? [])].map(([at, event]) => [at, event]);
  (scene.speech ?? []).forEach((spoken, segment) => {
    const next = scene.speech?.[segment + 1]?.from ?? Infinity;
    script.push([spoken.from, { type: 'speech', atMs: spoken.from }]);
    const detectedMs = spoken.to + config.pause_ms;
    if (next < detectedMs) return;
    script.push([detectedMs, { type: 'pause', segment, lastSpeechMs: spoken.to, detectedMs }]);
    const late = spoken.late ?? 50;
    if (late === Infinity) return;
    script.push([detectedMs + late, { type: 'transcript', segment, text: spoken.words, confidence: 0.9, startMs: spoken.from, endMs: spoken.to, decodeMs: late }]);
  });
  script.sort((a, b) => a[0] - b[0]);
  let forgotten = 0;
  const taker = new TurnTaker({ ...config, barge_in_speech_ms: scene.bargeInSpeechMs ?? config.barge_in_speech_ms }, { ...scene.hooks, forget: () => forgotten++ });
  taker.listen({ kind: 'open', silenceMs: 5000, bargeIn: false, atMs: 0, ...scene.listen });
  const events: TurnEvent[] = [];
  let bargedIn = false;
  for (let now = 20; now <= scene.until; now += 20) {
    while (script[0] !== undefined && script[0][0] <= now) events.push(...taker.onEar(script.shift()![1]));
    bargedIn ||= events.some((event) => event.type === 'barge_in');
    const [from, to] = scene.bot ?? [0, 0];
    events.push(...taker.tick(now, !bargedIn && now > from && now <= to));
  }
  return { events, forgotten };
}

const brief = (events: TurnEvent[]): string[] =>
  events.map((event) => (event.type === 'turn_end' ? `turn ${event.decidedMs} ${event.text}` : `${event.type} ${event.atMs}`));

const complete = { isComplete: () => true };

const table: readonly [string, Scene, string[]][] = [
  ['an open answer ends after the normal delay', { speech: [{ from: 500, to: 1000, words: 'Hello.' }], until: 3000 }, ['turn 1260 Hello.']],
  ['who gives a value may stop in the middle', { listen: { patient: true }, speech: [{ from: 500, to: 1000, words: 'Tomorrow' }, { from: 1500, to: 2000, words: 'Tomorrow at three.' }], until: 4000 }, ['turn 2600 Tomorrow at three.']],
  ['a clear yes ends after the short delay', { listen: { kind: 'yes_no' }, hooks: complete, speech: [{ from: 500, to: 1000, words: 'Yes.' }], until: 3000 }, ['turn 1220 Yes.']],
  ['an unclear yes/no answer gets the normal delay', { listen: { kind: 'yes_no' }, speech: [{ from: 500, to: 1000, words: 'Well' }], until: 3000 }, ['turn 1260 Well']],
  ['unfinished digits get the long delay', { listen: { kind: 'digits' }, speech: [{ from: 500, to: 1000, words: 'four one' }], until: 3000 }, ['turn 2200 four one']],
  ['all digits said ends early', { listen: { kind: 'digits', digits: { minDigits: 2, maxDigits: 2 } }, hooks: { isComplete: (text, kind, digits) => kind === 'digits' && digits?.maxDigits === text.split(' ').length }, speech: [{ from: 500, to: 1000, words: 'four one' }], until: 3000 }, ['turn 1220 four one']],
  ['speech that resumes cancels the pause', { listen: { kind: 'digits' }, speech: [{ from: 500, to: 1000, words: 'four one' }, { from: 1600, to: 2000, words: 'four one five' }], until: 4000 }, ['turn 3200 four one five']],
  ['words that are late are waited for', { speech: [{ from: 500, to: 1000, words: 'Sure.', late: 780 }], until: 3000 }, ['turn 1880 Sure.']],
  ['words that never come end the turn empty', { speech: [{ from: 500, to: 1000, words: '', late: Infinity }], until: 4000 }, [`turn ${1260 + LATE_WORDS_MS} `]],
  ['a cough is no turn, and the silence goes on', { listen: { silenceMs: 3000 }, speech: [{ from: 500, to: 700, words: '' }], until: 4000 }, ['silence 3000']],
  ['long speech without words is an empty turn', { speech: [{ from: 500, to: 1500, words: '' }], until: 4000 }, ['turn 1760 ']],
  ['silence is counted from the end of the prompt', { bot: [0, 2000], listen: { silenceMs: 3000 }, until: 8000 }, ['silence 5000']],
  ['nobody is silent while speaking', { listen: { silenceMs: 1000 }, speech: [{ from: 900, to: 2500, words: 'I wonder' }], until: 4000 }, ['turn 2760 I wonder']],
  ['speech inside a prompt without barge-in is not heard', { bot: [0, 2000], listen: { silenceMs: 1000 }, speech: [{ from: 500, to: 1000, words: 'Hello?' }], until: 4000 }, ['silence 3000']],
  ['speech that ends with the prompt is not heard', { bot: [0, 2000], listen: { silenceMs: 1000 }, speech: [{ from: 500, to: 1960, words: 'Hello?' }], until: 4000 }, ['silence 3000']],
  ['speech that outlasts the prompt counts', { bot: [0, 2000], speech: [{ from: 1800, to: 2400, words: 'Yes I am' }], until: 4000 }, ['turn 2660 Yes I am']],
  ['barge-in after enough speech', { bot: [0, 2000], listen: { bargeIn: true }, speech: [{ from: 500, to: 1000, words: 'Stop.' }], until: 4000 }, ['barge_in 560', 'turn 1260 Stop.']],
  ['a sound shorter than the limit does not interrupt', { bargeInSpeechMs: 300, bot: [0, 2000], listen: { bargeIn: true, silenceMs: 1000 }, speech: [{ from: 500, to: 550, words: 'hm' }], until: 4000 }, ['silence 3000']],
  ['speech after the prompt is no barge-in', { bot: [0, 1000], listen: { bargeIn: true }, speech: [{ from: 1200, to: 1600, words: 'Fine.' }], until: 3000 }, ['turn 1860 Fine.']],
];

for (const [name, scene, expected] of table) {
  t.test(name, (t) => {
    t.same(brief(play(scene).events), expected);
    t.end();
  });
}

t.test('a turn without end is taken at the limit', (t) => {
  const { events } = play({ speech: [{ from: 100, to: MAX_TURN_MS + 10_000, words: 'much later' }], until: MAX_TURN_MS + 5000 });
  t.same(brief(events), [`turn ${MAX_TURN_MS + 100} `]);
  t.end();
});

t.test('timings name each step', (t) => {
  const [event] = play({ speech: [{ from: 500, to: 1000, words: 'Hello.' }], until: 3000 }).events;
  t.match(event, { type: 'turn_end', lastSpeechMs: 1000, pauseSeenMs: 1120, finalTextMs: 1160, decidedMs: 1260, confidence: 0.9 });
  t.end();
});

t.test('the ear forgets what was said inside the prompt and what was taken', (t) => {
  t.equal(play({ bot: [0, 2000], listen: { silenceMs: 1000 }, speech: [{ from: 500, to: 1000, words: 'Hello?' }], until: 2500 }).forgotten, 1);
  t.equal(play({ speech: [{ from: 500, to: 1000, words: 'Hello.' }], until: 2500 }).forgotten, 1);
  t.equal(play({ until: 2500 }).forgotten, 0);
  t.end();
});

t.test('an engine that takes its time is waited for as long as it says', (t) => {
  const taker = new TurnTaker(config, { lateWordsMs: 6_000 });
  taker.listen({ kind: 'open', silenceMs: 5000, bargeIn: false, atMs: 0 });
  taker.tick(20, false);
  taker.onEar({ type: 'speech', atMs: 100 });
  taker.onEar({ type: 'pause', segment: 0, lastSpeechMs: 600, detectedMs: 720 });
  t.same(brief(taker.tick(860 + LATE_WORDS_MS, false)), []);
  const late = { type: 'transcript', segment: 0, text: 'late words', confidence: 1, startMs: 100, endMs: 600, decodeMs: 2_500 } as const;
  t.match(brief(taker.onEar(late))[0], /late words$/);
  t.end();
});

t.test('words of a turn that was taken do not leak into the next', (t) => {
  const taker = new TurnTaker(config);
  const spec = { kind: 'open', silenceMs: 5000, bargeIn: false } as const;
  taker.listen({ ...spec, atMs: 0 });
  taker.tick(20, false);
  taker.onEar({ type: 'speech', atMs: 100 });
  taker.onEar({ type: 'pause', segment: 0, lastSpeechMs: 600, detectedMs: 720 });
  t.same(brief(taker.tick(860 + LATE_WORDS_MS, false)), [`turn ${860 + LATE_WORDS_MS} `]);
  taker.listen({ ...spec, atMs: 3000 });
  taker.tick(3020, false);
  taker.onEar({ type: 'transcript', segment: 0, text: 'old words', confidence: 1, startMs: 100, endMs: 600, decodeMs: 9 });
  taker.onEar({ type: 'speech', atMs: 3100 });
  taker.onEar({ type: 'pause', segment: 1, lastSpeechMs: 3600, detectedMs: 3720 });
  t.same(brief(taker.tick(3900, false)), []);
  const event = { type: 'transcript', segment: 1, text: 'new words', confidence: 1, startMs: 3100, endMs: 3600, decodeMs: 9 } as const;
  t.same(brief(taker.onEar(event)), ['turn 3900 new words'], 'late words end the turn as they arrive');
  t.end();
});

t.test('a lost stream leaves no half of a turn, and the next one numbers from zero', (t) => {
  const taker = new TurnTaker(config);
  taker.listen({ kind: 'open', silenceMs: 5000, bargeIn: false, atMs: 0 });
  taker.tick(20, false);
  taker.onEar({ type: 'speech', atMs: 100 });
  taker.onEar({ type: 'pause', segment: 7, lastSpeechMs: 600, detectedMs: 720 });
  taker.onEar({ type: 'lost', error: new Error('gone') });
  t.same(taker.tick(4000, false), []);
  t.equal(taker.callerSpeaking, false);
  taker.onEar({ type: 'speech', atMs: 4100 });
  taker.onEar({ type: 'pause', segment: 0, lastSpeechMs: 4600, detectedMs: 4720 });
  taker.onEar({ type: 'transcript', segment: 0, text: 'here again', confidence: undefined, startMs: 4100, endMs: 4600, decodeMs: 9 });
  t.same(brief(taker.tick(4900, false)), ['turn 4900 here again']);
  t.end();
});

t.test('nothing is decided while nobody listens', (t) => {
  const taker = new TurnTaker(config);
  taker.listen({ kind: 'open', silenceMs: 1000, bargeIn: true, atMs: 0 });
  taker.stopListening();
  t.same(taker.tick(5000, false), []);
  t.same(taker.onEar({ type: 'speech', atMs: 5000 }), []);
  t.end();
});
