import type { SlotLanguage } from '../slots/slot-type.js';
import type { MoodLabel } from './mood.js';

/** Words and short phrases that carry a mood; each counts once a turn. Phrases between bars. */
type Feeling = Exclude<MoodLabel, 'neutral'>;

const en: Record<Feeling, string> = {
  angry: `fed up | sick of | sick and tired | ridiculous | outrageous | unacceptable | disgusting | harass | harassing | harassment | furious | pissed | damn | dammit | bloody hell | what the hell | bullshit | bastard | idiot | idiots | stupid | moron | shut up | get lost | go to hell | how dare you | i hate | hate this | leave me alone | report you | my lawyer | sue you | complaint | complain | the police | liar | liars | lying to me | you people | stop bothering | rip off | ripped off | crooks | disgrace`,
  annoyed: `annoying | annoyed | irritating | waste of time | wasting my time | already told you | i told you | told you already | how many times | not again | again and again | every day | keep calling | hurry up | get to the point | come on | listen to me | you are not listening | enough | whatever | this is pointless | useless | frustrating | frustrated | bothering me | bother me | forget it | for god's sake | seriously | nonsense | no time for this | tired of`,
  worried: `worried | worries me | afraid | scared | nervous | anxious | concerned | is this a scam | is it a scam | sounds like a scam | a scam | fraud | not sure i trust | can i trust | is it safe | is this safe | what if | lose my | can't afford | cannot afford | emergency | in the hospital | passed away | lost my job`,
  confused: `confused | confusing | don't understand | do not understand | didn't understand | did not understand | what do you mean | you lost me | lost me | not following | makes no sense | doesn't make sense | i'm lost | what are you talking about | not clear | unclear | too fast | say that again | pardon | which one | huh`,
  pleased: `thank you | thanks | great | wonderful | perfect | lovely | excellent | awesome | fantastic | amazing | brilliant | nice | very good | glad | happy | pleased | appreciate | helpful | love it | i love | sounds good | good news | cool | sweet | terrific | delighted`,
};

const zh: Record<Feeling, string> = {
  angry: `烦死 | 气死 | 滚 | 骂 | 混蛋 | 王八蛋 | 他妈 | 妈的 | 神经病 | 有病 | 太过分 | 过分 | 投诉 | 举报 | 报警 | 骗子 | 骗人 | 骗钱 | 骚扰 | 不要脸 | 什么东西 | 垃圾 | 受够了 | 忍无可忍 | 简直了 | 岂有此理 | 闭嘴 | 讨厌 | 恶心 | 律师 | 起诉 | 凭什么`,
  annoyed: `烦 | 很烦 | 别烦我 | 烦不烦 | 又打 | 又是你们 | 天天打 | 老打 | 总打 | 一直打 | 说了多少遍 | 说过了 | 都说了 | 跟你说了 | 浪费时间 | 浪费我 | 没完没了 | 快点 | 有完没完 | 别废话 | 废话 | 啰嗦 | 算了吧 | 随便吧 | 没空 | 没时间听 | 够了 | 不耐烦 | 无聊 | 没用`,
  worried: `担心 | 害怕 | 怕 | 不放心 | 安全吗 | 可靠吗 | 靠谱吗 | 是不是骗 | 诈骗 | 不敢 | 万一 | 怎么办 | 着急 | 紧张 | 住院 | 去世 | 失业 | 还不起 | 没钱 | 泄露`,
  confused: `不懂 | 没听懂 | 听不懂 | 不明白 | 没明白 | 什么意思 | 搞不清 | 糊涂 | 没听清 | 听不清 | 再说一遍 | 说慢点 | 太快了 | 哪个 | 你说啥 | 说什么呢 | 晕了 | 搞不懂`,
  pleased: `谢谢 | 太好了 | 很好 | 真好 | 不错 | 挺好 | 完美 | 满意 | 高兴 | 开心 | 喜欢 | 感谢 | 棒 | 厉害 | 太棒了 | 好极了 | 放心了 | 辛苦了 | 有帮助 | 多谢`,
};

