import t from 'tap';
import { syllableIpa } from '../../../../src/workers/mouth/text/zh/ipa.js';
import { clausePhonemes, kokoroUnits } from '../../../../src/workers/mouth/kokoro-units.js';
import { isKnown } from '../../../../src/workers/mouth/kokoro-vocabulary.js';
import { LEXICON, LONGEST_WORD } from '../../../../src/workers/mouth/text/zh/lexicon.js';
import { normalizeChinese } from '../../../../src/workers/mouth/text/zh/normalize.js';
import { readHanzi } from '../../../../src/workers/mouth/text/zh/pinyin.js';

/**
 * What a reader of the sentence says, syllable by syllable, after every change of
 * tone: third tones, 一, 不, light syllables (5), erhua (r), two readings (还款, 行长).
 */
const SENTENCES: readonly (readonly [written: string, spoken: string])[] = [
  ['您好,请问是李女士吗?', 'nin2 hao3, qing3 wen4 shi4 li2 nv3 shi4 ma5?'],
  ['我是中国银行的智能客服,本次通话会被录音。', 'wo3 shi4 zhong1 guo2 yin2 hang2 de5 zhi4 neng2 ke4 fu2, ben3 ci4 tong1 hua4 hui4 bei4 lu4 yin1.'],
  ['请问您现在方便接听电话吗?', 'qing3 wen4 nin2 xian4 zai4 fang1 bian4 jie1 ting1 dian4 hua4 ma5?'],
  ['您的还款日是每月8号。', 'nin2 de5 huan2 kuan3 ri4 shi4 mei3 yue4 ba1 hao4.'],
  ['您的账单金额是2,222.22元。', 'nin2 de5 zhang4 dan1 jin1 e2 shi4 liang3 qian1 liang2 bai3 er4 shi2 er4 yuan2 liang2 jiao3 er4 fen1.'],
  ['逾期三天以上会影响您的征信。', 'yu2 qi1 san1 tian1 yi3 shang4 hui4 ying2 xiang3 nin2 de5 zheng1 xin4.'],
  ['不好意思,我没听清楚,请您再说一遍。', 'bu4 hao3 yi4 si5, wo3 mei2 ting1 qing1 chu5, qing3 nin2 zai4 shuo1 yi2 bian4.'],
  ['不对,不是周五,是周四。', 'bu2 dui4, bu2 shi4 zhou1 wu3, shi4 zhou1 si4.'],
  ['我想改一下预约的时间。', 'wo2 xiang2 gai3 yi2 xia4 yu4 yue1 de5 shi2 jian1.'],
  ['一共是一百一十一块。', 'yi2 gong4 shi4 yi4 bai3 yi1 shi2 yi1 kuai4.'],
  ['第一次办理不收年费。', 'di4 yi1 ci4 ban4 li3 bu4 shou1 nian2 fei4.'],
  ['一月一号放假,一会儿见。', 'yi1 yue4 yi1 hao4 fang4 jia4, yi2 huir4 jian4.'],
  ['请按1,听一听,等一等。', 'qing3 an4 yi1, ting1 yi5 ting1, deng3 yi5 deng3.'],
  ['一年一次,一样一件。', 'yi4 nian2 yi2 ci4, yi2 yang4 yi2 jian4.'],
  ['你好,我也很想买五把雨伞。', 'ni2 hao3, wo2 ye3 hen2 xiang2 mai3 wu2 ba3 yu2 san3.'],
  ['手表厂和展览馆都很远。', 'shou2 biao2 chang3 he2 zhan2 lan2 guan3 dou1 hen2 yuan3.'],
  ['小老虎跑到李小姐家里了。', 'xiao3 lao2 hu3 pao3 dao4 li2 xiao3 jie5 jia1 li5 le5.'],
  ['可以给我小姐姐的电话吗?', 'ke2 yi3 gei2 wo3 xiao2 jie3 jie5 de5 dian4 hua4 ma5?'],
  ['哪里有水果卖?', 'na2 li5 you3 shui2 guo3 mai4?'],
  ['重庆和长沙的行长都来了。', 'chong2 qing4 he2 chang2 sha1 de5 hang2 zhang3 dou1 lai2 le5.'],
  ['为什么不早点告诉我?', 'wei4 shen2 me5 bu4 zao2 dian3 gao4 su5 wo3?'],
  ['为了您的资金安全,请勿泄露密码。', 'wei4 le5 nin2 de5 zi1 jin1 an1 quan2, qing3 wu4 xie4 lou4 mi4 ma3.'],
  ['我们会尽快为您处理。', 'wo3 men5 hui4 jin3 kuai4 wei4 nin2 chu2 li3.'],
  ['您觉得这个东西便宜吗?', 'nin2 jue2 de5 zhe4 ge5 dong1 xi5 pian2 yi5 ma5?'],
  ['朋友们都知道这件事情。', 'peng2 you5 men5 dou1 zhi1 dao5 zhe4 jian4 shi4 qing5.'],
  ['妈妈的衣服很漂亮。', 'ma1 ma5 de5 yi1 fu5 hen3 piao4 liang5.'],
  ['那儿有一家小吃店。', 'nar4 you3 yi4 jia1 xiao3 chi1 dian4.'],
  ['您去哪儿玩儿?', 'nin2 qu4 nar3 wanr2?'],
  ['她女儿在幼儿园。', 'ta1 nv3 er2 zai4 you4 er2 yuan2.'],
  ['下午两点半到三点一刻。', 'xia4 wu3 liang2 dian3 ban4 dao4 san1 dian3 yi2 ke4.'],
  ['航班是CA1357,登机口B12。', 'hang2 ban1 shi4 CA yao1 san1 wu3 qi1, deng1 ji1 kou3 B yao1 er4.'],
  ['请拨打95588转人工服务。', 'qing3 bo1 da2 jiu3 wu2 wu3 ba1 ba1 zhuan3 ren2 gong1 fu2 wu4.'],
  ['验证码是668899。', 'yan4 zheng4 ma3 shi4 liu4 liu4 ba1, ba1 jiu2 jiu3.'],
  ['年利率3.6%,折合每天万分之一。', 'nian2 li4 lv4 bai3 fen1 zhi1 san1 dian3 liu4, zhe2 he2 mei3 tian1 wan4 fen1 zhi1 yi1.'],
  ['气温零下2度到12度。', 'qi4 wen1 ling2 xia4 liang3 du4 dao4 shi2 er4 du4.'],
  ['2人2份,200元2件。', 'liang3 ren2 liang3 fen4, liang2 bai3 yuan2 liang3 jian4.'],
  ['我们的地址是长安街2号楼2单元202室。', 'wo3 men5 de5 di4 zhi3 shi4 chang2 an1 jie1 er4 hao4 lou2 er4 dan1 yuan2 er4 ling2 er4 shi4.'],
  ['2026年2月2日是农历十二月十五。', 'er4 ling2 er4 liu4 nian2 er4 yue4 er4 ri4 shi4 nong2 li4 shi2 er4 yue4 shi2 wu3.'],
  ['体重减轻了1/2,约10kg。', 'ti3 zhong4 jian3 qing1 le5 er4 fen1 zhi1 yi1, yue1 shi2 gong1 jin1.'],
  ['VIP客户可以享受8.5折。', 'VIP ke4 hu4 ke2 yi3 xiang3 shou4 ba1 dian2 wu3 zhe2.'],
  ['请下载我们的APP。', 'qing3 xia4 zai4 wo3 men5 de5 APP.'],
  ['谢谢您的理解,再见!', 'xie4 xie5 nin2 de5 li2 jie3, zai4 jian4!'],
  ['对不起,打扰您了。', 'dui4 bu5 qi3, da2 rao3 nin2 le5.'],
  ['您得先还清欠款才能再借。', 'nin2 dei3 xian1 huan2 qing1 qian4 kuan3 cai2 neng2 zai4 jie4.'],
  ['我还有事,改天再联系吧。', 'wo3 hai2 you3 shi4, gai3 tian1 zai4 lian2 xi4 ba5.'],
  ['快递员正在送货的路上。', 'kuai4 di4 yuan2 zheng4 zai4 song4 huo4 de5 lu4 shang5.'],
  ['了解了,我了结这件事。', 'liao2 jie3 le5, wo2 liao3 jie2 zhe4 jian4 shi4.'],
  ['请假期间照顾好自己。', 'qing3 jia4 qi1 jian1 zhao4 gu5 hao3 zi4 ji3.'],
  ['参与调查可以打折。', 'can1 yu4 diao4 cha2 ke2 yi3 da3 zhe2.'],
  ['系统正在更新,请稍等。', 'xi4 tong3 zheng4 zai4 geng1 xin1, qing3 shao1 deng3.'],
  ['着急也没用,慢慢来。', 'zhao2 ji2 ye3 mei2 yong4, man4 man4 lai2.'],
  ['差不多三点了。', 'cha4 bu5 duo1 san1 dian3 le5.'],
  ['累计消费满500元减50。', 'lei3 ji4 xiao1 fei4 man3 wu2 bai3 yuan2 jian2 wu3 shi2.'],
  ['张先生,您看可以吗?', 'zhang1 xian1 sheng5, nin2 kan4 ke2 yi3 ma5?'],
  ['您要不要考虑考虑?', 'nin2 yao4 bu5 yao4 kao3 lv4 kao3 lv4?'],
  ['他不得不走。', 'ta1 bu4 de2 bu4 zou3.'],
  ['行不行?行!', 'xing2 bu5 xing2? xing2!'],
  ['我要投诉,叫你们经理来!', 'wo3 yao4 tou2 su4, jiao4 ni3 men5 jing1 li3 lai2!'],
  ['祝您生活愉快,一路平安。', 'zhu4 nin2 sheng1 huo2 yu2 kuai4, yi2 lu4 ping2 an1.'],
  ['厂长买了两把好椅子。', 'chang2 zhang2 mai3 le5 liang2 ba3 hao2 yi3 zi5.'],
  ['会计说数据有误差。', 'kuai4 ji4 shuo1 shu4 ju4 you3 wu4 cha1.'],
  ['您的快递单号是SF1398,放在东莞仓库。', 'nin2 de5 kuai4 di4 dan1 hao4 shi4 SF yao1 san1 jiu3 ba1, fang4 zai4 dong1 guan3 cang1 ku4.'],
  ['我姐姐喜欢音乐,弟弟喜欢睡觉。', 'wo2 jie3 jie5 xi3 huan5 yin1 yue4, di4 di5 xi3 huan5 shui4 jiao4.'],
];

