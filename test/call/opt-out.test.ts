import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { OptOutWatch } from '../../src/call/opt-out.js';
import type { CallOptOut, OptedOut } from '../../src/call/opt-out.js';
import { createCallService } from '../../src/call/service.js';
import { parseConfig } from '../../src/config/load.js';
import { compileFlow } from '../../src/dialogue/flow/compile.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { keepOptOuts } from '../../src/outbound/rules/opt-outs.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Attempt, Store } from '../../src/store/store.js';
import { newTask } from '../contract/store.js';
import { compileExampleIn } from '../dialogue/talk.js';
import { storeOptions } from '../store/store-options.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeDialog, FakeSignalling } from '../support/fake-signalling.js';
import { FakeEar, FakeMouth, marked } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';

const VARIABLES = { en: { name: 'Ms Miller', limit: '50,000', time_zone: 'America/New_York' }, zh: { name: '王女士', limit: '五万', time_zone: 'Asia/Shanghai' } };

t.test('what callers say in the example flows', async (t) => {
  for (const [language, words, reason] of [['en', 'please stop calling me', 'do_not_call'], ['zh', '不要再给我打电话了', 'do_not_call'], ['en', 'you have the wrong number', 'wrong_number'], ['zh', '你打错了', 'wrong_number'], ['en', 'yes tell me more', undefined], ['zh', '好的你说吧', undefined]] as const) {
    const dialogue = compileExampleIn('card-offer', language).flow.start(VARIABLES[language]);
    const watch = new OptOutWatch(dialogue);
    const after = (input: Parameters<typeof dialogue.next>[0]): OptedOut | undefined => {
      dialogue.next(input);
      return watch.after(input);
    };
    t.equal(after({ type: 'start' }), undefined);
    t.same(after({ type: 'utterance', text: words }), reason === undefined ? undefined : { reason, by: 'call' }, words);
    t.equal(after({ type: 'utterance', text: words }), undefined, 'once');
  }
});

const FLOW = `
trunkline: 2
id: keyed
language: en-US
direction: inbound
start: ask
fallback: bye
universal: { stop_calling: true }
nodes:
  ask: { ask: 'Press any key if you do not want to be called again.', kind: digits, slot: key, min_digits: 1, max_digits: 1, next: no_more }
  no_more: { set: { do_not_call: true }, next: over }
  over: { end: end, reason: do_not_call, say: You will not be called again. }
  bye: { end: end, reason: done, say: Goodbye. }
`;

interface Stage {
  readonly store: Store;
  readonly media: FakeMedia;
  readonly ear: FakeEar;
  readonly dialog: FakeDialog;
  readonly clock: ManualClock;
  dial(): Promise<unknown>;
}

/** A call to a number, with the real store behind what is said in it. */
async function stage(t: Test, wrap: (store: Store) => Store = (store) => store): Promise<Stage> {
  const clock = new ManualClock();
  const store = openSqliteStore(storeOptions(join(t.testdir(), 'trunkline.db'), { clock }));
  t.teardown(() => store.close());
  await store.migrate();
  const media = new FakeMedia(clock);
  const signalling = new FakeSignalling();
  const dialog = new FakeDialog();
  const ear = new FakeEar();
  signalling.outcome = () => Promise.resolve(dialog);
  const config = parseConfig('sip: {gateway: {address: "carrier.test:5070"}}');
  const dns = { resolveSrv: () => Promise.resolve([]), resolve4: () => Promise.resolve(['192.0.2.1']), resolve6: () => Promise.resolve([]) };
  const trunks = new TrunkBook({ signalling, dns, clock, random: systemRandom, log: silentLogger, caller: config.sip.caller, unknownSources: undefined });
  const compiled = compileFlow(FLOW, { clock });
  const keep = keepOptOuts({ store: wrap(store), clock, log: silentLogger, signal: new AbortController().signal });
  const service = createCallService({
    config, trunks, clock, random: systemRandom, log: silentLogger, signalling,
    media: { createSession: () => media, sessions: 0, freePorts: 8, close: () => Promise.resolve() },
    ear,
    mouth: new FakeMouth(),
    recordingsDir: '/nowhere',
    isComplete: () => false,
    flow: () => Promise.resolve({ compiled, version: 1, prompts: { get: () => marked(100, 1) } }),
    saveInbound: () => Promise.resolve(),
    mediaAddress: () => undefined,
    models: () => ({}),
    optedOut: (said: CallOptOut) => keep(said),
  });
  const { tasks: [task] } = await store.createTasks([newTask({ to: 'sip:+14155550100@127.0.0.1', flow: 'keyed' })]);
  const attempt: Attempt = { id: 'att_1', taskId: task!.id, number: 1, callId: 'call_1', sipCallId: 'att_1@node', startedAt: 0, nodeId: 'node_1', endedAt: undefined };
  return { store, media, ear, dialog, clock, dial: () => service.dial({ task: task!, attempt, reservation: service.reserve()!, signal: new AbortController().signal, onAnswered: () => undefined }) };
}

for (const by of ['keypad', 'call'] as const) {
  t.test(`a no by ${by} is saved while the call goes on`, async (t) => {
    let saved = 0;
    const counted = (real: Store): Store => Object.assign(Object.create(real) as Store, { optOut: async (...given: Parameters<Store['optOut']>) => {
      await real.optOut(...given);
      saved++;
    } });
    const { store, media, ear, dialog, dial } = await stage(t, counted);
    const atHangUp: number[] = [];
    const hangup = dialog.hangup.bind(dialog);
    dialog.hangup = () => {
      atHangUp.push(saved);
      return hangup();
    };
    const call = dial();
    await media.frames(100);
    if (by === 'keypad') media.key('2');
    else ear.heard('please stop calling me', 1_000, 1_800);
    let over = false;
    void call.then(() => (over = true));
    for (let frames = 0; frames < 3_000 && !over; frames++) await media.frames(1);
    t.same(atHangUp, [1], 'it was saved when the bot hung up');
    t.match((await store.listSuppressions({ limit: 5 })).items, [{ number: '+14155550100', scope: 'all', source: by, reason: 'do_not_call', evidence: 'call_1' }]);
    t.match(await store.readCompliance({ after: 0, limit: 5 }), [{ kind: 'opted_out', callId: 'call_1' }]);
  });
}

t.test('a store that is away is tried again, and the call ends meanwhile', async (t) => {
  let tries = 0;
  const { store, media, clock, dial } = await stage(t, (real) => Object.assign(Object.create(real) as Store, { optOut: (...given: Parameters<Store['optOut']>) => (tries++ < 3 ? Promise.reject(new Error('away')) : real.optOut(...given)) }));
  const call = dial();
  await media.frames(100);
  media.key('2');
  await media.frames(400);
  for (let turns = 0; turns < 100 && tries < 3; turns++) await clock.run(500);
  await call;
  for (let turns = 0; turns < 100 && (await store.complianceHead()).seq === 0; turns++) await clock.run(500);
  t.equal(tries, 4);
  t.equal((await store.listSuppressions({ limit: 5 })).items.length, 1);
});
