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

for (const language of ['en', 'zh'] as const) {
  const tries = parse(readFileSync(new URL(`tries.${language}.yaml`, import.meta.url), 'utf8')) as Tries;
  const judge = (said: string): string[] => inventions({ language, said, facts: tries.facts, values: [...Object.values(tries.slots).map(String), ...tries.names], caller: tries.caller.join(' ') }).filter((one) => !one.parroted).map(({ what }) => what);

  t.test(`the judge sees a figure in the wrong sentence and a sentence turned round, ${language}`, (t) => {
    for (const [said, what] of UNSEEN[language]) t.ok(judge(said).includes(what), `${said} ${judge(said).join()}`);
    t.end();
  });

  t.test(`the judge finds nothing turned or misplaced in what is true, ${language}`, (t) => {
    for (const said of [...tries.facts, ...tries.pass]) t.same(judge(said).filter((what) => what === 'turned' || what === 'misplaced'), [], said);
    t.end();
  });
}
