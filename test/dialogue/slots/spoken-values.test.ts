import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { SlotContext, SlotLanguage, SlotSettings, SlotValue } from '../../../src/dialogue/slots/slot-type.js';
import { slotTypes } from '../../../src/dialogue/slots/slot-types.js';
import { contextOf, taken } from './contexts.js';
import type { Cases } from './contexts.js';

/** What a listener hears, and says yes or no to. Every type has its words, in both languages. */
type Line = readonly [type: string, value: SlotValue, words: string, settings?: SlotSettings];

const WORDS: Record<SlotLanguage, readonly Line[]> = {
  en: [
    ['yes_no', true, 'yes'],
    ['yes_no', false, 'no'],
    ['number', 4, '4'],
    ['number', 1250, '1,250'],
    ['number', 2.5, '2.5'],
    ['digits', '0415', '0 4 1 5'],
    ['digits', '4539578763621486', '4 5 3 9, 5 7 8 7, 6 3 6 2, 1 4 8 6', { grouping: [4, 4, 4, 4] }],
    ['date', '2026-11-24', 'tomorrow'],
    ['date', '2026-12-15', 'Tuesday, December 15'],
    ['time', '15:30', '3:30 PM'],
    ['datetime', '2026-11-24T20:00:00Z', 'tomorrow at 3 PM'],
    ['amount', '50.00 USD', '50 dollars'],
    ['amount', '1.00 USD', '1 dollar'],
    ['amount', '1250.75 USD', '1,250 dollars and 75 cents'],
    ['amount', '5.01 USD', '5 dollars and 1 cent'],
    ['amount', '0.50 USD', '50 cents'],
    ['amount', '0.01 USD', '1 cent'],
    ['amount', '0.50 EUR', '0 euros and 50 cents'],
    ['amount', '0.50 EUR', '50 cents', { currency: 'EUR' }],
    ['amount', '0.50 GBP', '50 pence'],
    ['amount', '8.01 GBP', '8 pounds and 1 penny'],
    ['amount', '5.50 CNY', '5 yuan and 50 fen'],
    ['amount', '5000 JPY', '5,000 yen'],
    ['amount', '1.50 AUD', '1.5 AUD'],
    ['phone', '+14155552671', '4 1 5, 5 5 5, 2 6 7 1'],
    ['phone', '+442079460958', 'plus 4 4, 2 0, 7 9 4 6, 0 9 5 8'],
    ['email', 'john.smith@gmail.com', 'J, O, H, N, dot, S, M, I, T, H, at gmail dot com'],
    ['email', 'mary_jones22@outlook.com', 'M, A, R, Y, underscore, J, O, N, E, S, 2, 2, at outlook dot com'],
    ['email', 'bill+news@my-company.co.uk', 'B, I, L, L, plus, N, E, W, S, at my dash company dot co dot U K'],
    ['email', 'info-sales@gmx.de', 'I, N, F, O, dash, S, A, L, E, S, at G M X dot D E'],
    ['email', 'bob@163.com', 'B, O, B, at 1 6 3 dot com'],
    ['email', 'averyveryverylongaddress.withdots99@example.org', 'averyveryverylongaddress dot withdots 9 9, at example dot org'],
    ['name', 'Smith', 'Smith, spelled S, M, I, T, H'],
    ['name', "O'Connor", "O'Connor, spelled O, apostrophe, C, O, N, N, O, R"],
    ['name', 'Jean-Luc', 'Jean-Luc, spelled J, E, A, N, dash, L, U, C'],
    ['name', 'Susan Hill', 'Susan Hill'],
    ['address', '221 Baker Street', '221 Baker Street'],
    ['choice', 'basic', 'the basic card'],
    ['choice', 'gold', 'gold'],
    ['text', 'The door was locked.', 'The door was locked.'],
  ],
  zh: [
    ['yes_no', true, '是'],
    ['yes_no', false, '不是'],
    ['number', 4, '四'],
    ['number', 25300, '两万五千三百'],
    ['number', 2.5, '二点五'],
    ['digits', '4152', '四幺五二'],
    ['date', '2026-11-24', '明天'],
    ['date', '2026-12-15', '十二月十五号，星期二'],
    ['time', '14:30', '下午两点半'],
    ['time', '00:00', '晚上十二点'],
    ['time', '00:30', '凌晨零点半'],
    ['datetime', '2026-11-24T07:00:00Z', '明天下午三点'],
    ['datetime', '2026-11-23T16:00:00Z', '今天晚上十二点'],
    ['datetime', '2026-11-24T16:00:00Z', '明天晚上十二点'],
    ['datetime', '2026-11-27T16:00:00Z', '十一月二十七号，星期五晚上十二点'],
    ['datetime', '2026-11-23T17:00:00Z', '明天凌晨一点'],
    ['amount', '50.00 CNY', '五十元'],
    ['amount', '2.00 CNY', '两元'],
    ['amount', '5.50 CNY', '五元五角'],
    ['amount', '2.20 CNY', '两元两角'],
    ['amount', '19.99 CNY', '十九元九角九分'],
    ['amount', '110.05 CNY', '一百一十元零五分'],
    ['amount', '0.75 CNY', '七角五分'],
    ['amount', '0.08 CNY', '八分钱'],
    ['amount', '0.50 USD', '五十美分'],
    ['amount', '80.50 EUR', '八十欧元五十欧分'],
    ['amount', '50.50 HKD', '五十点五港币'],
    ['amount', '5000 JPY', '五千日元'],
    ['phone', '+8613800138000', '幺三八，零零幺三，八零零零'],
    ['email', 'zhang.san@qq.com', 'Z，H，A，N，G，点，S，A，N，艾特，Q Q 点 com'],
    ['email', 'li_wei12@163.com', 'L，I，下划线，W，E，I，幺，二，艾特，幺六三 点 com'],
    ['email', 'jane-doe+a@outlook.com', 'J，A，N，E，横线，D，O，E，加号，A，艾特，outlook 点 com'],
    ['name', '李明', '李明'],
    ['address', '人民路四十二号', '人民路四十二号'],
    ['choice', 'basic', '普通卡'],
    ['text', '门是锁着的。', '门是锁着的。'],
  ],
};

