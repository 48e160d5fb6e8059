import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { treeCpuMs } from '../../../bench/support/process-cpu.js';
import { delay, systemClock } from '../../../src/kernel/clock.js';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import { PhoneProcess, clipsOf } from '../../support/phone-process.js';
import { eventually } from '../../support/eventually.js';
import { ServerProcess } from '../../support/server-process.js';
import type { WireResult } from '../../support/server-process.js';

/** Issue: whoever loses a worker hears something within this time. */
const HEARS_WITHIN_MS = 2000;
const CALL_LIMIT_MS = 45_000;

const APOLOGY = 'Sorry, I lost you for a moment.';
/** Long enough that its synthesis is not over when its first words are heard. */
const STORY = 'Your order of seven wooden chairs, three kitchen tables and one very large wardrobe from the fourth of May left our warehouse in the north of the city this morning, and two of our drivers are on the way to you.';
/** It takes about so long to say that, and the question behind it; a cut one is shorter by far. */
const STORY_MS = 11_000;

const FLOW = `
trunkline: 1
id: survival
language: en-US
start: greeting
apology: ${APOLOGY}
fallback: lost
defaults: { silence_ms: 3000 }
variables:
  story: { required: true }
nodes:
  greeting:
    ask: Hello. May I go on?
    kind: yes_no
    reprompt: May I go on? Please say yes or no.
    yes: story
    no: lost
  story:
    ask: "{story} Is that right?"
    kind: yes_no
    reprompt: Please say yes or no.
    yes: done
    no: lost
  done:
    end: follow_up
    channel: email
    template: offer
    reason: all heard
    say: Thank you. Goodbye.
  lost:
    end: end
    reason: not understood
    say: I did not understand you. Goodbye.
`;

const VERDICT = { kind: 'follow_up', channel: 'email', template: 'offer', reason: 'all heard' };

/** Calls with their pauses, worker starts on a busy machine. */
t.setTimeout(180_000);

let directory: string;
let server: ServerProcess;
let phone: PhoneProcess;
let calls = 0;

t.before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trunkline-survival-'));
  const [yes] = await clipsOf(['Yes please.']);
  // A caller says yes whenever the bot has finished; more often than the flow needs, because a word said while there is no ear is lost.
  const steps = Array.from({ length: 8 }, () => ({ say: yes, label: 'yes', thinkMs: 700, timeoutMs: 20_000 }));
  phone = await PhoneProcess.start(join(directory, 'phone'), { caller: { steps, hangupAfter: 'never', maxCallMs: CALL_LIMIT_MS } });
  server = await ServerProcess.start({ call: { recover_ms: 20_000 } }, { directory, flows: { survival: FLOW } });
  t.teardown(async () => {
    await server.stop();
    await phone.stop();
    rmSync(directory, { recursive: true, force: true });
  });
});

interface Talked {
  readonly result: WireResult;
  readonly events: readonly PhoneEvent[];
}

/** What the phone said about one call, found by a user part that only this call has. */
class Caller {
  readonly user = `caller${++calls}`;
  #callId: string | undefined;

  get events(): readonly PhoneEvent[] {
    this.#callId ??= phone.ledger().find((line) => line.kind === 'invite' && line.to === this.user)?.call;
    return phone.events.filter((event) => event.call === this.#callId);
  }

  /** The `nth` event of this name, counted from 0. */
  async event(name: PhoneEvent['event'], nth = 0): Promise<void> {
    await phone.event(() => this.events.filter((event) => event.event === name).length > nth, CALL_LIMIT_MS);
  }

  async talk(story: string): Promise<Talked> {
    const taskId = await server.createTask({ to: phone.uri(this.user), flow: 'survival', variables: { story } });
    return { result: await server.result(taskId, CALL_LIMIT_MS), events: this.events };
  }
}

/** The phone takes speech that goes on within half a second for one; longer than this it is more than the greeting. */
const GREETING_LIMIT_MS = 2500;

/** How long the bot is silent after the harm, ms: from the harm, or from the end of what was being heard then. */
function silenceAfter(events: readonly PhoneEvent[], harmedAtMs: number): number {
  const speech = events.filter((event) => event.event === 'bot_speech_start' || event.event === 'bot_speech_end');
  const before = speech.findLast((event) => event.atMs < harmedAtMs);
  const later = speech.filter((event) => event.atMs >= harmedAtMs);
  let silentFrom = harmedAtMs;
  if (before?.event === 'bot_speech_start') {
    silentFrom = later.shift()?.atMs ?? Infinity;
    if (silentFrom - before.atMs > GREETING_LIMIT_MS) return 0;
  }
  return (later.find((event) => event.event === 'bot_speech_start')?.atMs ?? Infinity) - silentFrom;
}

/** Sends a signal to the worker; the answer is the moment. */
function harm(kind: 'ear' | 'mouth', signal: NodeJS.Signals): number {
  const [pid] = server.workers(kind);
  if (pid === undefined) throw new Error(`there is no ${kind} worker`);
  process.kill(pid, signal);
  return systemClock.monotonic();
}

function survived(t: Test, who: string, talked: Talked, harmedAtMs: number): void {
  const ms = silenceAfter(talked.events, harmedAtMs);
  t.ok(ms <= HEARS_WITHIN_MS, `${who} hears the bot within 2 s (${Math.round(ms)} ms)`);
  t.same(talked.result.verdict, VERDICT, `the conversation with ${who} ends as it should`);
  t.equal(talked.result.disposition, 'answered_human');
}

const apologised = (talked: Talked): boolean => talked.result.transcript.some((line) => line.speaker === 'bot' && line.text.startsWith(APOLOGY));

t.afterEach(async () => {
  // A replacement is up before the next test harms it.
  await eventually('workers', 30_000, async () => ((await server.answer('GET', '/readyz')).status === 200 ? true : undefined));
});

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  t.test(`ear worker gets ${signal} while it hears a thinker, a speaker and a listener`, { timeout: 2 * CALL_LIMIT_MS }, async (t) => {
    const [thinker, speaker, listener] = [new Caller(), new Caller(), new Caller()];
    const first = thinker.talk('You ordered a chair.');
    await thinker.event('bot_speech_start');
    const second = speaker.talk('You ordered a chair.');
    await speaker.event('bot_speech_end');
    const third = listener.talk('You ordered a chair.');
    await Promise.all([speaker.event('caller_speech_start'), listener.event('bot_speech_start')]);
    // The greeting does not wait for the ear; a call that has none yet does not notice that one is lost.
    await delay(systemClock, 400);
    const harmedAtMs = harm('ear', signal);
    for (const [who, talking] of [['the thinker', first], ['the speaker', second], ['the listener', third]] as const) {
      const talked = await talking;
      survived(t, who, talked, harmedAtMs);
      t.ok(apologised(talked), `${who} hears the apology`);
    }
  });
}

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  t.test(`mouth worker gets ${signal} before a sentence that it must make`, { timeout: 2 * CALL_LIMIT_MS }, async (t) => {
    const caller = new Caller();
    const talking = caller.talk(signal === 'SIGKILL' ? 'You ordered a table.' : 'You ordered a wardrobe.');
    await caller.event('caller_speech_end');
    const harmedAtMs = harm('mouth', signal);
    survived(t, 'the caller', await talking, harmedAtMs);
  });
}

