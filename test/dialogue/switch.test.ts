import t from 'tap';
import { Chat } from '../../src/dialogue/chat.js';
import { checkFlow, compileFlow } from '../../src/dialogue/flow/compile.js';
import { ManualClock } from '../support/manual-clock.js';

const source = `
trunkline: 2
id: desk
language: en-US
start: question
fallback: bye
universal: { other_language: { goto: in_chinese } }
nodes:
  question: { ask: Do you have your card with you?, kind: yes_no, yes: bye, no: bye }
  in_chinese: { switch_flow: desk-zh, say: One moment please., failed: sorry }
  sorry: { say: Nobody here speaks Chinese now., next: question }
  bye: { end: end, reason: asked, say: Goodbye. }
`;

t.test('a caller who speaks another language', async (t) => {
  const dialogue = compileFlow(source, { clock: new ManualClock() }).start({});
  dialogue.next({ type: 'start' });
  t.match(dialogue.next({ type: 'utterance', text: 'Do you speak Chinese?' }), [
    { type: 'say', prompt: { text: 'One moment please.' }, bargeIn: false },
    { type: 'switch', node: 'in_chinese', flow: 'desk-zh' },
  ]);
  t.same(dialogue.next({ type: 'utterance', text: 'hello' }), [], 'nothing counts meanwhile');
  t.match(dialogue.next({ type: 'transfer_failed' }), [{ type: 'say', prompt: { text: 'Nobody here speaks Chinese now.' } }, { type: 'say', prompt: { text: 'Do you have your card with you?' } }, { type: 'listen' }]);
});

t.test('in a chat', async (t) => {
  const chat = new Chat(compileFlow(source, { clock: new ManualClock() }), {});
  chat.start();
  t.match(chat.line('do you speak chinese').map((line) => line.text).join('\n'), /One moment please\.\ngoes on in flow desk-zh/);
  t.equal(chat.verdict, undefined);
  t.match(chat.line('!!').map((line) => line.text).join('\n'), /Nobody here/);
});

t.test('mistakes', async (t) => {
  const reasons = (from: string, to: string): string => checkFlow(source.replace(from, to)).map(({ reason }) => reason).join('; ');
  t.equal(reasons('', ''), '');
  t.match(reasons('failed: sorry }', 'failed: nowhere }'), /no node "nowhere"/);
  t.match(reasons(', failed: sorry }', ' }'), /failed/);
  t.match(reasons('switch_flow: desk-zh', 'switch_flow: Desk ZH'), /switch_flow|pattern|must/);
  t.match(reasons('say: One moment please.', "say: '{nome}'"), /\{nome\} is not declared/);
});
