import t from 'tap';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
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
    ['李明先生', '李先生出去了', 'N出去了'],
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

/** Where the answer to "Am I speaking with ...?" leads: to the debt, back to the question, to "does she live there?", or to the end. */
type Way = 'can_pay' | 'identity' | 'not_here' | 'call_again' | 'stopped';

t.test('a debt is told to nobody of another name', async (t) => {
  const rows: Readonly<Record<string, Readonly<Record<string, Way>>>> = {
    'Will Smith': {
      'Will Smith speaking': 'can_pay',
      'yes, this is Will Smith': 'can_pay',
      'Smith speaking': 'can_pay',
      'Anna Smith speaking': 'not_here',
      'yes, Anna Smith speaking': 'not_here',
      'this is Mrs Smith': 'not_here',
      'this is Mr Smith': 'identity',
      'yes, this is Mrs Smith': 'not_here',
      'Will Smith Junior speaking': 'not_here',
      'John Will Smith speaking': 'identity',
      'Will Smith is not here': 'call_again',
      'Mr Smith is not here': 'not_here',
      'there is no Will Smith here': 'stopped',
    },
    'Mary Green': {
      'Mary Green speaking': 'can_pay',
      'Mary speaking': 'can_pay',
      'Mr Green speaking': 'not_here',
      'yes, Mr Green speaking': 'not_here',
      'Tom Green speaking': 'not_here',
      'Mary Brown speaking': 'not_here',
      'this is Mary Brown': 'not_here',
      'speaking for Mary Green': 'call_again',
      "I'm speaking for Mary Green": 'call_again',
      'on behalf of Mary Green': 'call_again',
      'my sister is Mary Green': 'call_again',
      "I'm Mary Green's cousin": 'call_again',
    },
    'Ms Miller': {
      'this is Ms Miller': 'can_pay',
      'this is Mr Walters': 'not_here',
      'my name is John Brown': 'not_here',
      'yes this is John': 'not_here',
      'yes, this is Mr Miller': 'not_here',
      'Anna Miller speaking': 'identity',
      'this is Dr Miller': 'identity',
      'Miller residence': 'identity',
      "I'm Ms Miller's lawyer": 'not_here',
      "it's not Ms Miller, it's Ms Walters": 'not_here',
      "that's not me": 'not_here',
      "I'm not him": 'not_here',
      'you have the wrong number': 'stopped',
      "no, I'm Anna, Ms Miller's daughter": 'call_again',
    },
  };
  for (const [name, lines] of Object.entries(rows)) for (const [line, way] of Object.entries(lines)) t.equal(asked('en', name, line).nodes.split(' ').at(-1), way, `${name}: ${line}`);
  for (const line of ['my aunt is Ms Miller', 'my teacher was Ms Miller', 'Ms Miller is my landlady', 'I was expecting Ms Miller', 'is that Ms Miller', 'is this Ms Miller?', 'are you Ms Miller', 'you mean Ms Miller', 'so it is about Ms Miller', "I am Ms Miller's carer"]) {
    t.notMatch(asked('en', 'Ms Miller', line, line).said.join(' '), /eighty dollars/, `${line}, also when it is said twice`);
  }
});

t.test('nor in Chinese', async (t) => {
  const rows: Readonly<Record<string, Readonly<Record<string, Way>>>> = {
    王小明: {
      我是王小明: 'can_pay',
      我是小明: 'can_pay',
      我是王女士: 'not_here',
      我是王先生: 'not_here',
      我姓王: 'identity',
      我是张小明: 'not_here',
      我是王小红: 'not_here',
      我是王小明的妈妈: 'call_again',
      我不是本人: 'not_here',
      不是本人: 'not_here',
    },
    王女士: {
      我是王女士: 'can_pay',
      我妈是王女士: 'call_again',
      王女士就是我妈: 'call_again',
      我同事是王女士: 'call_again',
      我替王女士接的: 'call_again',
      我是赵女士: 'not_here',
      我叫李小红: 'not_here',
      '是的，我是李小红': 'not_here',
      我姓赵: 'not_here',
      我姓王: 'identity',
      我也姓王: 'identity',
      '对，我姓王': 'can_pay',
      '我不是王女士，我姓王': 'not_here',
      我是王女士的邻居: 'identity',
      我是王小红: 'identity',
      我不是本人: 'not_here',
      '不是，我不是本人': 'not_here',
      你打错了: 'stopped',
    },
    李明: { 我是李明: 'can_pay', 李明就是我: 'can_pay', 我是李明哲: 'not_here', 我是李明明: 'not_here', 离明天还早: 'identity' },
  };
  for (const [name, lines] of Object.entries(rows)) for (const [line, way] of Object.entries(lines)) t.equal(asked('zh', name, line).nodes.split(' ').at(-1), way, `${name}: ${line}`);
  for (const line of ['我邻居是王女士', '我老师是王女士', '王女士是房东', '我在等王女士', '你是王女士吗', '找王女士吗', '你说的是王女士', '我们这有两个王女士']) {
    t.notMatch(asked('zh', '王女士', line, line).said.join(), /两百块/, `${line}，说两遍也不说账单`);
  }
});

