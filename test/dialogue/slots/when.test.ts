import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { SlotContext } from '../../../src/dialogue/slots/slot-type.js';
import { READ_BACK_BELOW } from '../../../src/dialogue/slots/readings.js';
import { instantOf, isoInstant } from '../../../src/dialogue/slots/wall-clock.js';
import { date, datetime, time } from '../../../src/dialogue/slots/when.js';

const ZONES = { en: 'America/New_York', zh: 'Asia/Shanghai' } as const;

/** `at`: wall time in the zone of the language. */
function contextOf(language: 'en' | 'zh', at: string, over: Partial<SlotContext> = {}): SlotContext {
  return { language, nowMs: Date.parse(`${at}${language === 'en' ? '-05:00' : '+08:00'}`), timeZone: ZONES[language], settings: {}, previous: undefined, ...over };
}

function taken(reading: ReturnType<typeof date.hear>): unknown {
  return reading?.kind === 'value' ? reading.value : reading?.kind === 'fault' ? reading.fault : reading?.kind;
}

const THURSDAY = '2026-11-26T10:00:00';
const PAST = { settings: { when: 'past' } } as const;

t.test('what is past lies behind, where only such days are asked for', (t) => {
  const table: readonly (readonly ['en' | 'zh', string, string])[] = [
    ['en', 'on Saturday', '2026-11-21'],
    ['en', 'Thursday', '2026-11-26'],
    ['en', 'December third', '2025-12-03'],
    ['en', 'October third', '2026-10-03'],
    ['en', 'on the third', '2026-11-03'],
    ['en', 'the 30th', '2026-10-30'],
    ['en', 'the fifth of last month', '2026-10-05'],
    ['en', 'the end of the month', '2026-10-31'],
    ['en', 'the end of December', '2025-12-31'],
    ['en', 'two weeks ago', '2026-11-12'],
    ['en', 'tomorrow', 'future'],
    ['zh', '周六', '2026-11-21'],
    ['zh', '周四', '2026-11-26'],
    ['zh', '十二月三号', '2025-12-03'],
    ['zh', '十月三号', '2026-10-03'],
    ['zh', '三号', '2026-11-03'],
    ['zh', '三十号', '2026-10-30'],
    ['zh', '上个月五号', '2026-10-05'],
    ['zh', '月底', '2026-10-31'],
    ['zh', '十二月底', '2025-12-31'],
    ['zh', '去年十二月五号', '2025-12-05'],
    ['zh', '两个星期前', '2026-11-12'],
    ['zh', '半个月前', '2026-11-11'],
    ['zh', '明天', 'future'],
  ];
  for (const [language, text, expected] of table) t.equal(taken(date.hear(text, contextOf(language, THURSDAY, PAST))), expected, text);
  t.equal(taken(datetime.hear('at three', contextOf('en', THURSDAY, PAST))), '2026-11-25T20:00:00Z');
  t.equal(taken(datetime.hear('Thursday at three', contextOf('en', THURSDAY, PAST))), '2026-11-19T20:00:00Z');
  t.equal(taken(datetime.hear('下午三点', contextOf('zh', THURSDAY, PAST))), '2026-11-25T07:00:00Z');
  t.equal(taken(datetime.hear('周四下午三点', contextOf('zh', THURSDAY, PAST))), '2026-11-19T07:00:00Z');
  t.end();
});

t.test('a month on from a day that the next month does not have', (t) => {
  const january = '2026-01-31T10:00:00';
  for (const [language, text, expected] of [['en', 'in one month', '2026-02-28'], ['en', 'in two months', '2026-03-31'], ['en', 'in a month and a half', '2026-03-15'], ['zh', '一个月后', '2026-02-28'], ['zh', '两个月后', '2026-03-31'], ['zh', '一个半月后', '2026-03-15']] as const) {
    t.equal(taken(date.hear(text, contextOf(language, january))), expected, text);
  }
  t.equal(taken(date.hear('the 31st of next month', contextOf('en', january))), 'no_such_day');
  t.equal(taken(date.hear('下个月三十一号', contextOf('zh', january))), 'no_such_day');
  t.end();
});

t.test('at the read-back: what repeats the hour in other words changes nothing', (t) => {
  const two = { previous: '2026-11-27T19:00:00Z' }; // Friday, 2 PM in New York
  for (const [text, expected] of [['Yes, tomorrow afternoon is good.', '2026-11-27T19:00:00Z'], ['Yes, in the afternoon', '2026-11-27T19:00:00Z'], ['yes, at two', '2026-11-27T19:00:00Z'], ['no, in the morning', '2026-11-27T15:00:00Z'], ['no, at four', '2026-11-27T21:00:00Z'], ['Saturday afternoon', '2026-11-28T19:00:00Z']] as const) {
    t.equal(taken(datetime.hear(text, contextOf('en', THURSDAY, two))), expected, text);
  }
  t.equal(taken(datetime.hear('yes, at nine', contextOf('en', THURSDAY, { previous: '2026-11-28T02:00:00Z' }))), '2026-11-28T02:00:00Z', '9 PM was read back');
  for (const [text, expected] of [['好的，明天下午可以', '2026-11-27T06:00:00Z'], ['对，两点', '2026-11-27T06:00:00Z'], ['不，上午', '2026-11-27T02:00:00Z'], ['不，四点', '2026-11-27T08:00:00Z']] as const) {
    t.equal(taken(datetime.hear(text, contextOf('zh', THURSDAY, { previous: '2026-11-27T06:00:00Z' }))), expected, text);
  }
  t.equal(taken(time.hear('in the afternoon', contextOf('en', THURSDAY, { previous: '14:00' }))), '14:00');
  t.equal(taken(time.hear('下午', contextOf('zh', THURSDAY, { previous: '14:00' }))), '14:00');
  t.equal(taken(time.hear('晚上', contextOf('zh', THURSDAY, { previous: '14:00' }))), '19:00');
  t.end();
});