for (const language of ['en', 'zh'] as const) {
  /** Digits of any length, as the words say them. */
  const said = (name: string, over: SlotSettings = {}): SlotContext => contextOf(name, language, { settings: { ...(name === 'digits' ? {} : contextOf(name, language).settings), ...over } });
  t.test(`words of a read-back, ${language}`, (t) => {
    t.same([...new Set(WORDS[language].map(([name]) => name))].sort(), [...slotTypes.keys()].sort(), 'every type has words');
    for (const [name, value, words, over] of WORDS[language]) t.equal(slotTypes.get(name)?.readBack(value, said(name, over)), words, `${name}: ${String(value)}`);
    t.end();
  });

  t.test(`what is read back is heard as the same value, ${language}`, (t) => {
    const cases = parse(readFileSync(new URL(`cases.${language}.yaml`, import.meta.url), 'utf8')) as Cases;
    const heard = Object.entries(cases).flatMap(([name, lines]) => lines.flatMap(([text]) => {
      const reading = slotTypes.get(name)?.hear(text, contextOf(name, language));
      return reading?.kind === 'value' ? [[name, reading.value, contextOf(name, language)] as const] : [];
    }));
    const named = WORDS[language].map(([name, value, , over]) => [name, value, said(name, over)] as const);
    for (const [name, value, context] of [...named, ...heard]) {
      const words = slotTypes.get(name)?.readBack(value, context) ?? '';
      // A currency that no word stands for comes from outside only.
      if (!words.includes('AUD')) t.equal(taken(slotTypes.get(name)?.hear(words, context)), value, `${name}: ${String(value)} as ${words}`);
    }
    t.end();
  });
}