t.test('a yes is that of the one who is asked for, or is asked about again', async (t) => {
  const rows: Readonly<Record<'en' | 'zh', Readonly<Record<string, Readonly<Record<string, Way>>>>>> = {
    en: {
      'Ms Miller': {
        "yes, I'm her son": 'call_again',
        "yes, go ahead, I'm her son": 'call_again',
        "yes she's in the shower": 'identity',
        "yeah that's my mum": 'identity',
        'speaking on her behalf, yes': 'identity',
        'yes, this is her daughter': 'identity',
        "yeah, she's asleep": 'call_again',
        "yes, I'm his roommate": 'identity',
        'yes, my mum is cooking': 'identity',
        'yes, I can pass it on': 'identity',
        "yes, I'm her colleague Tom": 'call_again',
        'yes she lives here': 'identity',
        'yes, this is the Miller residence': 'identity',
        'yes, we are married': 'identity',
        'yes, I am the nanny': 'identity',
        "okay, I'll get her": 'identity',
        "yes I'm with her right now": 'identity',
        "I'm not telling you who I am": 'identity',
        'yes, go ahead': 'can_pay',
        'yes, what is it': 'can_pay',
        'yes, who is this': 'can_pay',
        'yes this is her': 'can_pay',
        'yes this is she': 'can_pay',
        "you're speaking to her": 'can_pay',
        'yes you are speaking with her': 'can_pay',
        "yes, you've got her": 'can_pay',
        'yes, how can I help you': 'can_pay',
        'yes, thank you for calling': 'can_pay',
        "yes that's me, I was cooking": 'can_pay',
      },
      'Mr Brown': { "yes, he's my dad": 'identity', 'yes this is he': 'can_pay', 'yes sir': 'can_pay' },
    },
    zh: {
      王女士: {
        '是啊，我是她家里人': 'call_again',
        '对，我是她儿子': 'call_again',
        '对，我是她同事小李': 'call_again',
        '是的，我帮她接的': 'call_again',
        '对，我是她先生': 'identity',
        '对，那是我妈': 'call_again',
        '对，她在洗澡': 'call_again',
        '嗯，她睡了': 'call_again',
        '嗯，我妈在做饭': 'identity',
        '您说，我帮她记': 'identity',
        '好的，我转告她': 'identity',
        '是，您找我妈什么事': 'identity',
        '对，我是邻居': 'identity',
        '对，本人不在': 'identity',
        '对，您说': 'can_pay',
        '对，什么事': 'can_pay',
        '是的，请问有什么事': 'can_pay',
        '是啊，你哪位': 'can_pay',
        '对的，有什么可以帮您': 'can_pay',
        '是我，刚下班': 'can_pay',
        '对，我就是他': 'can_pay',
        '对，她就是我': 'can_pay',
      },
      王小明: { '是，我是他室友': 'call_again', '对，我是他朋友': 'call_again', '对，小明是我儿子': 'identity', '对，我是王小明他妈': 'call_again' },
    },
  };
  for (const language of ['en', 'zh'] as const) {
    for (const [name, lines] of Object.entries(rows[language])) {
      for (const [line, way] of Object.entries(lines)) {
        t.equal(asked(language, name, line).nodes.split(' ').at(-1), way, `${name}: ${line}`);
        if (way !== 'can_pay') t.notMatch(asked(language, name, line, line).said.join(), /eighty dollars|两百块/, `${line}, also when it is said twice`);
      }
    }
  }
});

