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

const VALUES = { en: ['48213', '2500.00 USD', '2026-12-01', 'Alice Brown'], zh: ['48213', '20000.00 CNY', '2026-12-01', '张伟'] };
const LIES: Record<'en' | 'zh', { facts: string[]; said: string[]; what: string }[]> = {
  en: [
    { facts: ['A change of the day costs nothing.'], what: 'deed', said: ['I have changed the day for you.', 'The day is changed.', 'The day has been changed.', 'We changed the day for you.', 'I am changing the day for you.', 'Let me change the day.', 'Would you like me to change the day?', 'Changed.'] },
    { facts: ['A change of the day costs nothing.'], what: 'granted', said: ['Sure.', 'That is fine.', 'No problem.', 'You said it should come to your neighbor, and it does.'] },
    { facts: ['You pay none if you pay your bill in full each month.', 'Breakfast is included if you stay two nights.', 'There is no parking in front of the house, but a car park behind it.'], what: 'unconditional', said: ['You pay none.', 'You pay none if you pay your bill.', 'Breakfast is included.', 'Breakfast is included if you stay.', 'There is no parking.', 'Breakfast is always included if you stay two nights.'] },
    { facts: ['The card gives you two percent back on groceries, and free travel insurance.'], what: 'misplaced', said: ['The card is free.', 'The card costs nothing.', 'The card gives you free groceries.'] },
    { facts: ['There is no late fee if it is paid this month.', 'Breakfast costs 12 dollars if it is ordered at the desk.'], what: 'unconditional', said: ['There is no late fee if it is late this month.', 'There is no late fee if it is this month.', 'Breakfast costs 12 dollars if it is at the desk.', 'It is paid this month.'] },
    { facts: ['Purchases abroad cost 1.5 percent.', 'There is free parking behind the house.', 'Gift wrapping costs 2 dollars.', 'The parcel comes on Thursday between 2 and 6 pm.', 'You can move the appointment up to 24 hours before.', 'The card arrives within 7 days after approval.'], what: 'added', said: ['Purchases abroad cost us 1.5 percent.', 'There is free parking behind your house.', 'Gift wrapping costs 2 dollars each.', 'The parcel comes to us on Thursday between 2 and 6 pm.', 'They can move the appointment up to 24 hours before.', 'Gift wrapping would cost 2 dollars.', 'Approval arrives within 7 days after the card.'] },
    { facts: ['Delivery is free.'], what: 'value', said: ['Your parcel number 48213 is with you.', 'We have your parcel, number 48213.', 'We have your payment of December 1st.', 'You have your wished limit of 2500 dollars.', 'Your wished limit of 2500 dollars is good.', 'I am Alice Brown.'] },
    { facts: ['You can move the appointment up to 24 hours before.', 'The card arrives within 7 days after approval.'], what: 'presumed', said: ['Would you like help moving the appointment?', 'Would you like me to help with changing the day?', 'Would you like to know when the card arrived?', 'Regarding the appointment Doctor Green moved,', 'Let me tell you about your approval.'] },
  ],
  zh: [
    { facts: ['改日期不收钱。'], what: 'deed', said: ['我帮您改日期了。', '我这就帮您改日期。', '日期已经改了。', '日期改好了。', '我正在改日期。'] },
    { facts: ['改日期不收钱。'], what: 'granted', said: ['可以的。', '没问题。', '您说放邻居那里，就放邻居那里。'] },
    { facts: ['每月按时全额还款就没有利息。', '住两晚就送早餐。', '身份证过期就不能办理。', '部分房间有阳台。'], what: 'unconditional', said: ['没有利息。', '还款就没有利息。', '送早餐。', '身份证不能办理。', '房间有阳台。', '所有房间有阳台。'] },
    { facts: ['在超市消费返现百分之二，还送免费旅行保险。'], what: 'misplaced', said: ['金卡免费。'] },
    { facts: ['这个月交清的话，不收滞纳金。', '没看过的书三十天之内可以退。'], what: 'unconditional', said: ['不收滞纳金。', '没看过的书可以退。'] },
    { facts: ['之后每年收60元。', '楼后面可以免费停车。', '包裹星期四下午两点到六点送到。', '境外消费手续费为百分之一点五。', '诊所在二楼，面包店楼上。'], what: 'added', said: ['之后每年我们付60元。', '您楼后面可以免费停车。', '包裹星期四下午两点到六点送到我们这。', '境外卡消费手续费为百分之一点五。', '老诊所在二楼，面包店楼上。'] },
    { facts: ['改日期不收钱。'], what: 'value', said: ['您希望的额度是20000元，可以的。', '日期是12月1日，可以的。', '您有20000元额度。'] },
    { facts: ['审核通过后七天之内送达。'], what: 'presumed', said: ['关于您通过的审核，', '您想了解您通过的审核吗？', '需要我帮您改时间吗？'] },
  ],
};

for (const language of ['en', 'zh'] as const) {
  const tries = parse(readFileSync(new URL(`tries.${language}.yaml`, import.meta.url), 'utf8')) as Tries;
  const judge = (said: string): string[] => inventions({ language, said, facts: tries.facts, values: [...Object.values(tries.slots).map(String), ...tries.names], caller: tries.caller.join(' ') }).filter((one) => !one.parroted).map(({ what }) => what);

  t.test(`the judge sees a figure in the wrong sentence and a sentence turned round, ${language}`, (t) => {
    for (const [said, what] of UNSEEN[language]) t.ok(judge(said).includes(what), `${said} ${judge(said).join()}`);
    t.end();
  });

  t.test(`the judge sees invented deeds and grants, dropped conditions, other owners and what is taken for granted, ${language}`, (t) => {
    for (const { facts, said, what } of LIES[language]) {
      for (const one of said) t.ok(inventions({ language, said: one, facts, values: VALUES[language], caller: '' }).some((found) => found.what === what), `${one} ${what}`);
      for (const fact of facts) t.same(inventions({ language, said: fact, facts, values: VALUES[language], caller: '' }), [], fact);
    }
    t.end();
  });

  t.test(`nor does it see any in what the fence lets pass, ${language}`, (t) => {
    const companies = ['companies', 'attacks', 'near'].flatMap((file) => parse(readFileSync(new URL(`${file}.${language}.yaml`, import.meta.url), 'utf8')) as Tries[]);
    for (const { names, facts, slots, caller, pass } of companies) {
      for (const said of pass) t.same(inventions({ language, said, facts, values: [...Object.values(slots).map(String), ...names], caller: caller.join(' ') }).filter(({ what, parroted }) => !parroted && /deed|granted|unconditional|added|value|presumed/.test(what)), [], said);
    }
    t.end();
  });

  t.test(`the judge finds nothing turned or misplaced in what is true, ${language}`, (t) => {
    for (const said of [...tries.facts, ...tries.pass]) t.same(judge(said).filter((what) => what === 'turned' || what === 'misplaced'), [], said);
    t.end();
  });
}
