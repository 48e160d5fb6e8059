import t from 'tap';
import { isDropped } from '../../src/dialogue/answers/dropped.js';
import { compile, hold } from './talk.js';

t.test('who drops a form, and who answers', async (t) => {
  for (const text of ['Never mind.', 'oh forget it', 'actually, forget about it please', 'no, let’s just leave it', 'cancel', 'cancel that, thanks', "you know what, I've changed my mind", 'stop, this is too complicated', "I'd rather not"]) t.ok(isDropped(text, 'en'), text);
  for (const text of ['no', 'Friday', 'cancel the second one', 'stop calling me', 'forget the large one, the small one', 'I changed my mind, make it Friday', 'leave it with the neighbour', 'skip it', 'this is too much', 'just me', 'never', '']) t.notOk(isDropped(text, 'en'), text);
  for (const text of ['算了', '算了吧，不弄了', '嗯还是算了', '取消吧', '不填了谢谢', '我改主意了', '太麻烦了，不弄了']) t.ok(isDropped(text, 'zh'), text);
  for (const text of ['不', '不是', '周五', '取消第二个', '别打了', '我改主意了，周五吧', '不用', '放门口']) t.notOk(isDropped(text, 'zh'), text);
});

const flow = (cancel: string): string => `trunkline: 2
id: t
language: en-US
start: form
fallback: lost
slots:
  people: { kind: number, ask: How many will you be?, min: 1, max: 8 }
  visit: { kind: datetime, ask: When would you like to come?, confirm: always }
verdicts:
  - { when: people != null, verdict: end, reason: 'booked for {people}' }
  - { verdict: end, reason: nothing was booked }
nodes:
  form: { collect: [people, visit], next: done${cancel} }
  no_form: { verdict: rules, say: 'All right, no appointment then. Goodbye.' }
  done: { verdict: rules, say: Booked. Goodbye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;

t.test('a form that is dropped leaves nothing behind', async (t) => {
  for (const lines of [['Never mind.'], ['Four.', 'Oh, forget it.'], ['Four.', 'Tomorrow at three.', "I've changed my mind."]]) {
    const held = hold(compile(flow(', cancel: no_form')), {}, lines);
    t.equal(held.said.at(-1), 'All right, no appointment then. Goodbye.', lines.join(' '));
    t.match(held.verdict, { kind: 'end', reason: 'nothing was booked' });
    t.same(held.slots, {});
  }
});

t.test('without a node for it the talk goes where it goes when nothing is understood', async (t) => {
  t.match(hold(compile(flow('')), {}, ['Four.', 'Forget it.']).verdict, { kind: 'handoff', queue: 'desk' });
});

t.test('a question for yes or no is answered by it', async (t) => {
  const source = flow(', cancel: no_form').replace('  people: { kind: number, ask: How many will you be?, min: 1, max: 8 }', '  people: { kind: yes_no, ask: Do you bring anybody?, confirm: never }');
  const held = hold(compile(source), {}, ["I'd rather not."]);
  t.equal(held.verdict, undefined, held.trace.join('\n'));
  t.notOk(held.trace.some((line) => line.includes('form dropped')));
});

t.test('in Chinese', async (t) => {
  const zh = flow(', cancel: no_form').replace('en-US', 'zh-CN').replace('How many will you be?', '几位？').replace('When would you like to come?', '什么时候来？');
  t.match(hold(compile(zh), {}, ['四位', '算了，不约了']).verdict, { kind: 'end', reason: 'nothing was booked' });
});
