import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { SlotContext, SlotLanguage, SlotReading } from '../../../src/dialogue/slots/slot-type.js';
import { slotTypes } from '../../../src/dialogue/slots/slot-types.js';
import { contextOf, taken } from './contexts.js';
import type { Cases } from './contexts.js';

for (const language of ['en', 'zh'] as const) {
  const cases = parse(readFileSync(new URL(`cases.${language}.yaml`, import.meta.url), 'utf8')) as Cases;
  t.test(`what callers say, ${language}`, (t) => {
    t.same(Object.keys(cases).sort(), [...slotTypes.keys()].sort(), 'every type has cases');
    for (const [name, lines] of Object.entries(cases)) {
      const type = slotTypes.get(name);
      for (const [text, expected] of lines) t.equal(taken(type?.hear(text, contextOf(name, language))), expected, `${name}: ${text}`);
    }
    t.end();
  });
}

t.test('a value in parts, and corrected', (t) => {
  const digits = slotTypes.get('digits');
  const ten = { minDigits: 10, maxDigits: 10 };
  t.same(digits?.hear('four one five', contextOf('digits', 'en', { settings: ten })), { kind: 'part', value: '415' });
  t.equal(taken(digits?.hear('555 26 71', contextOf('digits', 'en', { settings: ten, previous: '415' }))), '4155552671');
  const phone = slotTypes.get('phone');
  const us = (previous: string): SlotContext => contextOf('phone', 'en', { previous });
  t.equal(taken(phone?.hear('five five five, two six seven one', us('415'))), '+14155552671');
  t.equal(taken(phone?.hear('four one five, five five five, two six seven one', us('415'))), '+14155552671', 'from the start again');
  t.equal(taken(phone?.hear('six five oh, five five five, two six seven one', us('415'))), '+16505552671', 'another number');
  t.same(phone?.hear('four one five five', us('415')), { kind: 'part', value: '4155' });
  t.same(phone?.hear('plus four four two oh', us('')), { kind: 'part', value: '+4420' });
  t.equal(taken(phone?.hear('seven nine four six oh nine five eight', us('+4420'))), '+442079460958');
  const cn = (previous: string): SlotContext => contextOf('phone', 'zh', { previous });
  t.equal(taken(phone?.hear('零零一三八零零零', cn('138'))), '+8613800138000');
  t.equal(taken(phone?.hear('一三八零零一三八零零零', cn('138'))), '+8613800138000', '从头再说一遍');
  const inParts = (type: string, over: Partial<SlotContext>, language: SlotLanguage, ...said: string[]): unknown =>
    taken(said.reduce<SlotReading | undefined>((before, text) => slotTypes.get(type)?.hear(text, contextOf(type, language, { ...over, previous: before?.kind === 'part' ? before.value : undefined })), undefined));
  const numbers: readonly (readonly [language: SlotLanguage, country: string, said: readonly string[], number: string])[] = [
    ['zh', 'CN', ['一三八', '零零幺三', '八零零零'], '+8613800138000'],
    ['zh', 'CN', ['一三八', '零零一三', '八零', '零零'], '+8613800138000'],
    ['zh', 'CN', ['一三八零零一三', '一三九零零一三八零零零'], '+8613900138000'],
    ['zh', 'CN', ['加八六一三八', '零零一三', '八零零零'], '+8613800138000'],
    ['zh', 'CN', ['零二幺', '六二八八', '四五六七'], '+862162884567'],
    ['zh', 'CN', ['四零零', '八二零', '八八二零'], '+864008208820'],
    ['en', 'US', ['four one five five five five two', 'six seven one'], '+14155552671'],
    ['en', 'US', ['four one five', 'five five five', 'two six', 'seven one'], '+14155552671'],
    ['en', 'US', ['one four one five five five five', 'two six seven one'], '+14155552671'],
    ['en', 'US', ['four one five five five five two', 'four one five five five five two six seven one'], '+14155552671'],
    ['en', 'US', ['eight hundred five five five', 'one two one two'], '+18005551212'],
    ['en', 'GB', ['oh two oh seven nine four six', 'oh nine five eight'], '+442079460958'],
  ];
  for (const [language, country, said, expected] of numbers) t.equal(inParts('phone', { settings: { country } }, language, ...said), expected, said.join(' / '));
  const email = slotTypes.get('email');
  t.match(email?.hear('twenty two at gmail dot com', contextOf('email', 'en', { previous: 'mary' })), { kind: 'value', value: 'mary22@gmail.com', sure: 0.5 });
  t.equal(taken(email?.hear('mary twenty two at gmail dot com', contextOf('email', 'en', { previous: 'mary' }))), 'mary22@gmail.com', 'from the start again');
  const when = slotTypes.get('datetime');
  const friday = contextOf('datetime', 'en', { previous: '2026-11-26T20:00:00Z' });
  t.equal(taken(when?.hear('no, Friday', friday)), '2026-11-27T20:00:00Z', 'the hour stays');
  t.equal(taken(when?.hear('no, at four', friday)), '2026-11-26T21:00:00Z', 'the day stays');
  t.end();
});

