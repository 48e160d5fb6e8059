import t from 'tap';
import type { Test } from 'tap';
import { LIKELY_ONE, SOMEBODY_ELSE, StandIns } from '../../src/dialogue/nlu/stand-ins.js';

/** Where the name is heard as N, another's as X, and what may be the name as L. `texts`: what the flow says itself. */
function heard(language: 'en' | 'zh', name: string, said: string, texts: readonly string[] = []): string {
  const standIns = new StandIns(language === 'zh', ['name', SOMEBODY_ELSE], texts);
  return standIns.said(said, () => name).replaceAll(standIns.phrase('{name}'), 'N').replaceAll(standIns.phrase(`{${SOMEBODY_ELSE}}`), 'X').replaceAll(LIKELY_ONE, 'L');
}

/** By the name of who is asked for: what is said, and where names are heard. Without the second it stays as it is. */
type Rows = Readonly<Record<string, readonly (readonly [string, string?])[]>>;

function tell(t: Test, language: 'en' | 'zh', rows: Rows, texts: readonly string[] = []): void {
  for (const [name, lines] of Object.entries(rows)) for (const [said, as = said] of lines) t.equal(heard(language, name, said, texts), as, name);
}

t.test('a part of a name counts where nothing beside it makes it the name of another', async (t) => {
  tell(t, 'en', {
    'Will Smith': [
      ['Will Smith speaking', 'N speaking'],
      ['yes, Will Smith.', 'yes, N.'],
      ['Smith speaking', 'N speaking'],
      ['Mr. Will Smith here', 'N here'],
      ['Anna Smith speaking', 'X speaking'],
      ['this is Mrs Smith', 'this is X'],
      ['this is Mr Smith', 'this is L'],
      ['will you call back', 'will you call back'],
      ['Will Smith Junior speaking', 'X speaking'],
      ['John Will Smith speaking'],
      ['my name is Will Jones', 'my name is X'],
      ['Smith, Anna Smith', 'Smith, Anna Smith'],
    ],
    'Will Smith Jr.': [
      ['Will Smith Junior speaking', 'N speaking'],
      ['Will Smith speaking', 'L speaking'],
      ['Will Smith Senior speaking', 'X speaking'],
    ],
    'Mary Green': [
      ['Mary speaking', 'N speaking'],
      ["I'm Mary", "I'm N"],
      ["Mary isn't here", "N isn't here"],
      ['Mary may be out', 'N may be out'],
      ['Mary will call you', 'N will call you'],
      ["I am Mary Green's husband", "I am N's husband"],
      ['speaking for Mary Green', 'speaking for N'],
      ['Ms Mary Green is my wife', 'N is my wife'],
      ['Mr Green speaking', 'X speaking'],
      ['Tom Green speaking', 'X speaking'],
      ['Mary Brown speaking', 'X speaking'],
      ['Mary Price speaking', 'X speaking'],
      ['Mary May speaking', 'X speaking'],
      ['this is Mary Brown', 'this is X'],
      ['Mary Ann Green speaking', 'L speaking'],
      ['this is Ms Green', 'this is L'],
      ['yes, this is Mr Green', 'yes, this is X'],
      ['no, this is Ms Green', 'no, this is X'],
      ['Mary Green Brown speaking', 'X speaking'],
      ['the green one'],
      ['I have a green card'],
    ],
    'Mary Ann Miller': [
      ['Mary Ann speaking', 'N speaking'],
      ['Mary Miller speaking', 'N speaking'],
      ['Mary Ann Miller speaking', 'N speaking'],
      ['Joan Ann Miller speaking', 'X speaking'],
    ],
    'Ms Miller': [
      ['who is Miller?', 'who is N?'],
      ['well Miller will call back', 'well N will call back'],
      ['there is no Miller here', 'there is no N here'],
      ['Mrs. Miller, Walters left', 'N, Walters left'],
      ["no, I'm Anna, Ms Miller's daughter", "no, I'm X, N's daughter"],
      ['Mary Miller speaking', 'L speaking'],
      ['this is Dr Miller', 'this is L'],
      ['Mr Miller is out', 'X is out'],
      ['12 Miller Street'],
      ['the miller is here'],
    ],
    'Mrs Miller': [
      ['Ms Miller speaking', 'N speaking'],
      ['Miss Miller speaking', 'X speaking'],
    ],
    'Dr. José García': [
      ['professor Garcia is out', 'N is out'],
      ['Mrs Garcia speaking', 'X speaking'],
      ['jose garcia', 'N'],
      ['García speaking', 'N speaking'],
      ['Pedro Garcia speaking', 'X speaking'],
    ],
    'Mr van der Berg': [
      ['the delivery van came'],
      ['van der Berg speaking', 'N speaking'],
      ['Mr. Van der Berg is out', 'N is out'],
      ['Vanderberg speaking', 'N speaking'],
      ['Berg speaking', 'L speaking'],
    ],
    'Maria de la Cruz': [
      ['Maria de la Cruz here', 'N here'],
      ['de la Cruz speaking', 'N speaking'],
      ['Maria Lopez here', 'X here'],
    ],
    Anna: [
      ['Anna speaking', 'N speaking'],
      ['this is Ms Anna', 'this is L'],
      ['Anna Smith speaking', 'L speaking'],
      ['Tom Smith speaking', 'X speaking'],
    ],
    "Ann O'Brien": [
      ["o'brien speaking", 'N speaking'],
      ["Tom O'Brien speaking", 'X speaking'],
    ],
  });
});

