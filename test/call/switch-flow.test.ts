import t from 'tap';
import { createCallService } from '../../src/call/service.js';
import { parseConfig } from '../../src/config/load.js';
import { compileFlow } from '../../src/dialogue/flow/compile.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import type { Attempt, CallResult } from '../../src/store/store.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeSignalling } from '../support/fake-signalling.js';
import { FakeEar, FakeMouth, marked } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';
import { plainTask } from '../support/plain-task.js';

const english = `
trunkline: 2
id: desk
language: en-US
start: question
fallback: bye
universal: { other_language: { goto: in_chinese } }
slots: { size: { kind: choice, ask: Small or large?, choices: [{ value: small }, { value: large }] } }
variables: { name: { required: true } }
nodes:
  question: { collect: [size], next: really }
  really: { ask: Do you have your card with you?, kind: yes_no, yes: bye, no: bye }
  in_chinese: { switch_flow: desk-zh, say: One moment please., failed: sorry }
  sorry: { say: Nobody here speaks Chinese now., next: really }
  bye: { end: end, reason: asked in English, say: Goodbye. }
`;
const chinese = `
trunkline: 2
id: desk-zh
language: zh-CN
start: question
fallback: bye
variables: { name: { required: true }, size: { default: none } }
nodes:
  question: { ask: 您带卡了吗？, kind: yes_no, yes: bye, no: bye }
  bye: { end: end, reason: '{size}', say: 再见。 }
`;

const attempt: Attempt = { id: 'att_1', taskId: 'task_1', number: 1, callId: 'call_1', sipCallId: 'att_1@node', startedAt: 0, nodeId: 'node_1', endedAt: undefined };

/** A call in English on a server that has another ear and mouth for Chinese. */
function call(changes: { published?: boolean; full?: boolean; slow?: boolean } = {}) {
  const clock = new ManualClock();
  const media = new FakeMedia(clock);
  const [ear, chineseEar] = [new FakeEar(), new FakeEar()];
  const [mouth, chineseMouth] = [new FakeMouth(), new FakeMouth()];
  if (changes.full === true) chineseEar.capacity.used = chineseEar.capacity.total;
  const config = parseConfig('');
  const signalling = new FakeSignalling();
  const dns = { resolveSrv: () => Promise.resolve([]), resolve4: () => Promise.resolve(['192.0.2.1']), resolve6: () => Promise.resolve([]) };
  const flows = new Map([['desk', english], ...(changes.published === false ? [] : [['desk-zh', chinese] as const])]);
  const service = createCallService({
    config,
    trunks: new TrunkBook({ signalling, dns, clock, random: systemRandom, log: silentLogger, caller: config.sip.caller, unknownSources: undefined }),
    clock,
    random: systemRandom,
    log: silentLogger,
    signalling,
    media: { createSession: () => media, sessions: 0, freePorts: 8, close: () => Promise.resolve() },
    ear,
    mouth,
    speech: (language) => (language.startsWith('zh') ? { ear: chineseEar, mouth: chineseMouth } : { ear, mouth }),
    recordingsDir: '/nowhere',
    isComplete: () => false,
    flow: (id) => {
      const source = flows.get(id);
      if (changes.slow === true && id === 'desk-zh') return new Promise(() => undefined);
      return source === undefined ? Promise.reject(new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id } })) : Promise.resolve({ compiled: compileFlow(source, { clock }), version: 7, prompts: { get: () => marked(100, 1) } });
    },
    saveInbound: () => Promise.resolve(),
    mediaAddress: () => undefined,
    models: () => ({ ear: 'test' }),
  });
  const reservation = service.reserve();
  if (reservation === undefined) throw new Error('no capacity');
  const result: Promise<CallResult> = service.dial({ task: plainTask({ flow: 'desk', variables: { name: 'Ann' } }), attempt, reservation, signal: new AbortController().signal, onAnswered: () => undefined });
  return { media, ear, chineseEar, result };
}

const words = ({ transcript }: CallResult): string[] => transcript.map(({ speaker, text }) => `${speaker}: ${text}`);

t.test('the call goes on in the other language, with what is known', async (t) => {
  const { media, ear, chineseEar, result } = call();
  await media.frames(400);
  ear.heard('large', 420, 600);
  await media.frames(900);
  ear.heard('do you speak chinese', 1_320, 1_500);
  await media.frames(900);
  chineseEar.heard('是的', 600, 780);
  await media.frames(1_500);
  const ended = await result;
  t.same(words(ended), ['bot: Small or large?', 'caller: large', 'bot: Do you have your card with you?', 'caller: do you speak chinese', 'bot: One moment please.', 'bot: 您带卡了吗？', 'caller: 是的', 'bot: 再见。']);
  t.match(ended, { flow: 'desk', switchedTo: { flow: 'desk-zh', flowVersion: 7 }, verdict: { kind: 'end', reason: 'large' }, slots: { size: 'large' }, endedBy: 'bot', reason: 'flow_end' });
  t.ok(ended.transcript.every(({ atMs }, index, all) => index === 0 || atMs >= all[index - 1]!.atMs), 'one clock for all of it');
});

for (const [why, changes] of [['nobody wrote that flow', { published: false }], ['nobody is free who speaks it', { full: true }], ['it is not made ready yet', { slow: true }]] as const) {
  t.test(`it stays as it is: ${why}`, async (t) => {
    const { media, ear, result } = call(changes);
    await media.frames(400);
    ear.heard('do you speak chinese', 420, 600);
    // Four seconds at most, and then nobody waits any more.
    const waited = 'slow' in changes ? 4_000 : 0;
    await media.frames(1_200 + waited);
    ear.heard('yes', 1_620 + waited, 1_800 + waited);
    await media.frames(1_200);
    const ended = await result;
    t.same(words(ended).slice(2), ['bot: One moment please.', 'bot: Nobody here speaks Chinese now.', 'bot: Do you have your card with you?', 'caller: yes', 'bot: Goodbye.']);
    t.match(ended, { verdict: { reason: 'asked in English' } });
    t.equal(ended.switchedTo, undefined);
  });
}
