/**
 * Readings that a general dictionary gets wrong or leaves in citation form: second
 * syllables that speech makes neutral, and characters with two readings in words
 * that callers of a bank, a shop or a clinic hear. Written: word, then its
 * syllables with their tones before sandhi.
 */
const WORDS = `
朋友 peng2 you5|知道 zhi1 dao5|东西 dong1 xi5|地方 di4 fang5|便宜 pian2 yi5|时候 shi2 hou5|先生 xian1 sheng5|小姐 xiao3 jie5|小姐姐 xiao3 jie3 jie5
衣服 yi1 fu5|消息 xiao1 xi5|事情 shi4 qing5|意思 yi4 si5|明白 ming2 bai5|清楚 qing1 chu5|认识 ren4 shi5|告诉 gao4 su5
麻烦 ma2 fan5|休息 xiu1 xi5|客气 ke4 qi5|关系 guan1 xi5|名字 ming2 zi5|商量 shang1 liang5|打听 da3 ting5|收拾 shou1 shi5
多少 duo1 shao5|学生 xue2 sheng5|医生 yi1 sheng5|护士 hu4 shi5|大夫 dai4 fu5|师傅 shi1 fu5|丈夫 zhang4 fu5|亲戚 qin1 qi5
爸爸 ba4 ba5|妈妈 ma1 ma5|哥哥 ge1 ge5|姐姐 jie3 jie5|弟弟 di4 di5|妹妹 mei4 mei5|爷爷 ye2 ye5|奶奶 nai3 nai5|宝宝 bao3 bao5
太太 tai4 tai5|谢谢 xie4 xie5|看看 kan4 kan5|试试 shi4 shi5|想想 xiang2 xiang5|等等 deng2 deng5|说说 shuo1 shuo5|听听 ting1 ting5|问问 wen4 wen5
上午 shang4 wu3|晚上 wan3 shang5|早上 zao3 shang5|身上 shen1 shang5|家里 jia1 li5|哪里 na2 li5|那里 na4 li5|这里 zhe4 li5|里面 li3 mian5|外面 wai4 mian5
上面 shang4 mian5|下面 xia4 mian5|后面 hou4 mian5|前面 qian2 mian5|这边 zhe4 bian5|那边 na4 bian5|里边 li3 bian5|外边 wai4 bian5
什么 shen2 me5|怎么 zen3 me5|这么 zhe4 me5|那么 na4 me5|多么 duo1 me5|为什么 wei4 shen2 me5|怎么样 zen3 me5 yang4|没关系 mei2 guan1 xi5
对不起 dui4 bu5 qi3|了不起 liao3 bu5 qi3|差不多 cha4 bu5 duo1|来不及 lai2 bu5 ji2|用不着 yong4 bu5 zhao2|舍不得 she3 bu5 de5|不得了 bu4 de2 liao3|受不了 shou4 bu5 liao3
找不到 zhao3 bu5 dao4|听不清 ting1 bu5 qing1|看不见 kan4 bu5 jian4|打不开 da3 bu5 kai1|要不然 yao4 bu5 ran2
觉得 jue2 de5|记得 ji4 de5|值得 zhi2 de5|认得 ren4 de5|懂得 dong3 de5|显得 xian3 de5|舒服 shu1 fu5|漂亮 piao4 liang5|热闹 re4 nao5|聪明 cong1 ming5
喜欢 xi3 huan5|打算 da3 suan5|生意 sheng1 yi5|窗户 chuang1 hu5|钥匙 yao4 shi5|眼睛 yan3 jing5|耳朵 er3 duo5|脑袋 nao3 dai5|头发 tou2 fa5|嘴巴 zui3 ba5
月亮 yue4 liang5|天气 tian1 qi4|力气 li4 qi5|脾气 pi2 qi5|运气 yun4 qi5|毛病 mao2 bing5|故事 gu4 shi5|本事 ben3 shi5|部分 bu4 fen5|照顾 zhao4 gu5
孩子 hai2 zi5|儿子 er2 zi5|妻子 qi1 zi5|房子 fang2 zi5|车子 che1 zi5|椅子 yi3 zi5|桌子 zhuo1 zi5|电子 dian4 zi3|女子 nu:3 zi3|王子 wang2 zi3|种子 zhong3 zi5
咱们 zan2 men5|我们 wo3 men5|你们 ni3 men5|他们 ta1 men5|她们 ta1 men5|人们 ren2 men5|您们 nin2 men5
还款 huan2 kuan3|还款日 huan2 kuan3 ri4|还钱 huan2 qian2|还清 huan2 qing1|还贷 huan2 dai4|还债 huan2 zhai4|归还 gui1 huan2|偿还 chang2 huan2|退还 tui4 huan2|返还 fan3 huan2|应还 ying1 huan2|未还 wei4 huan2|已还 yi3 huan2|还上 huan2 shang4|还本 huan2 ben3|还息 huan2 xi1|待还 dai4 huan2|分期还 fen1 qi1 huan2|代还 dai4 huan2|需还 xu1 huan2|要还 yao4 huan2|还给 huan2 gei3|还书 huan2 shu1|归还日 gui1 huan2 ri4
银行 yin2 hang2|我行 wo3 hang2|本行 ben3 hang2|他行 ta1 hang2|跨行 kua4 hang2|分行 fen1 hang2|支行 zhi1 hang2|总行 zong3 hang2|行长 hang2 zhang3|行业 hang2 ye4|招行 zhao1 hang2|工行 gong1 hang2|建行 jian4 hang2|农行 nong2 hang2|中行 zhong1 hang2|排行 pai2 hang2|发卡行 fa1 ka3 hang2|开户行 kai1 hu4 hang2
转账 zhuan3 zhang4|转接 zhuan3 jie1|转人工 zhuan3 ren2 gong1|转告 zhuan3 gao4|转入 zhuan3 ru4|转出 zhuan3 chu1|周转 zhou1 zhuan3|自传 zi4 zhuan4
折扣 zhe2 kou4|打折 da3 zhe2|折旧 zhe2 jiu4|调查 diao4 cha2|调整 tiao2 zheng3|调解 tiao2 jie3|调节 tiao2 jie2|征调 zheng1 diao4|下调 xia4 tiao2|上调 shang4 tiao2
处理 chu3 li3|处罚 chu3 fa2|好处 hao3 chu5|坏处 huai4 chu5|用处 yong4 chu5|长处 chang2 chu5|到处 dao4 chu4
尽快 jin3 kuai4|尽量 jin3 liang4|尽早 jin3 zao3|尽管 jin3 guan3|尽力 jin4 li4|应该 ying1 gai1|应付 ying4 fu5|应用 ying4 yong4|反应 fan3 ying4|响应 xiang3 ying4|适应 shi4 ying4|答应 da1 ying5|供应 gong1 ying4|应聘 ying4 pin4|应急 ying4 ji2|对应 dui4 ying4
更改 geng1 gai3|更新 geng1 xin1|更换 geng1 huan4|变更 bian4 geng1|更正 geng1 zheng4|中奖 zhong4 jiang3|看中 kan4 zhong4|重新 chong2 xin1|重复 chong2 fu4|重庆 chong2 qing4|重要 zhong4 yao4|重量 zhong4 liang4
要求 yao1 qiu2|参与 can1 yu4|给予 ji3 yu3|供给 gong1 ji3|为了 wei4 le5|为您 wei4 nin2|为你 wei4 ni3|为什 wei4 shen2|因为 yin1 wei4|成为 cheng2 wei2|作为 zuo4 wei2|认为 ren4 wei2|以为 yi3 wei2|行为 xing2 wei2|称为 cheng1 wei2|为期 wei2 qi1|为止 wei2 zhi3
出差 chu1 chai1|邮差 you2 chai1|差额 cha1 e2|差价 cha1 jia4|误差 wu4 cha1|长度 chang2 du4|增长 zeng1 zhang3|成长 cheng2 zhang3|校长 xiao4 zhang3|家长 jia1 zhang3|延长 yan2 chang2|长期 chang2 qi1|长沙 chang2 sha1
请假 qing3 jia4|放假 fang4 jia4|假期 jia4 qi1|假日 jia4 ri4|空闲 kong4 xian2|有空 you3 kong4|没空 mei2 kong4|抽空 chou1 kong4|空白 kong4 bai2|累计 lei3 ji4|积累 ji1 lei3|数一数 shu3 yi4 shu3
乐队 yue4 dui4|音乐 yin1 yue4|睡觉 shui4 jiao4|午觉 wu3 jiao4|系统 xi4 tong3|联系 lian2 xi4|联系人 lian2 xi4 ren2|干净 gan1 jing4|干部 gan4 bu4|几个 ji3 ge4|几点 ji3 dian3|一会儿 yi2 hui4 er5|相册 xiang4 ce4
发票 fa1 piao4|理发 li3 fa4|会计 kuai4 ji4|薄弱 bo2 ruo4|血压 xue4 ya1|血糖 xue4 tang2|抽血 chou1 xue4|着急 zhao2 ji2|着凉 zhao2 liang2|背包 bei1 bao1|倒闭 dao3 bi4|倒车 dao4 che1
部长 bu4 zhang3|厂长 chang3 zhang3|店长 dian4 zhang3|院长 yuan4 zhang3|曾经 ceng2 jing1|可恶 ke3 wu4|收获 shou1 huo4|暂时 zan4 shi2|质量 zhi4 liang4|号码 hao4 ma3|数量 shu4 liang4|数据 shu4 ju4|数字 shu4 zi4
目的 mu4 di4|的确 di2 que4|打的 da3 di1|得到 de2 dao4|取得 qu3 de2|获得 huo4 de2|必须得 bi4 xu1 dei3|总得 zong3 dei3|还得 hai2 dei3|您得 nin2 dei3|还是 hai2 shi5|但是 dan4 shi4|于是 yu2 shi4|可是 ke3 shi4|或是 huo4 shi4
我得 wo3 dei3|地址 di4 zhi3|地铁 di4 tie3|地区 di4 qu1|了解 liao3 jie3|了结 liao3 jie2|完了 wan2 le5|没了 mei2 le5|淹没 yan1 mo4|没收 mo4 shou1|星期 xing1 qi1|学期 xue2 qi1|逾期 yu2 qi1
亲家 qing4 jia5|朝阳 chao2 yang2|大厦 da4 sha4|厦门 xia4 men2|蚌埠 beng4 bu4|六安 lu4 an1|铅山 yan2 shan1|台州 tai1 zhou1|番禺 pan1 yu2|东莞 dong1 guan3|济南 ji3 nan2|乐清 yue4 qing1|单于 chan2 yu2
`;

/** Longest word of the table, characters. */
export const LONGEST_WORD = 4;

/** Word to its syllables. */
export const LEXICON: ReadonlyMap<string, readonly string[]> = new Map(
  WORDS.trim()
    .split(/[|\n]/)
    .map((entry) => {
      const [word = '', ...syllables] = entry.trim().split(' ');
      return [word, syllables.map((syllable) => syllable.replace('u:', 'ü'))];
    }),
);