t.test('a word is no name by itself', async (t) => {
  tell(t, 'en', {
    'Grace Park': [['where can I park'], ['12 Park Street'], ['is there a grace period'], ['I say grace'], ['Grace Park speaking', 'N speaking'], ['Ms Grace Park is out', 'N is out']],
    'Mr Gold': [['the gold card'], ['is it gold'], ['gold, please'], ['Mr Gold here', 'N here']],
    'Ms Sunday': [['call on sunday'], ['sunday is good'], ['Ms Sunday is out', 'N is out']],
    'April June': [['in april'], ['until june'], ['April June speaking', 'N speaking']],
    'Mr May': [['may I ask who is calling'], ['mister may is not here', 'N is not here']],
    'Ms Rose': [['the price rose again'], ['Ms. Rose is at work', 'N is at work']],
    'Mr Bill': [['I paid the bill'], ['bill me later']],
  });
  tell(t, 'en', { 'Ms Tulip': [['is there a tulip fee'], ['tulip is what I want'], ['Ms Tulip is out', 'N is out']] }, ['We have the {name} and the Tulip fee.']);
});

t.test('who tells another name is somebody else, and what is no name is none', async (t) => {
  tell(t, 'en', {
    'Ms Miller': [
      ['this is Mr Walters', 'this is X'],
      ["I'm Mr Walters", "I'm X"],
      ['Mr Walters speaking', 'X speaking'],
      ['Mr Walters will call back', 'X will call back'],
      ['my name is John Brown', 'my name is X'],
      ['my name is Priyanka', 'my name is X'],
      ['yes this is John', 'yes this is X'],
      ['this is John Brown.', 'this is X.'],
      ['this is Priyanka Deshpande', 'this is X'],
      ['Walters speaking', 'X speaking'],
      ['hello, Anna here', 'hello, L here'],
      ['you are speaking with John Brown', 'you are speaking with X'],
      ['this is outrageous'],
      ['I am exhausted'],
      ['this is utterly disgusting'],
      ['I am speaking'],
      ['the doctor is here'],
      ['I miss you'],
    ],
  });
  const standIns = new StandIns(false, ['name']);
  t.equal(standIns.said('this is Mr Walters', () => 'Ms Miller'), 'this is Mr Walters', 'only where a phrase asks for it');
});

