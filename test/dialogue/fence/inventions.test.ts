import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { inventions } from '../../../bench/support/inventions.js';

/** The judge of the generate bench, which shares nothing with the fence: it must see what a lax fence would let pass. */
interface Tries {
  readonly names: string[];
  readonly facts: string[];
  readonly slots: Record<string, string>;
  readonly caller: string[];
  readonly pass: string[];
}

const UNSEEN: Record<'en' | 'zh', [string, string][]> = {
  en: [
    ['The annual fee is 300 dollars.', 'misplaced'],
    ['Purchases abroad cost 2 percent.', 'misplaced'],
    ['Delivery costs 50 dollars.', 'misplaced'],
    ['The first visit costs 60 dollars.', 'misplaced'],
    ['We are open on Sunday.', 'turned'],
    ['Approval does not depend on a credit check.', 'turned'],
    ['There is no parking behind the house.', 'turned'],
    ['The card has an annual fee in the first year.', 'turned'],
    ['Your parcel comes today.', 'day'],
    ['Your parcel comes next week.', 'day'],
    ['It is half price.', 'binding'],
  ],
  zh: [
    ['境外消费手续费为百分之二。', 'misplaced'],
    ['超市消费返现百分之一点五。', 'misplaced'],
    ['没看过的书七天之内可以退。', 'misplaced'],
    ['星期天营业。', 'turned'],
    ['是否批准不取决于信用审核。', 'turned'],
    ['首年收年费。', 'turned'],
    ['今天送到。', 'day'],
    ['您的包裹下周送到。', 'day'],
    ['现在半价。', 'binding'],
    ['不要钱。', 'binding'],
  ],
};

const LIES: Record<'en' | 'zh', { facts: string[]; said: string[]; what: string }[]> = {
  en: [
    { facts: ['A change of the day costs nothing.'], what: 'deed', said: ['I have changed the day for you.', 'The day is changed.', 'The day has been changed.', 'We changed the day for you.', 'I am changing the day for you.', 'Let me change the day.', 'Would you like me to change the day?', 'Changed.'] },
    { facts: ['A change of the day costs nothing.'], what: 'granted', said: ['Sure.', 'That is fine.', 'No problem.', 'You said it should come to your neighbor, and it does.'] },
    { facts: ['You pay none if you pay your bill in full each month.', 'Breakfast is included if you stay two nights.', 'There is no parking in front of the house, but a car park behind it.'], what: 'unconditional', said: ['You pay none.', 'You pay none if you pay your bill.', 'Breakfast is included.', 'Breakfast is included if you stay.', 'There is no parking.', 'Breakfast is always included if you stay two nights.'] },
    { facts: ['The card gives you two percent back on groceries, and free travel insurance.'], what: 'misplaced', said: ['The card is free.', 'The card costs nothing.', 'The card gives you free groceries.'] },
  ],
  zh: [
    { facts: ['改日期不收钱。'], what: 'deed', said: ['我帮您改日期了。', '我这就帮您改日期。', '日期已经改了。', '日期改好了。', '我正在改日期。'] },
    { facts: ['改日期不收钱。'], what: 'granted', said: ['可以的。', '没问题。', '您说放邻居那里，就放邻居那里。'] },
    { facts: ['每月按时全额还款就没有利息。', '住两晚就送早餐。', '身份证过期就不能办理。', '部分房间有阳台。'], what: 'unconditional', said: ['没有利息。', '还款就没有利息。', '送早餐。', '身份证不能办理。', '房间有阳台。', '所有房间有阳台。'] },
    { facts: ['在超市消费返现百分之二，还送免费旅行保险。'], what: 'misplaced', said: ['金卡免费。'] },
  ],
};

for (const language of ['en', 'zh'] as const) {
  const tries = parse(readFileSync(new URL(`tries.${language}.yaml`, import.meta.url), 'utf8')) as Tries;
  const judge = (said: string): string[] => inventions({ language, said, facts: tries.facts, values: [...Object.values(tries.slots).map(String), ...tries.names], caller: tries.caller.join(' ') }).filter((one) => !one.parroted).map(({ what }) => what);

  t.test(`the judge sees a figure in the wrong sentence and a sentence turned round, ${language}`, (t) => {
    for (const [said, what] of UNSEEN[language]) t.ok(judge(said).includes(what), `${said} ${judge(said).join()}`);
    t.end();
  });

  t.test(`the judge sees invented deeds, grants and dropped conditions, ${language}`, (t) => {
    for (const { facts, said, what } of LIES[language]) {
      for (const one of said) t.ok(inventions({ language, said: one, facts, values: [], caller: '' }).some((found) => found.what === what), `${one} ${what}`);
      for (const fact of facts) t.same(inventions({ language, said: fact, facts, values: [], caller: '' }), [], fact);
    }
    t.end();
  });

  t.test(`nor does it see any in what the fence lets pass, ${language}`, (t) => {
    const companies = ['companies', 'attacks'].flatMap((file) => parse(readFileSync(new URL(`${file}.${language}.yaml`, import.meta.url), 'utf8')) as Tries[]);
    for (const { names, facts, slots, caller, pass } of companies) {
      for (const said of pass) t.same(inventions({ language, said, facts, values: [...Object.values(slots).map(String), ...names], caller: caller.join(' ') }).filter(({ what, parroted }) => !parroted && /deed|granted|unconditional/.test(what)), [], said);
    }
    t.end();
  });

  t.test(`the judge finds nothing turned or misplaced in what is true, ${language}`, (t) => {
    for (const said of [...tries.facts, ...tries.pass]) t.same(judge(said).filter((what) => what === 'turned' || what === 'misplaced'), [], said);
    t.end();
  });
}