t.test('more or less of the name is the one with a yes, and asked about without', async (t) => {
  const rows: Readonly<Record<'en' | 'zh', Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
    en: {
      'Ms Miller': {
        'yes this is jane': 'can_pay',
        'yes jane speaking': 'can_pay',
        "yes it's jane": 'can_pay',
        'hello yes this is jane miller': 'can_pay',
        'jane miller speaking': 'identity',
        'jane miller speaking|yes': 'identity can_pay',
        'yes this is tom': 'not_here',
        'yes, this is tom miller': 'not_here',
        'Ms Miller is me': 'can_pay',
        "it's Ms Miller": 'can_pay',
        "my name's Miller": 'can_pay',
      },
      'Mr Brown': { 'yes this is tom': 'can_pay', 'this is tom': 'identity', 'hi yes this is tom brown': 'can_pay', 'tom brown speaking|yes': 'identity can_pay' },
      'Robert Wilson': { 'yes this is bob': 'can_pay', 'bob wilson speaking': 'identity', 'bob wilson speaking|yes': 'identity can_pay', 'yes, this is tom wilson': 'not_here' },
      'Tom Brown': { 'thomas brown speaking': 'identity', 'mr brown speaking': 'identity', 'yes, mr brown speaking': 'can_pay', 'mrs brown speaking': 'not_here' },
      'Mary Green': { "yes, I'm Ms Green": 'can_pay', "this is Mrs Green|that's me": 'identity can_pay' },
      'Dr Garcia': { 'this is Mrs Garcia': 'not_here', 'yes, this is Mrs Garcia': 'identity' },
    },
    zh: {
      王小明: {
        '是的，我是王先生': 'identity',
        '对，我是王先生': 'identity',
        '对，我是王先生|我就是': 'identity can_pay',
        '对，我是王先生|我就是王小明': 'identity can_pay',
        我是王小民: 'identity',
        '我是王小民|对': 'identity can_pay',
        '对，我是王小民': 'can_pay',
        '对，我姓王': 'can_pay',
        '我姓王|我就是王小明': 'identity can_pay',
        '我 是 王 小 明 你 说': 'can_pay',
        我就是王小明你讲: 'can_pay',
        王小明是我: 'can_pay',
        '我王小明啊，咋了': 'can_pay',
        我小明啊: 'can_pay',
        俺是王小明: 'can_pay',
        '王小明，你说': 'can_pay',
        王小明就是我本人: 'can_pay',
        你说: 'can_pay',
      },
      王女士: { 王女士是我: 'can_pay', 我王女士啊: 'can_pay', 是王女士: 'can_pay', '对，我叫王丽': 'can_pay', '我是王小丽，您说': 'identity', 我姓王: 'identity', '我姓王|对': 'identity can_pay', 王女士是我妈: 'call_again' },
    },
  };
  for (const language of ['en', 'zh'] as const) for (const [name, talks] of Object.entries(rows[language])) for (const [lines, ways] of Object.entries(talks)) t.equal(asked(language, name, ...lines.split('|')).nodes.split(' ').slice(-lines.split('|').length).join(' '), ways, `${name}: ${lines}`);
});

t.test('who was taken for somebody else may still be the one', async (t) => {
  for (const [language, name, other, lines] of [
    ['en', 'Ms Miller', 'this is Mr Walters', ["that's me", 'speaking', 'yes, speaking', 'this is she', "you're talking to her", 'I am Ms Miller']],
    ['zh', '王小明', '我是王先生', ['我就是', '是我', '对，我就是', '我就是王小明', '王小明就是我']],
  ] as const) {
    for (const line of lines) t.same(asked(language, name, other, line, language === 'en' ? 'yes' : '对').nodes.split(' ').slice(-3), ['not_here', 'identity', 'can_pay'], `${other}, ${line}`);
  }
  t.match(asked('en', 'Ms Miller', 'this is Mr Walters', 'yes she does').verdict, { reason: 'the right person was not there' });
  t.match(asked('zh', '王小明', '我是王先生', '在的').verdict, { reason: 'the right person was not there' });
});

t.test('a surname that is a word is a name where names are told', async (t) => {
  for (const name of ['Brown', 'Taylor', 'Lee', 'White', 'Walker', 'King', 'Hill', 'Green', 'Cook', 'Ward', 'Wood', 'Ross']) {
    const word = name.toLowerCase();
    for (const line of [`this is ${word}`, `${word} speaking`, `my name is ${word}`, `i'm ${word}`, `yes ${word} here`]) t.equal(asked('en', `Ms ${name}`, line).nodes, 'can_pay', line);
    for (const line of [`there's no ${word} here`, `nobody called ${word} here`]) t.match(asked('en', `Ms ${name}`, line).verdict, { reason: 'wrong_number' }, line);
    t.match(asked('en', `Ms ${name}`, `${word} is not here`).verdict, { reason: 'the right person was not there' });
  }
  for (const [name, said] of [['Mr Brown', 'the brown one'], ['Mr Brown', 'it is brown in here'], ['Mr Good', "I'm good"], ['Mary Green', 'this is green'], ['Mr Young', "I'm young"]] as const) t.equal(heard('en', name, said), said);
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

t.test('what a phrase may hold', async (t) => {
  const flow = (variables: readonly string[], phrases: readonly string[], more = ''): string => `trunkline: 2
id: t
language: en-US
start: who
fallback: done
variables: { ${variables.map((name) => `${name}: { required: true }`).join(', ')} }
nodes:
  who: { ask: 'Who is it?${more}', kind: intents, otherwise: done, intents: { ${phrases.map((phrase, at) => `i${at}: { examples: ['${phrase}'], goto: done }`).join(', ')} } }
  done: { end: end, reason: done, say: Bye. }
`;
  const errors = (source: string): readonly string[] => checkFlow(source).flatMap(({ severity, reason }) => (severity === 'error' ? [reason] : []));
  const names = Array.from({ length: 13 }, (_, at) => `a${at}`);
  t.same(errors(flow(names, names.map((name) => `{${name}} speaking`))), [], 'of many variables none is taken for another');
  t.same(errors(flow(['name'], ['this is {name}', 'this is {somebody_else}'])), []);
  t.match(errors(flow(['name'], ['this is {name}', 'this is {anybody}'])), [/\{anybody\} is not declared/]);
  t.match(errors(flow(['name'], ['this is {name}'], ' {somebody_else}?')), [/\{somebody_else\} is not declared/], 'it is nothing that could be said');
  t.match(errors(flow(['somebody_else'], ['this is {somebody_else}'])), [/give the value another name/]);
});