t.test('sentences of calls are read syllable by syllable as a reader says them', async (t) => {
  for (const [written, spoken] of SENTENCES) {
    const read = normalizeChinese(written)
      .replace(/\p{Script=Han}+/gu, (hanzi) => ` ${readHanzi(hanzi).flatMap((word) => word.syllables).join(' ')} `)
      .replace(/\s+/g, ' ')
      .replace(/ ([,.?!;:])/g, '$1')
      .trim();
    t.equal(read, spoken, written);
  }
});

const noEnglish = (): Promise<string[]> => Promise.reject(new Error('no English word was expected'));

t.test('syllables become the symbols of the voice', async (t) => {
  const table: Record<string, string> = {
    ni3: 'ni↓', hao3: 'xau↓', zhi1: 'ꭧɨ→', si4: 'sɨ↘', ji1: 'ʨi→', ju2: 'ʨy↗', jue2: 'ʨɥe↗', yuan2: 'ɥɛ↗n', yun4: 'y↘n', yu3: 'y↓', yi1: 'i→', you3: 'jou↓', ying2: 'i↗ŋ', yong4: 'jʊ↘ŋ', wu3: 'u↓', wen4: 'wə↘n', wei2: 'wei↗', weng1: 'wə→ŋ',
    lv4: 'ly↘', lüe4: 'lɥe↘', nv3: 'ny↓', shui3: 'ʂwei↓', liu4: 'ljou↘', chun1: 'ꭧʰwə→n', xiong2: 'ɕjʊ↗ŋ', er4: 'ɚ↘', bo1: 'pwo→', ma5: 'ma', de5: 'tɤ', qun2: 'ʨʰy↗n', nian2: 'njɛ↗n',
    nar3: 'nɚ↓', dianr3: 'tjɚ↓', wanr2: 'wɚ↗', shir4: 'ʂɚ↘', huar1: 'xwɚ→', kongr4: 'kʰʊ↘ŋɚ',
  };
  for (const [syllable, ipa] of Object.entries(table)) t.equal(syllableIpa(syllable), ipa, syllable);
  t.equal(syllableIpa('xyz1'), undefined);
  t.equal(syllableIpa('ma'), undefined, 'a tone is part of a syllable');
});

