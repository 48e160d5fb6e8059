import t from 'tap';
import { StandIns } from '../../src/dialogue/nlu/stand-ins.js';
import { compile, compileExampleIn, hold } from './talk.js';
import type { Held } from './talk.js';

/** Where the name is heard in what is said, as N. */
function heard(language: 'en' | 'zh', name: string, said: string): string {
  const standIns = new StandIns(language === 'zh', ['name']);
  return standIns.said(said, () => name).replaceAll(standIns.phrase('{name}'), 'N');
}

t.test('a name is heard with and without its title, and by its last word', async (t) => {
  for (const [name, said, as] of [
    ['Ms Miller', 'yes, this is Ms. Miller speaking', 'yes, this is N speaking'],
    ['Ms Miller', 'mrs miller is out', 'N is out'],
    ['Ms Miller', "Miller's at work", "N's at work"],
    ['Mary Miller', 'Mary Miller is my wife, I am not Miller', 'N is my wife, I am not N'],
    ['Ms Miller', 'this is Mr Miller', 'this is Mr Miller'],
    ['Dr. José García', 'doctor garcia speaking, jose garcia', 'N speaking, N'],
    ["Ann O'Brien", 'o brien here, ann obrien', 'N here, N'],
    ['Ms Miller', 'the millers are out', 'the millers are out'],
    ['Mr May', 'may I ask who is calling', 'may I ask who is calling'],
    ['Mr May', 'mister may is not here', 'N is not here'],
  ] as const) t.equal(heard('en', name, said), as);
});

t.test('in Chinese, by its sound', async (t) => {
  for (const [name, said, as] of [
    ['王女士', '对，我是王女士', '对，我是N'],
    ['王女士', '我是汪女士', '我是N'],
    ['王女士', '王小姐不在', 'N不在'],
    ['王女士', '我姓王', '我姓N'],
    ['王女士', '我是王先生', '我是王先生'],
    ['王女士', '我忘了上网交', '我忘了上网交'],
    ['李明', '我是黎明', '我是N'],
    ['李明', '李先生出去了', 'N出去了'],
    ['马尚', '我马上交', '我马上交'],
    ['马尚先生', '马尚不在', 'N不在'],
    ['单小明', '善小明不在，小明上班去了', 'N不在，N上班去了'],
    ['欧阳女士', '我不是欧阳', '我不是N'],
    ['Brown先生', '我就是Brown', '我就是N'],
  ] as const) t.equal(heard('zh', name, said), as);
});

t.test('each variable has a name of its own, and a value inside another is not taken apart', async (t) => {
  const standIns = new StandIns(false, ['name', 'company']);
  const values: Readonly<Record<string, string>> = { name: 'Mr Harbor', company: 'Harbor Bank' };
  t.equal(standIns.said('is this harbor bank, I am mr harbor', (variable) => values[variable] ?? ''), standIns.phrase('is this {company}, I am {name}'));
  t.equal(standIns.phrase('{other} {name}'), `{other} ${standIns.phrase('{name}')}`, 'what has no stand-in stays');
  t.equal(standIns.said('Ms Miller', () => ''), 'Ms Miller', 'a variable without a value stands nowhere');
});

const en = compileExampleIn('payment-reminder', 'en').flow;
const zh = compileExampleIn('payment-reminder', 'zh').flow;
const asked = (language: 'en' | 'zh', name: string, ...lines: string[]): Held => hold(language === 'en' ? en : zh, { name, amount: language === 'en' ? 'eighty dollars' : '两百块', due: language === 'en' ? 'Monday' : '周一' }, lines);

t.test('who is asked for by name is understood, whatever the name is', async (t) => {
  for (const name of ['Ms Miller', 'Mary Garcia', 'Dr Nguyen']) {
    const last = name.split(' ').at(-1) ?? '';
    for (const line of [`this is ${name}`, `Yes, this is ${name.toLowerCase()} speaking.`, `${last} speaking`, `I'm ${last}.`]) t.equal(asked('en', name, line).nodes, 'can_pay', line);
    for (const line of [`No, ${name} is not here.`, 'this is her husband', "That's my husband.", `${last}'s at work`]) t.match(asked('en', name, line).verdict, { kind: 'redial_at', reason: 'the right person was not there' }, line);
    for (const line of [`there is no ${last} here`, `nobody here by the name of ${last}`, `I don't know any ${name}`]) t.match(asked('en', name, line).verdict, { reason: 'wrong_number' }, line);
    for (const line of [`I'm not ${name}`, `who is ${last}?`]) t.equal(asked('en', name, line).nodes, 'not_here', line);
    t.match(asked('en', name, 'this is Mr Walters', 'this is Mr Walters').said.join(' '), /live there/, 'somebody else is asked, and nothing is told');
  }
});

t.test('in Chinese', async (t) => {
  for (const name of ['王女士', '李明', '欧阳女士']) {
    for (const line of [`我是${name}`, `对我是${name}`, `我就是${name}`, `是的，我就是${name}`]) t.equal(asked('zh', name, line).nodes, 'can_pay', line);
    for (const line of [`${name}不在`, '不是，我是他老公', `我是${name}她儿子`]) t.match(asked('zh', name, line).verdict, { kind: 'redial_at', reason: 'the right person was not there' }, line);
    for (const line of [`这里没有${name}`, `没有${name}这个人`, `我不认识${name}`]) t.match(asked('zh', name, line).verdict, { reason: 'wrong_number' }, line);
    t.equal(asked('zh', name, `我不是${name}`).nodes, 'not_here');
    t.match(asked('zh', name, '我是赵女士', '我是赵女士').said.join(), /您认识吗/, 'somebody else is asked, and nothing is told');
    t.not(asked('zh', name, `你找${name}有什么事`).nodes, 'can_pay', 'who asks back is told nothing');
  }
});

t.test('who fetches somebody is waited for, where only some universal intents are heard', async (t) => {
  for (const [language, name, fetches] of [['en', 'Ms Miller', 'Hold on, let me get her.'], ['zh', '王女士', '稍等，我叫她来听']] as const) {
    const held = asked(language, name, fetches);
    t.match(held.trace.at(-1), /silence after 30000 ms/);
    t.equal(held.said.length, 3, 'the question is not asked again at once');
    t.match(asked(language, name, fetches, language === 'en' ? "I'm back." : '我回来了').said.at(-1), new RegExp(name));
  }
});

t.test("the caller's words and values keep the name", async (t) => {
  const source = `trunkline: 2
id: t
language: en-US
start: who
fallback: done
variables: { name: { required: true } }
nodes:
  who: { ask: 'Who calls {name}?', kind: text, slot: words, accept: 0.9, next: done, intents: { himself: { examples: ['{name} speaking'], goto: done } } }
  done: { end: end, reason: '{words}', say: Bye. }
`;
  t.same(hold(compile(source), { name: 'Ms Miller' }, ['a friend of Ms. Miller from the old school']).slots, { words: 'a friend of Ms. Miller from the old school' });
});
