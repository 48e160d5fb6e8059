import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { createClauseCutter } from '../../../src/dialogue/fence/clause-cutter.js';
import { createGuard } from '../../../src/dialogue/fence/create-guard.js';
import { isCourtesy } from '../../../src/dialogue/fence/courtesies.js';
import type { Guard } from '../../../src/dialogue/fence/guard.js';
import { growth, isLinear } from '../../support/growth.js';

interface Tries {
  readonly names: string[];
  readonly facts: string[];
  readonly slots: Record<string, string>;
  readonly caller: string[];
}

const KINDS = ['number', 'amount', 'percentage', 'date', 'name', 'promise', 'unfounded', 'swapped', 'denied', 'mirrored', 'condition', 'question', 'quoted', 'instruction', 'language', 'form'] as const;

function guardOf(language: 'en' | 'zh'): { guard: Guard; tries: Tries & Record<string, string[]> } {
  const tries = parse(readFileSync(new URL(`tries.${language}.yaml`, import.meta.url), 'utf8')) as Tries & Record<string, string[]>;
  return { guard: createGuard({ language, facts: tries.facts, slots: tries.slots, callerWords: tries.caller, names: tries.names }), tries };
}

for (const language of ['en', 'zh'] as const) {
  t.test(`true clauses pass, invented ones are caught, ${language}`, (t) => {
    const { guard, tries } = guardOf(language);
    for (const clause of tries['pass'] ?? []) t.same(guard.check(clause), { passes: true }, clause);
    for (const kind of KINDS) {
      for (const clause of tries[kind] ?? []) {
        const verdict = guard.check(clause);
        t.equal(verdict.passes, false, clause);
        // A clause can be wrong in two ways: which is named first does not matter, but that it is.
        if (!verdict.passes && ['instruction', 'language', 'form'].includes(kind)) t.equal(verdict.what, kind, clause);
      }
    }
    t.end();
  });

  t.test(`the same with the facts of other companies, ${language}`, (t) => {
    const companies = ['companies', 'attacks', 'near'].flatMap((file) => parse(readFileSync(new URL(`${file}.${language}.yaml`, import.meta.url), 'utf8')) as (Tries & Record<'pass' | 'refuse', string[]>)[]);
    for (const { facts, slots, caller, names, pass, refuse } of companies) {
      const guard = createGuard({ language, facts, slots, callerWords: caller, names });
      for (const clause of [...pass, ...facts.flatMap((fact) => fact.split(/(?<=[.])\s+|(?<=。)/).filter(Boolean))]) t.same(guard.check(clause), { passes: true }, clause);
      for (const clause of refuse) t.equal(guard.check(clause).passes, false, clause);
    }
    t.end();
  });

  t.test(`every fact may be said as it is written, ${language}`, (t) => {
    const { guard, tries } = guardOf(language);
    for (const fact of tries.facts) for (const sentence of fact.split(/(?<=[.])\s+|(?<=。)/).filter(Boolean)) t.same(guard.check(sentence), { passes: true }, sentence);
    t.end();
  });
}

t.test('the time to see that something is no courtesy grows with it, not with its square or worse', (t) => {
  for (const [language, phrases, end] of [['en', 'i am so sorry ', 'cat'], ['en', 'bye bye ', 'cat'], ['en', 'i do not know the answer to that about that ', 'cat'], ['zh', '不知道这个不清楚这个', '猫'], ['zh', '明白了您的意思知道了', '猫']] as const) {
    const judge = (times: number): void => void isCourtesy(phrases.repeat(times) + end, language, { ours: [], callers: [] });
    t.ok(isLinear(growth(() => judge(200), () => judge(400))), phrases);
    t.equal(isCourtesy(phrases.repeat(20), language, { ours: [], callers: [] }), true, phrases);
    t.equal(isCourtesy(phrases.repeat(20) + end, language, { ours: [], callers: [] }), false, phrases);
  }
  t.end();
});