/** Where the same words say nothing of a mood: politeness, kin, things and appointments. */
const INNOCENT: Record<SlotLanguage, RegExp> = {
  en: /\bcome on (?=(?:mon|tues|wednes|thurs|fri|satur|sun)day|the\b|a\b|time|my\b|your\b|foot|board|over|in\b|\d)|\b(?:i'm|i am) afraid (?=so\b|not\b|i\b|i'|we\b|we'|you\b|you'|he\b|he'|she\b|she'|it\b|it's|they\b|they'|there\b|that\b|the\b|this\b)|\bi hate to\b|\b(?:good|well|early|late|soon|big|small|long|near|close|fair|old|not) enough\b|\benough (?=time|money|space|room|for\b|to\b)|\bwhatever (?=you\b|works|suits|time|day|is\b)|(?<!\bcall(?:s|ed|ing)? (?:me |us |here )?)\bevery day\b|\bemergency (?=contact|number|exit|room)|\bas far as (?:i'm|i am) concerned\b|\b(?:can't|cannot|nothing to|not to) complain\b|\bno complaints?\b/g,
  zh: /麻烦|烦请|耐烦(?<!不耐烦)|恐怕|哪怕|(?<=[我您她咱俺爸大姑姨舅婶伯老亲干后奶妈])妈的|[他她]妈妈|他妈(?=在|住|说|病|生|来|去|叫|和|跟|没|不|想|要|今年|的(?:手机|电话|名字|号码|卡|账|身份|生日|药|家|票|预约))|滚(?=动|筒|轮)|(?<=[打翻])滚|(?<!你|您|们|是不是|真|脑子)有病(?!吧|啊|呀|是不是)|不过分|垃圾(?=袋|桶|箱|分类|站|车|短信)|(?<=[扔倒丢])垃圾|律师(?=事务所|楼)|(?<=(?:我是|当|做|找))律师|恶心(?=想吐|呕吐|头晕)|[老总又](?=打(?:卡|针|球|工|车|扫|雷|不开))|天天(?=打(?:卡|针|球|工|车|扫))|没空(?!听|理|跟你|搭理|接)|(?<=[0-9零一二两三四五六七八九十百千万个张次块元天份])够了|够了(?=吗|没|么)|没用(?=过|完|到|上)|哪个(?=都|也)|(?<=时间(?:比较|有点|很|太)?)紧张|[老总](?=打算)/g,
};

/** These say the opposite of the word that follows closely. */
export const NEGATION: Record<SlotLanguage, RegExp> = { en: /\b(?:not|no|never|don't|doesn't|isn't|wasn't|aren't|hardly|nothing)\s+(?:\w+\s+){0,2}$/i, zh: /(?:不|没|没有|别|并不|不太|不是很|不用|不要|不必|不会)$/ };

const split = (phrases: string): readonly string[] => phrases.split('|').map((phrase) => phrase.trim()).sort((left, right) => right.length - left.length);

const lists: Record<SlotLanguage, ReadonlyMap<Feeling, readonly string[]>> = {
  en: new Map((Object.entries(en) as [Feeling, string][]).map(([feeling, phrases]) => [feeling, split(phrases)])),
  zh: new Map((Object.entries(zh) as [Feeling, string][]).map(([feeling, phrases]) => [feeling, split(phrases)])),
};

export interface Touch {
  readonly feeling: Feeling;
  readonly phrase: string;
}

/** All phrases in the text, the longest where they overlap; a denied one ("not happy") counts as annoyance where it was pleasure, else not at all. */
export function touchesOf(text: string, language: SlotLanguage): Touch[] {
  const said = text.toLowerCase().replace(/[\u2019]/g, "'").replace(INNOCENT[language], (words) => ' '.repeat(words.length));
  const found: (Touch & { from: number; to: number })[] = [];
  for (const [feeling, phrases] of lists[language]) {
    for (const phrase of phrases) {
      const at = language === 'zh' ? said.indexOf(phrase) : wordIndex(said, phrase);
      if (at < 0 || found.some((one) => at < one.to && at + phrase.length > one.from)) continue;
      const denied = NEGATION[language].test(said.slice(Math.max(0, at - 24), at));
      if (denied && feeling !== 'pleased') continue;
      found.push({ feeling: denied ? 'annoyed' : feeling, phrase, from: at, to: at + phrase.length });
    }
  }
  return found.map(({ feeling, phrase }) => ({ feeling, phrase }));
}

function wordIndex(said: string, phrase: string): number {
  for (let at = said.indexOf(phrase); at >= 0; at = said.indexOf(phrase, at + 1)) {
    const before = said.charAt(at - 1);
    const after = said.charAt(at + phrase.length);
    if (!/[a-z']/.test(before) && !/[a-z]/.test(after)) return at;
  }
  return -1;
}
