import t from 'tap';
import type { Mood } from '../../src/dialogue/mood/mood.js';
import { Conversation } from '../../src/call/conversation.js';
import { parseConfig } from '../../src/config/load.js';
import type { CompiledFlow, Dialogue, DialogueInput, DialogueOutput, PromptMark } from '../../src/dialogue/dialogue.js';
import { silentLogger } from '../../src/kernel/log.js';
import type { TranscriptLine } from '../../src/store/store.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeEar, FakeMouth, marked } from '../support/fake-speech.js';
import type { Mind } from '../../src/speech/mind.js';
import { ManualClock } from '../support/manual-clock.js';

const say = (text: string, bargeIn = true): DialogueOutput => ({ type: 'say', node: 'n', bargeIn, prompt: { text, parts: [{ kind: 'fixed', text }] } });
const listen = (over: Partial<Extract<DialogueOutput, { type: 'listen' }>> = {}): DialogueOutput => ({ type: 'listen', node: 'n', kind: 'open', silenceMs: 4000, bargeIn: true, dtmf: undefined, ...over });
const end: DialogueOutput = { type: 'end', node: 'n', verdict: { kind: 'end', reason: 'done' } };

const CALM: Mood = { label: 'neutral', valence: 0, arousal: 0, trend: 0, evidence: [] };

/** Answers from a list, and remembers what it was told. */
class ScriptedDialogue implements Dialogue {
  readonly inputs: DialogueInput[] = [];
  prepare?: (text: string) => Promise<void>;
  readonly variables = {};
  readonly slots = {};
  readonly node = 'n';
  readonly lastDecision = undefined;
  readonly mood = CALM;
  judge = (): undefined => undefined;
  readonly #script: DialogueOutput[][];
  constructor(script: DialogueOutput[][]) {
    this.#script = [...script];
  }
  next(input: DialogueInput): readonly DialogueOutput[] {
    this.inputs.push(input);
    return this.#script.shift() ?? [];
  }
}

function setUp(script: DialogueOutput[][], earDown = false, recoverMs = 1000, mind?: Mind) {
  const clock = new ManualClock();
  const media = new FakeMedia(clock);
  const ear = new FakeEar();
  ear.down = earDown;
  const mouth = new FakeMouth();
  const dialogue = new ScriptedDialogue(script);
  const lines: { line: TranscriptLine; replyMs: number | undefined }[] = [];
  const config = parseConfig('');
  const flow = { id: 'f', language: 'en-US', voice: undefined, apology: 'Sorry.' } as CompiledFlow;
  const conversation = new Conversation({
    flow,
    dialogue,
    media,
    ear,
    mouth,
    prompts: { get: () => marked(200, 1) },
    turn: config.turn,
    recoverMs,
    clock,
    log: silentLogger,
    answeredMs: clock.monotonic(),
    isComplete: () => false,
    mind,
    onLine: (line, _decision, replyMs) => void lines.push({ line, replyMs }),
  });
  media.onDtmf((event) => conversation.press(event.digit));
  const stop = new AbortController();
  return { clock, media, ear, mouth, dialogue, lines, conversation, stop, running: conversation.run(stop.signal) };
}

t.test('greeting, answer, last words: the flow ends after its last packet', async (t) => {
  const { media, ear, dialogue, lines, conversation, running } = setUp([[say('Hello?'), listen()], [say('Bye.'), end]]);
  await media.frames(400);
  ear.heard('yes', 420, 600);
  await media.frames(1000);
  const result = await running;
  t.same(result.verdict, { kind: 'end', reason: 'done' });
  t.same(dialogue.inputs, [{ type: 'start' }, { type: 'utterance', text: 'yes', confidence: 0.9 }]);
  t.same(lines.map(({ line }) => `${line.speaker}: ${line.text}`), ['bot: Hello?', 'caller: yes', 'bot: Bye.']);
  const turn = conversation.log.turns[1];
  t.ok(turn?.firstPacketMs !== undefined && turn.lastSpeechMs !== undefined, 'timings are there');
  const replyMs = (turn?.firstPacketMs ?? 0) - (turn?.lastSpeechMs ?? 0);
  t.ok(replyMs >= 300 && replyMs <= 360, `reply ${replyMs} ms after the last word: the end-of-turn delay and at most two ticks`);
});