t.test('a whole clause: a space between words, an arrow for each tone', async (t) => {
  t.equal(await clausePhonemes('您的快递今天下午三点会送到', noEnglish), 'ni↗n tɤ kʰwai↘ti↘ ʨi→ntʰjɛ→n ɕja↘u↓ sa→n tjɛ↓n xwei↘ sʊ↘ŋtau↘');
  t.equal(await clausePhonemes('幺二零 A', noEnglish), 'jau→ ɚ↘ li↗ŋ ˈA');
});

t.test('English words go to who reads English, letters are spelled, and both come in the symbols of the voice', async (t) => {
  const asked: string[] = [];
  const english = (words: readonly string[]): Promise<string[]> => {
    asked.push(...words);
    return Promise.resolve(words.map(() => 'ˈaɪ fˈoʊn'));
  };
  t.equal(await clausePhonemes('用iPhone下载APP', english), 'jʊ↘ŋ ˈI fˈOn ɕja↘ʦai↘ ˈA pˈi pˈi');
  t.same(asked, ['iPhone']);
});

t.test('every reading of the lexicon fits its word and the voice', async (t) => {
  t.ok(LEXICON.size > 300, `${LEXICON.size} words`);
  for (const [word, syllables] of LEXICON) {
    if (word.length > LONGEST_WORD || syllables.length !== word.length || syllables.some((one) => !isKnown(syllableIpa(one) ?? '\u0000'))) t.fail(`${word} ${syllables.join(' ')}`);
  }
});