t.test('mouth worker killed within a sentence', { timeout: 2 * CALL_LIMIT_MS }, async (t) => {
  const caller = new Caller();
  const talking = caller.talk(STORY);
  await caller.event('bot_speech_start', 1);
  harm('mouth', 'SIGKILL');
  const { result, events } = await talking;
  // The bot has the word until the caller takes it: whatever it cannot say any more, it is not silent for long.
  const turn = events.slice(events.findIndex((event) => event.event === 'caller_speech_end'));
  const ms = longestPause(turn.slice(0, turn.findIndex((event) => event.event === 'caller_speech_start')));
  t.ok(ms <= HEARS_WITHIN_MS, `the longest silence in the sentence is below 2 s (${Math.round(ms)} ms)`);
  t.same(result.verdict, VERDICT, 'the conversation ends as it should');
});

t.test('with two workers of each kind, one takes over what the other loses', { timeout: 3 * CALL_LIMIT_MS }, async (t) => {
  await server.stop();
  server = await ServerProcess.start({ speech: { ear: { workers: 2 }, mouth: { workers: 2 } } }, { directory, flows: { survival: FLOW } });
  const [one, other] = [new Caller(), new Caller()];
  const talking = [one.talk('You ordered a stool.'), other.talk('You ordered a bench.')];
  await Promise.all([one.event('bot_speech_end'), other.event('bot_speech_end')]);
  // The less busy worker is taken, so each has one of the calls.
  const harmedAtMs = harm('ear', 'SIGKILL');
  const talked = await Promise.all(talking);
  t.equal(talked.filter(apologised).length, 1, 'one of two callers notices');
  survived(t, 'the one who does', talked.find(apologised)!, harmedAtMs);
  for (const { result } of talked) {
    t.same(result.verdict, VERDICT);
    const heard = result.transcript.filter((line) => line.speaker === 'caller');
    t.ok(heard.length <= 3, 'nobody had to say it again and again');
  }
});

t.test('with two mouths, a sentence that one loses is said again by the other', { timeout: 2 * CALL_LIMIT_MS }, async (t) => {
  const mouths = server.workers('mouth');
  t.equal(mouths.length, 2);
  const caller = new Caller();
  const talking = caller.talk(STORY);
  await caller.event('bot_speech_end');
  const before = mouths.map(treeCpuMs);
  await caller.event('bot_speech_start', 1);
  const worked = mouths.map((pid, index) => treeCpuMs(pid) - before[index]!);
  process.kill(mouths[worked.indexOf(Math.max(...worked))]!, 'SIGKILL');
  const { result, events } = await talking;
  const turn = events.slice(events.findIndex((event) => event.event === 'caller_speech_end'));
  const end = turn.findIndex((event) => event.event === 'caller_speech_start');
  const ms = (turn[end]?.atMs ?? 0) - turn[0]!.atMs;
  t.ok(ms >= STORY_MS, `nothing of it is left out (the bot had the word for ${Math.round(ms)} ms)`);
  const pauseMs = longestPause(turn.slice(0, end));
  t.ok(pauseMs <= HEARS_WITHIN_MS, `and the line is never silent for long (${Math.round(pauseMs)} ms)`);
  t.same(result.verdict, VERDICT);
});

function longestPause(events: readonly PhoneEvent[]): number {
  let longest = 0;
  let endedAt = Infinity;
  for (const event of events) {
    if (event.event === 'bot_speech_end') endedAt = event.atMs;
    if (event.event === 'bot_speech_start') longest = Math.max(longest, event.atMs - endedAt);
  }
  return longest;
}