t.test('what the law wants to be said counts when it was said to its end', async (t) => {
  const marks = (say: DialogueOutput, ...marks: PromptMark[]): DialogueOutput => (say.type === 'say' ? { ...say, prompt: { ...say.prompt, marks } } : say);
  const { media, ear, conversation, running } = setUp([
    [marks(say('Hello, a machine speaks.'), 'disclosure'), marks(say('Say stop at any time.'), 'opt_out'), listen()],
    [marks(say('As I said, a machine.'), 'disclosure', 'opt_out'), end],
  ]);
  t.equal(conversation.toldMs('disclosure'), undefined);
  // The second sentence is interrupted.
  await media.frames(260);
  ear.stream.emit({ type: 'speech', atMs: 200 });
  await media.frames(100);
  const disclosed = conversation.toldMs('disclosure');
  t.ok(disclosed !== undefined && disclosed >= 200 && disclosed <= 240, `${disclosed} ms`);
  t.equal(conversation.toldMs('opt_out'), undefined);
  ear.heard('yes', 420, 600);
  await media.frames(1500);
  await running;
  t.equal(conversation.toldMs('disclosure'), disclosed, 'the first time counts');
  t.ok((conversation.toldMs('opt_out') ?? 0) > 600);
});

t.test('the caller interrupts: playout is flushed and the words count', async (t) => {
  const { media, ear, dialogue, stop, running } = setUp([[say('A long story'), listen()], [say('Fine.'), listen()]]);
  await media.frames(100);
  ear.stream.emit({ type: 'speech', atMs: 40 });
  await media.frames(60);
  t.equal(media.flushes, 1);
  ear.heard('stop', 100, 200);
  await media.frames(600);
  t.match(dialogue.inputs[1], { type: 'utterance', text: 'stop' });
  stop.abort();
  t.equal((await running).verdict, undefined);
});

t.test('where the flow forbids it, speech over the prompt neither stops it nor counts', async (t) => {
  const { media, ear, dialogue, stop, running } = setUp([[say('Listen first', false), listen({ bargeIn: false })]]);
  await media.frames(40);
  ear.heard('blah', 40, 100);
  await media.frames(700);
  t.equal(media.flushes, 0);
  t.same(dialogue.inputs, [{ type: 'start' }]);
  stop.abort();
  await running;
});

t.test('keys are an answer', async (t) => {
  const { media, dialogue, stop, running } = setUp([[say('Your number?'), listen({ kind: 'digits', dtmf: { minDigits: 1, maxDigits: 3 } })]]);
  await media.frames(100);
  for (const key of '417') media.key(key);
  t.same(dialogue.inputs[1], { type: 'dtmf', digits: '417' });
  t.equal(media.flushes > 0, true, 'the first key stops the prompt');
  stop.abort();
  await running;
});

t.test('silence is told to the flow, counted from the end of the prompt', async (t) => {
  const { media, dialogue, stop, running } = setUp([[say('Hello?'), listen({ silenceMs: 1000 })], [say('Are you there?'), listen()]]);
  await media.frames(1180);
  t.equal(dialogue.inputs.length, 1, 'not while less than a second after the prompt');
  await media.frames(200);
  t.same(dialogue.inputs[1], { type: 'silence' });
  stop.abort();
  await running;
});