t.test('every common character has a sound that the voice knows', async (t) => {
  const silent: string[] = [];
  // 3,755 characters of the first level of GB 2312, by their place in the standard.
  const decoder = new TextDecoder('gb18030');
  for (let row = 0xb0; row <= 0xd7; row++) {
    for (let cell = 0xa1; cell <= (row === 0xd7 ? 0xf9 : 0xfe); cell++) {
      const character = decoder.decode(Uint8Array.of(row, cell));
      const phonemes = await clausePhonemes(character, noEnglish);
      if (phonemes === '' || !isKnown(phonemes)) silent.push(character);
    }
  }
  t.same(silent, []);
});

t.test('the first run is short, later ones longer, all of it in order, and a long stretch is cut', async (t) => {
  const text = '您好,请问是张先生吗?我是银行的客服,想和您确认一下本月的账单,您现在方便吗?如果不方便,我们可以下午再联系您,谢谢您的理解。';
  const units = await kokoroUnits(normalizeChinese(text), false, noEnglish);
  t.ok(units.length >= 4 && units.length <= 6, `${units.length} runs`);
  t.ok((units[0]?.phonemes.length ?? 99) < 50, units[0]?.phonemes ?? '');
  t.match(units.at(-1)?.phonemes, /\.$/);
  const [head, tail] = await kokoroUnits('您的快递今天下午三点到五点之间会送到您的家里.', false, noEnglish);
  t.equal(head?.phonemes, 'ni↗n tɤ kʰwai↘ti↘ ʨi→ntʰjɛ→n ɕja↘u↓,', 'a long first clause is cut between words');
  t.ok((head?.pauseMs ?? 99) < 50 && /^sa→n tjɛ↓n/.test(tail?.phonemes ?? ''), 'and goes on without a pause');
  const joined = await kokoroUnits('您的余额是', true, noEnglish);
  t.match(joined[0]?.phonemes, /,$/, 'what goes on keeps the voice up');
  const long = await kokoroUnits(`${'今天天气很好'.repeat(40)}.`, false, noEnglish);
  t.ok(long.length >= 4 && long.every((unit) => unit.phonemes.length < 510), `${long.map((unit) => unit.phonemes.length).join(' ')}`);
  t.same(await kokoroUnits(normalizeChinese('🎉 …'), false, noEnglish), []);
});