t.test('so does the time to read facts and what the caller said, with marks or without', (t) => {
  const make = (language: 'en' | 'zh', text: string): void => void createGuard({ language, facts: [text], slots: {}, callerWords: [text], names: [] });
  for (const [language, words] of [['en', 'the card and its limit in the first year of the bank '], ['en', 'the card is in the house on the hill by the sea with a dog '], ['zh', '北风金卡在超市消费返现额度根据收入来定']] as const) {
    t.ok(isLinear(growth(() => make(language, words.repeat(20)), () => make(language, words.repeat(40)))), language);
  }
  t.end();
});

t.test('what tells of the facts is told from what only may be said', (t) => {
  const guard = createGuard({ language: 'en', facts: ['Delivery costs 5 dollars.'], slots: { order: '48213' }, callerWords: [], names: [] });
  t.ok(guard.tells('Well, delivery costs five dollars.'));
  for (const said of ['Thank you for calling.', 'Let me tell you about the delivery.', 'Your order is 48213.']) {
    t.same(guard.check(said), { passes: true }, said);
    t.notOk(guard.tells(said), said);
  }
  t.end();
});

t.test('a number changed by one is caught in any fact, whatever its place', (t) => {
  const { guard, tries } = guardOf('en');
  const figures = tries.facts.flatMap((fact) => fact.split(/(?<=[.])\s+/)).filter((sentence) => /\d/.test(sentence));
  t.ok(figures.length >= 5);
  for (const sentence of figures) {
    const wrong = sentence.replace(/\d+(?:\.\d+)?/, (digits) => String(Number(digits) + 11));
    t.equal(guard.check(wrong).passes, false, wrong);
  }
  t.end();
});

t.test('a figure of one fact is caught in every other sentence, whatever its place', (t) => {
  const { guard, tries } = guardOf('en');
  const amount = /\d+ dollars(?: \d\d)?|eighty dollars/;
  const priced = tries.facts.flatMap((fact) => fact.split(/(?<=[.])\s+/)).filter((sentence) => amount.test(sentence));
  const amounts = new Set(priced.map((sentence) => amount.exec(sentence)?.[0] ?? ''));
  t.ok(amounts.size >= 6);
  for (const sentence of priced) {
    for (const other of amounts) {
      if (sentence.includes(other)) continue;
      const wrong = sentence.replace(amount, other);
      t.equal(guard.check(wrong).passes, false, wrong);
    }
  }
  t.end();
});

t.test('text in pieces of any size is cut into the same clauses', (t) => {
  const text = 'It costs 1.5 percent abroad, and nothing at home. Mr. Brown said so, too: at 3 p.m. it was, was it not? Yes!';
  const whole = (size: number): string[] => {
    const cutter = createClauseCutter('en');
    const clauses: string[] = [];
    for (let at = 0; at < text.length; at += size) clauses.push(...cutter.push(text.slice(at, at + size)));
    return [...clauses, cutter.end() ?? ''].filter((clause) => clause !== '');
  };
  const clauses = whole(text.length);
  t.same(clauses.join(' '), text);
  t.equal(clauses[0], 'It costs 1.5 percent abroad,');
  for (const size of [1, 2, 3, 7, 20]) t.same(whole(size), clauses, `pieces of ${size}`);
  t.end();
});

t.test('a model that does not end, or ends in the middle, is cut off', (t) => {
  const cutter = createClauseCutter('en');
  let clauses = 0;
  for (let i = 0; i < 1000; i++) clauses += cutter.push('And another sentence that goes on and on. ').length;
  t.equal(clauses, 8);
  t.equal(cutter.end(), undefined);
  const half = createClauseCutter('zh');
  t.same(half.push('好的。首年'), ['好的。']);
  t.equal(half.end(), undefined, 'half a sentence is not said');
  t.same(createClauseCutter('en').push('x'.repeat(1000)).map((clause) => clause.length), [200, 200, 200, 200], 'no marks at all');
  t.end();
});