t.test('hours of sleep and a doubtful midnight are read back', (t) => {
  const sure = (language: 'en' | 'zh', text: string): number => {
    const reading = datetime.hear(text, contextOf(language, THURSDAY));
    return reading?.kind === 'value' ? reading.sure : NaN;
  };
  for (const text of ['two at night', 'tonight at one', 'Saturday at midnight']) t.ok(sure('en', text) < 0.6, text);
  for (const text of ['夜里两点', '今晚一点']) t.ok(sure('zh', text) < 0.6, text);
  for (const text of ['twelve at night', 'nine at night']) t.ok(sure('en', text) >= 0.6, text);
  for (const text of ['晚上十二点', '晚上九点', '凌晨一点']) t.ok(sure('zh', text) >= 0.6, text);
  t.end();
});

/** Wall time of the zone as it is kept; words such as "none" stay. */
function kept(of: string, language: 'en' | 'zh'): string {
  const [, year, month, day, hour, minute] = (/^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)$/.exec(of) ?? []).map(Number);
  return year === undefined ? of : isoInstant(instantOf({ year, month: month ?? 0, day: day ?? 0, hour: hour ?? 0, minute: minute ?? 0 }, ZONES[language]));
}

for (const language of ['en', 'zh'] as const) {
  const tables = parse(readFileSync(new URL(`times.${language}.yaml`, import.meta.url), 'utf8')) as Record<'date' | 'time' | 'datetime' | 'moved', [string, string | string[]][]>;
  t.test(`days and hours as recognisers write them, ${language}`, (t) => {
    for (const [type, cases] of [[date, tables.date], [time, tables.time], [datetime, tables.datetime], [datetime, tables.moved]] as const) {
      const previous = cases === tables.moved ? kept('2026-11-24 15:00', language) : undefined;
      for (const [text, expected] of cases) {
        const reading = type.hear(text, contextOf(language, '2026-11-23T10:20:00', { previous }));
        if (typeof expected !== 'string') {
          t.same(reading, { kind: 'ambiguous', values: expected.map((one) => kept(one, language)) }, `${type.name}: ${text}`);
          continue;
        }
        t.equal(taken(reading) ?? 'none', kept(expected.replace('?', ''), language), `${type.name}: ${text}`);
        if (reading?.kind === 'value') t.equal(reading.sure < READ_BACK_BELOW, expected.endsWith('?'), `${text} is${expected.endsWith('?') ? '' : ' not'} read back`);
      }
    }
    t.end();
  });
}

t.test('a month on from a day that the next month does not have is its last', (t) => {
  for (const [language, text] of [['en', 'next month'], ['zh', '下个月']] as const) t.equal(taken(date.hear(text, contextOf(language, '2026-01-31T10:00:00'))), '2026-02-28', text);
  t.end();
});

t.test('what is moved is a day or an hour, as the slot keeps them', (t) => {
  const at = (language: 'en' | 'zh', previous: string): SlotContext => contextOf(language, THURSDAY, { previous });
  t.equal(taken(date.hear('a day later', at('en', '2026-12-31'))), '2027-01-01');
  t.equal(taken(date.hear('晚一个星期', at('zh', '2026-12-31'))), '2027-01-07');
  t.equal(taken(date.hear('an hour later', at('en', '2026-12-31'))), undefined, 'hours move no day');
  t.equal(taken(time.hear('half an hour earlier', at('en', '15:00'))), '14:30');
  t.equal(taken(time.hear('晚半个小时', at('zh', '15:00'))), '15:30');
  t.equal(taken(time.hear('two hours later', at('en', '23:00'))), undefined, 'not into the next day');
  t.end();
});

t.test('today means an hour of it that is to come, late as it is', (t) => {
  const heard = (text: string, at: string): unknown => taken(datetime.hear(text, contextOf('en', at)));
  t.equal(heard('today', '2026-11-26T16:10:00'), '2026-11-26T22:30:00Z');
  t.equal(heard('this afternoon', '2026-11-26T15:40:00'), '2026-11-26T22:00:00Z');
  t.equal(heard('this morning', '2026-11-26T14:00:00'), 'past');
  t.equal(heard('today', '2026-11-26T23:50:00'), 'past');
  t.equal(taken(datetime.hear('today', contextOf('en', '2026-11-26T09:10:00', PAST))), '2026-11-26T13:00:00Z');
  t.end();
});
