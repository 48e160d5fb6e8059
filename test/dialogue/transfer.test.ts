import t from 'tap';
import { Chat } from '../../src/dialogue/chat.js';
import { checkFlow, compileFlow } from '../../src/dialogue/flow/compile.js';
import { ManualClock } from '../support/manual-clock.js';

const source = `
trunkline: 1
id: desk
language: en-US
start: question
fallback: to_person
variables: { desk: { default: "+14155550100" } }
nodes:
  question: { ask: Shall I connect you?, kind: yes_no, yes: to_person, no: bye }
  to_person: { transfer: "{desk}", mode: blind, say: One moment., queue: service, reason: wants a person, failed: sorry }
  sorry: { say: Nobody is there., next: question }
  bye: { end: end, reason: no need, say: Goodbye. }
`;

t.test('a transfer: said, ordered, and the flow waits for its outcome', (t) => {
  const dialogue = compileFlow(source, { clock: new ManualClock() }).start({ desk: 'sip:desk@pbx.test' });
  dialogue.next({ type: 'start' });
  t.match(dialogue.next({ type: 'utterance', text: 'yes' }), [
    { type: 'say', prompt: { text: 'One moment.' }, bargeIn: false },
    { type: 'transfer', to: 'sip:desk@pbx.test', mode: 'blind', verdict: { kind: 'handoff', queue: 'service', reason: 'wants a person' } },
  ]);
  for (const input of [{ type: 'silence' }, { type: 'trouble' }, { type: 'utterance', text: 'hello' }, { type: 'dtmf', digits: '1' }] as const) t.same(dialogue.next(input), [], `${input.type} counts for nothing meanwhile`);
  const after = dialogue.next({ type: 'transfer_failed' });
  t.match(after, [{ type: 'say', prompt: { text: 'Nobody is there.' } }, { type: 'say', prompt: { text: 'Shall I connect you?' } }, { type: 'listen' }]);
  t.equal(dialogue.lastDecision, 'transfer failed');
  t.same(dialogue.next({ type: 'transfer_failed' }), [], 'it failed once');
  t.match(dialogue.next({ type: 'utterance', text: 'no' }).at(-1), { type: 'end', verdict: { kind: 'end', reason: 'no need' } });
  t.end();
});

t.test('in a chat', (t) => {
  const chat = new Chat(compileFlow(source, { clock: new ManualClock() }), {});
  chat.start();
  t.match(chat.line('yes').map((line) => line.text).join('\n'), /One moment\.\ntransfer blind to \+14155550100/);
  t.match(chat.line('!!').map((line) => line.text).join('\n'), /Nobody is there/);
  t.end();
});

t.test('mistakes', (t) => {
  const reasons = (from: string, to: string): string => checkFlow(source.replace(from, to)).map((problem) => problem.reason).join('; ');
  t.equal(reasons('', ''), '');
  t.match(reasons('failed: sorry }', 'failed: nowhere }'), /no node "nowhere"/);
  t.match(reasons(', failed: sorry }', ' }'), /failed/);
  t.match(reasons('"{desk}"', '"{dask}"'), /\{dask\} is not declared/);
  t.match(reasons('mode: blind', 'mode: warm'), /none of the allowed values/);
  t.match(reasons('next: question }\n  bye', 'next: to_person }\n  bye'), /./, 'a circle that dials for ever');
  t.end();
});