t.test('in Chinese, what stands beside a name may make it another', async (t) => {
  tell(t, 'zh', {
    王小明: [
      ['我是王小明', '我是N'],
      ['我是王晓明', '我是N'],
      ['我叫王小明', '我叫N'],
      ['王小明不在', 'N不在'],
      ['王小明女士不在', 'N不在'],
      ['王小明先生，你好', 'N，你好'],
      ['没有王小明这个人', '没有N这个人'],
      ['你找王小明有什么事', '你找N有什么事'],
      ['我就是王小明本人', '我就是N本人'],
      ['小明上班去了', 'N上班去了'],
      ['我是小明', '我是N'],
      ['我替王小明接的', '我替N接的'],
      ['我是王女士', '我是X'],
      ['我是王先生', '我是X'],
      ['我姓王', '我姓L'],
      ['我是张小明', '我是X'],
      ['我是王小红', '我是X'],
      ['我叫王小红', '我叫X'],
      ['我是王小明明'],
      ['张小明不在'],
      ['小明明不在'],
    ],
    王小明先生: [
      ['王先生不在', 'N不在'],
      ['王老师不在'],
      ['我是王女士', '我是X'],
      ['我是王小明', '我是N'],
      ['我姓王', '我姓L'],
    ],
    王女士: [
      ['我妈是王女士', '我妈是N'],
      ['我是汪女士', '我是N'],
      ['我姓王', '我姓N'],
      ['没有姓王的', '没有姓N的'],
      ['我姓王小明', '我姓王小明'],
      ['我是王太太', '我是N'],
      ['我是王先生', '我是X'],
      ['我是王小红', '我是L'],
      ['我是王丽女士', '我是L'],
    ],
    王小姐: [['我是王太太', '我是X'], ['我是王女士', '我是N']],
    李明: [
      ['我是李明', '我是N'],
      ['我是黎明', '我是N'],
      ['黎明不在'],
      ['李明不在', 'N不在'],
      ['找李明', '找N'],
      ['李明出差了', 'N出差了'],
      ['李先生不在'],
      ['我是李明哲', '我是X'],
      ['我是李明明', '我是X'],
      ['离明天还早'],
      ['李明天再说'],
    ],
    程功: [['我是程功', '我是N'], ['程功不在', 'N不在'], ['我是成功人士']],
    马尚先生: [['我马上交'], ['马先生不在', 'N不在'], ['马尚不在', 'N不在']],
    高兴: [['我很高兴'], ['高兴先生不在', 'N不在']],
    欧阳女士: [['我是欧阳女士', '我是N'], ['我姓欧阳', '我姓N'], ['我不是欧阳', '我不是N']],
    欧女士: [['我姓欧阳', '我姓X'], ['我姓欧', '我姓N']],
    单小明: [['善小明不在', 'N不在'], ['我是善小明', '我是N']],
    Brown先生: [['我就是Brown', '我就是N'], ['我是James Brown'], ['Brown先生不在', 'N不在'], ['Brown太太不在']],
    'Mary Miller': [['我是Mary Miller', '我是N'], ['我是Mary', '我是N'], ['我是Anna Miller']],
  });
  tell(t, 'zh', { 程功: [['成功了'], ['我是成功', '我是L'], ['我是程功', '我是N']], 高兴: [['高兴就好'], ['我是高兴', '我是L']] }, ['您的申请成功了，{name}', '很高兴为您服务']);
});

t.test('in Chinese, who tells another name', async (t) => {
  tell(t, 'zh', {
    王女士: [
      ['我是赵女士', '我是X'],
      ['不是，我是赵先生', '不是，我是X'],
      ['我叫李小红', '我叫X'],
      ['我是李小红啊', '我是X啊'],
      ['是，我是李红', '是，我是X'],
      ['我姓赵', '我姓X'],
      ['我姓张，她不在', '我姓X，她不在'],
      ['我名字叫陈大文', '我名字叫X'],
      ['我是诸葛明', '我是X'],
      ['我是江苏人'],
      ['我是她老公'],
      ['我是你们领导'],
      ['我是方便的'],
      ['我是马上交'],
      ['我叫她来'],
      ['是这样的'],
      ['姓什么'],
    ],
  });
});

t.test('every variable has a name of its own, however many there are', async (t) => {
  const variables = Array.from({ length: 300 }, (_, at) => `a${at}`);
  const standIns = new StandIns(false, variables);
  const names = variables.map((variable) => standIns.phrase(`{${variable}}`));
  t.equal(new Set(names.map((name) => name.toLowerCase())).size, variables.length);
  t.same(names.filter((name) => !/^[A-Z][a-z]+$/.test(name)), []);
});