t.test('a lost ear: the caller hears the apology at once and the next answer is understood', async (t) => {
  const { media, ear, dialogue, stop, running } = setUp([[say('Hello?'), listen()], [say('Sorry.'), listen()], [say('Good.'), listen()]]);
  await media.frames(400);
  const played = media.played.length;
  ear.stream.emit({ type: 'lost', error: new Error('killed') });
  t.same(dialogue.inputs[1], { type: 'trouble' });
  t.equal(media.played.length, played + 1, 'the apology is queued in the same turn');
  await media.frames(400);
  t.equal(ear.streams.length, 2);
  ear.heard('hello again', 100, 300);
  await media.frames(400);
  t.match(dialogue.inputs[2], { type: 'utterance', text: 'hello again' });
  stop.abort();
  await running;
});

t.test('an ear that is down when the call begins: the caller is told, once, and is understood when it is back', async (t) => {
  const { media, ear, dialogue, stop, running } = setUp([[say('Hello?'), listen()], [say('Sorry.'), listen()], [say('Good.'), listen()]], true, 8000);
  await media.frames(1100);
  t.equal(dialogue.inputs.length, 1, 'not while the greeting is fresh');
  await media.frames(400);
  t.same(dialogue.inputs[1], { type: 'trouble' });
  await media.frames(2500);
  t.equal(dialogue.inputs.length, 2);
  ear.down = false;
  await media.frames(300);
  ear.heard('here I am', 100, 300);
  await media.frames(400);
  t.match(dialogue.inputs[2], { type: 'utterance', text: 'here I am' });
  stop.abort();
  await running;
});

t.test('an ear that does not come back ends the conversation with its code', async (t) => {
  const { clock, ear, media, running } = setUp([[say('Hello?'), listen()], [say('Sorry.'), listen()]]);
  await media.frames(100);
  ear.down = true;
  ear.stream.emit({ type: 'lost', error: new Error('killed') });
  await clock.run(3000);
  t.equal((await running).error?.code, 'TRK_WORKER_LOST');
});

t.test('what was said is looked up while the turn is still open, and waited for before it is decided on', async (t) => {
  const { media, ear, dialogue, stop, running } = setUp([[say('Hello?'), listen()], [say('Good.'), listen()]]);
  const prepared: string[] = [];
  let ready: () => void = () => undefined;
  dialogue.prepare = (text) => {
    prepared.push(text);
    return new Promise((resolve) => (ready = resolve));
  };
  await media.frames(400);
  ear.heard('yes', 100, 300);
  t.same(prepared, ['yes'], 'before the turn is over');
  await media.frames(400);
  t.equal(dialogue.inputs.length, 1, 'not decided yet');
  ready();
  await media.frames(20);
  t.match(dialogue.inputs[1], { type: 'utterance', text: 'yes' });
  stop.abort();
  await running;
});

t.test('words that are still looked up when a key has answered are no answer to the next question', async (t) => {
  const digits = listen({ dtmf: { minDigits: 1, maxDigits: 1 } });
  const { media, ear, dialogue, lines, conversation, stop, running } = setUp([[say('Hello?'), digits], [say('Next?'), listen()]]);
  let ready: () => void = () => undefined;
  dialogue.prepare = () => new Promise((resolve) => (ready = resolve));
  await media.frames(400);
  ear.heard('yes', 100, 300);
  await media.frames(400);
  conversation.press('4');
  t.same(dialogue.inputs.slice(1), [{ type: 'dtmf', digits: '4' }]);
  ready();
  await media.frames(20);
  t.equal(dialogue.inputs.length, 2);
  t.ok(lines.some((line) => JSON.stringify(line).includes('yes')), 'they are in the transcript all the same');
  stop.abort();
  await running;
});

const wording: DialogueOutput = {
  type: 'effect',
  node: 'n',
  id: 1,
  effect: { kind: 'generate', instruction: 'Answer.', grounds: { language: 'en', facts: ['The card costs 60 dollars a year.'], slots: {}, callerWords: [], names: [] }, lastTurns: [], scripted: { text: 'Later.', parts: [{ kind: 'fixed', text: 'Later.' }] } },
  filler: undefined,
  deadlineMs: 1500,
  bargeIn: true,
};

