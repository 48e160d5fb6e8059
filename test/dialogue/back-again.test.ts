import t from 'tap';
import { isBackAgain } from '../../src/dialogue/answers/back-again.js';
import type { DialogueOutput } from '../../src/dialogue/dialogue.js';
import { compile } from './talk.js';

t.test('who is back, and who answers', async (t) => {
  for (const text of ["I'm back.", 'okay i’m back now', 'sorry about that, go ahead', 'uh where were we', 'thanks for waiting', 'alright you can continue', 'hi, I am here again', 'ready', 'go on please']) t.ok(isBackAgain(text, 'en'), text);
  for (const text of ['yes', 'no', 'okay', 'thank you', 'go ahead and send it', "I'm back at work on Monday", 'continue with the large one', 'what does it cost', 'three four five', '']) t.notOk(isBackAgain(text, 'en'), text);
  for (const text of ['我回来了', '好了，您说吧', '不好意思让您久等了', '嗯继续说吧', '好的可以了', '你说', '刚才说到哪了', '找到了']) t.ok(isBackAgain(text, 'zh'), text);
  for (const text of ['是的', '好的', '不用了', '我明天回来', '多少钱', '你说什么', '一二三四']) t.notOk(isBackAgain(text, 'zh'), text);
});

const source = `trunkline: 2
id: t
language: en-US
start: q
fallback: lost
words: { resume: As I was saying. }
universal: { hold_on: true }
nodes:
  q: { ask: Do you have your card there?, again: Do you have the card?, kind: yes_no, yes: done, no: done }
  lost: { end: handoff, queue: people, reason: not understood }
  done: { end: end, reason: done, say: Bye. }
`;
const texts = (outputs: readonly DialogueOutput[]): string[] => outputs.map((output) => (output.type === 'say' ? output.prompt.text : output.type));

t.test('after "hold on" the question comes again, and nothing has failed', async (t) => {
  const dialogue = compile(source).start({});
  const say = (text: string): string[] => texts(dialogue.next({ type: 'utterance', text }));
  dialogue.next({ type: 'start' });
  t.same(say('hold on a second'), ['Sure, take your time.', 'listen']);
  t.same(say("okay i'm back"), ['As I was saying. Do you have the card?', 'listen']);
  t.equal(dialogue.lastDecision, 'back again');
  t.same(say('hold on please'), ['Sure, take your time.', 'listen']);
  t.same(say('yes'), ['Bye.', 'end'], 'an answer is an answer');
});

t.test('without "hold on" it is no special word', async (t) => {
  const dialogue = compile(source).start({});
  dialogue.next({ type: 'start' });
  dialogue.next({ type: 'utterance', text: "i'm back" });
  t.not(dialogue.lastDecision, 'back again');
});