t.test('digits that carry a check digit', (t) => {
  const card = contextOf('digits', 'en', { settings: { minDigits: 16, maxDigits: 16, checkDigit: 'luhn', grouping: [4, 4, 4, 4] } });
  const type = slotTypes.get('digits');
  t.equal(taken(type?.keyed('4539578763621486', card)), '4539578763621486');
  t.same(type?.keyed('4539578763621487', card), { kind: 'fault', fault: 'check_digit', heard: '4539578763621487' });
  t.equal(type?.readBack('4539578763621486', card), '4 5 3 9, 5 7 8 7, 6 3 6 2, 1 4 8 6');
  t.end();
});

t.test('the keypad is an equal way in', (t) => {
  const keyed = (type: string, keys: string, over: Partial<SlotContext> = {}): unknown => taken(slotTypes.get(type)?.keyed(keys, contextOf(type, 'en', over)));
  t.equal(keyed('yes_no', '1'), true);
  t.equal(keyed('yes_no', '2'), false);
  t.equal(keyed('yes_no', '7'), 'fault');
  t.equal(keyed('number', '12*5'), 12.5);
  t.equal(keyed('amount', '520*50'), '520.50 USD');
  t.equal(keyed('date', '1203'), '2026-12-03');
  t.equal(keyed('date', '0101'), '2027-01-01');
  t.equal(keyed('date', '0231'), 'fault');
  t.equal(keyed('date', '1203', { settings: { when: 'past' } }), '2025-12-03');
  t.equal(keyed('time', '1530'), '15:30');
  t.equal(keyed('time', '2560'), 'fault');
  t.equal(keyed('choice', '3'), 'platinum');
  t.equal(keyed('choice', '4'), 'fault');
  t.equal(keyed('phone', '4155552671'), '+14155552671');
  t.equal(keyed('email', '1'), 'none', 'there is no keypad form');
  t.end();
});

t.test('limits and their names', (t) => {
  const number = slotTypes.get('number');
  t.same(number?.hear('twelve', contextOf('number', 'en', { settings: { max: 10 } })), { kind: 'fault', fault: 'too_large', heard: 12 });
  t.match(number?.hear('eleven out of ten', contextOf('number', 'en', { settings: { max: 5 } })), { kind: 'fault', fault: 'too_large' }, 'none of them is possible');
  t.same(number?.hear('four, five', contextOf('number', 'en', { settings: { max: 10 } })), { kind: 'ambiguous', values: [4, 5] }, 'joined it would be too large: two numbers were said');
  t.match(number?.hear('nine eight nine', contextOf('number', 'en', { settings: { max: 100 } })), { kind: 'fault', fault: 'too_large' });
  t.same(number?.hear('zero', contextOf('number', 'en', { settings: { min: 1 } })), { kind: 'fault', fault: 'too_small', heard: 0 });
  t.same(slotTypes.get('choice')?.check({ choices: [{ value: 'a', synonyms: ['x'] }, { value: 'b', synonyms: ['x'] }] }, 'en'), [['choices', '"x" means both a and b']]);
  t.same(slotTypes.get('phone')?.check({}, 'en').map(([field]) => field), ['country']);
  t.same(slotTypes.get('amount')?.check({}, 'en').map(([field]) => field), ['currency']);
  t.same(slotTypes.get('digits')?.check({ minDigits: 9, maxDigits: 4 }, 'en').map(([field]) => field), ['minDigits']);
  t.end();
});

t.test('whatever is said, each type answers, and quickly enough', (t) => {
  const odd = ['', ' ', '\u0000', '🙂🙂', '9'.repeat(2000), 'one '.repeat(500), '一'.repeat(2000), 'no '.repeat(600), '@ at . dot '.repeat(150), '点'.repeat(1000), '下下下周'.repeat(300), '-'.repeat(2000), 'Infinity NaN 1e999'];
  for (const [name, type] of slotTypes) {
    for (const language of ['en', 'zh'] as const) {
      for (const text of odd) {
        t.doesNotThrow(() => type.hear(text, contextOf(name, language)));
        t.doesNotThrow(() => type.keyed(text, contextOf(name, language)));
      }
    }
  }
  t.end();
});