/** Says one clause and then thinks until it is stopped. */
function slowMind(stopped: () => void, words = ['The card costs 60 dollars a year. ']): Mind {
  return {
    async *generate({ signal }) {
      yield* words;
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      stopped();
    },
    score: () => Promise.resolve([]),
    prepare: () => Promise.resolve(),
    capacity: { total: 1, used: 0 },
    ready: true,
    close: () => Promise.resolve(),
  };
}

t.test('the caller speaks over a worded reply: silence, the model is freed, and the words answer the next question', async (t) => {
  let stops = 0;
  const { media, ear, dialogue, stop, running } = setUp([[say('Hello.'), wording], [say('Anything else?'), listen()], [say('Good.'), listen()]], false, 1000, slowMind(() => void stops++));
  await media.frames(260);
  t.equal(stops, 0);
  ear.stream.emit({ type: 'speech', atMs: 200 });
  await media.frames(60);
  t.equal(stops, 1, 'within three ticks');
  t.ok(media.flushes >= 1);
  t.match(dialogue.inputs[1], { type: 'effect', outcome: { ok: true, said: 'The card costs 60 dollars a year.', interrupted: true } });
  ear.heard('no thanks', 200, 460);
  await media.frames(900);
  t.match(dialogue.inputs[2], { type: 'utterance', text: 'no thanks' });
  stop.abort();
  await running;
});

t.test('words said while a reply is being worded do not stop it', async (t) => {
  let stops = 0;
  const { media, ear, dialogue, lines, stop, running } = setUp([[wording], []], false, 1000, slowMind(() => void stops++, []));
  await media.frames(40);
  ear.heard('hello?', 60, 300);
  await media.frames(800);
  t.equal(dialogue.inputs.length, 1);
  t.equal(stops, 0);
  t.ok(lines.some(({ line }) => line.speaker === 'caller' && line.text === 'hello?'));
  stop.abort();
  await running;
});

t.test('words said before the first sound of a reply are for the question that follows it', async (t) => {
  let go: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (go = resolve));
  const mind: Mind = { ...slowMind(() => undefined), async *generate() { await begun; yield 'The card costs 60 dollars a year. '; } };
  const { media, ear, dialogue, lines, stop, running } = setUp([[{ ...wording, deadlineMs: 10_000 }], [say('Anything else?'), listen()], [say('A colleague will call you.'), listen()]], false, 1000, mind);
  await media.frames(40);
  ear.heard('hello?', 60, 300);
  await media.frames(960);
  ear.heard('wait I want', 1000, 1200);
  await media.frames(1000);
  ear.heard('a person', 2000, 2200);
  await media.frames(1000);
  t.equal(dialogue.inputs.length, 1, 'the reply comes first');
  go();
  await media.frames(60);
  t.match(dialogue.inputs[1], { type: 'effect', outcome: { ok: true, said: 'The card costs 60 dollars a year.' } });
  t.match(dialogue.inputs[2], { type: 'utterance', text: 'wait I want a person' });
  t.equal(dialogue.inputs.length, 3);
  t.same(lines.filter(({ line }) => line.speaker === 'caller').map(({ line }) => line.text), ['hello?', 'wait I want', 'a person'], 'each is noted once');
  stop.abort();
  await running;
});

t.test('a yes into that pause is no answer to a question that was not asked yet', async (t) => {
  let go: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (go = resolve));
  const mind: Mind = { ...slowMind(() => undefined), async *generate() { await begun; yield 'The card costs 60 dollars a year. '; } };
  const { media, ear, dialogue, stop, running } = setUp([[wording], [say('May we send it?'), listen()], []], false, 1000, mind);
  await media.frames(40);
  ear.heard('yes', 60, 300);
  await media.frames(800);
  go();
  await media.frames(60);
  t.same(dialogue.inputs.map(({ type }) => type), ['start', 'effect']);
  stop.abort();
  await running;
});
