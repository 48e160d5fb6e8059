import t from 'tap';
import { nearest } from '../../../src/outbound/audiences/nearest.js';
import { parseFilter } from '../../../src/outbound/audiences/parse-filter.js';
import type { AttributeType, ContactFilter } from '../../../src/store/contact-filter.js';

const attributes = new Map<string, AttributeType>([['credit_score', 'number'], ['segment', 'text'], ['member', 'boolean'], ['since', 'date'], ['信用分', 'number'], ['city', 'text']]);
const parse = (filter: string): ContactFilter => parseFilter(filter, attributes);
const attribute = (name: string) => ({ kind: 'attribute', name, type: attributes.get(name)! }) as const;
const own = (name: string) => ({ kind: 'own', name });

t.test('the language', async (t) => {
  const score = { kind: 'compare', field: attribute('credit_score'), op: '>=', value: 720 } as const;
  t.same(parse('  '), { kind: 'all' });
  t.same(parse('credit_score >= 720'), score);
  t.same(parse('credit_score >= 720 and city = "Shanghai"'), { kind: 'and', parts: [score, { kind: 'compare', field: own('city'), op: '=', value: 'Shanghai' }] });
  t.match(parse('信用分 ≥ 720'), { op: '>=', value: 720 });
  t.match(parse('attribute.city = “上海”'), { field: attribute('city'), value: '上海' });
  t.match(parse('a_b is missing or not (segment in ("a", "b"))'.replace('a_b', 'since')), { kind: 'or', parts: [{ kind: 'missing' }, { kind: 'not', part: { kind: 'in', values: ['a', 'b'] } }] });
  t.match(parse('segment not in ("a")'), { kind: 'not', part: { kind: 'in' } });
  t.match(parse('segment contains "x" AND segment starts with "y" and segment not contains "z"'), { parts: [{ kind: 'contains', text: 'x' }, { kind: 'starts', text: 'y' }, { kind: 'not' }] });
  t.match(parse('tags has "vip" and tags not has "old" and consent("marketing") and not consent(service)'), { parts: [{ kind: 'tag', tag: 'vip' }, { kind: 'not' }, { kind: 'consent', purpose: 'marketing' }, { kind: 'not', part: { kind: 'consent', purpose: 'service' } }] });
  t.match(parse('last_call before 7 days ago'), { field: own('last_call'), op: '<', value: { agoMs: 7 * 86_400_000 } });
  t.match(parse('last_call after 2026-01-31T09:00'), { op: '>', value: Date.UTC(2026, 0, 31, 9) });
  t.match(parse('created >= 2026-01-31'), { value: Date.UTC(2026, 0, 31) });
  t.match(parse('calls.count = 0 or last_disposition = "busy"'), { parts: [{ field: own('calls'), value: 0 }, { field: own('last_disposition') }] });
  t.match(parse('result.amount > 5 and result.interested = true and result.day = "mon"'), { parts: [{ field: { kind: 'slot', name: 'amount' }, value: 5 }, { value: true }, { value: 'mon' }] });
  t.match(parse('member = yes and since < 2026-01-31'), { parts: [{ value: true }, { value: '2026-01-31' }] });
  t.match(parse('a'.replace('a', 'credit_score=1 or credit_score=2 and credit_score=3')), { kind: 'or', parts: [{}, { kind: 'and' }] }, '"and" binds closer');
  t.match(parse('segment = "say \\"hi\\""'), { value: 'say "hi"' });
});

t.test('what is wrong, where, and what was likely meant', async (t) => {
  const rows: readonly (readonly [filter: string, at: number, reason: RegExp])[] = [
    ['credit_scroe >= 720', 1, /no contact has an attribute "credit_scroe"; did you mean "credit_score"\?/],
    ['city = "x" adn credit_score > 1', 12, /expected "and", "or" or the end; did you mean "and"\?/],
    ['segment contians "x"', 9, /did you mean "contains"\?/],
    ['last_cal before 7 days ago', 1, /did you mean "last_call"\?/],
    ['last_call before 7 dyas ago', 20, /did you mean "days"\?/],
    ['last_call before yesterday', 18, /expected a time/],
    ['last_call = 2026-01-01', 11, /hardly ever equal/],
    ['credit_score >= "high"', 17, /expected a number/],
    ['segment = gold', 11, /texts stand in quotes/],
    ['segment = "gold', 11, /this quote is not closed/],
    ['(segment = "a" or segment = "b"', 1, /this parenthesis is not closed/],
    ['segment = "a")', 14, /no open parenthesis/],
    ['segment is misssing', 12, /did you mean "missing"\?/],
    ['segment starts "x"', 16, /expected "with"/],
    ['member > true', 8, /no order/],
    ['since = "soon"', 9, /expected a day/],
    ['segment in ("a", 5)', 18, /expected a text/],
    ['segment in ("a"', 16, /expected "," or "\)"/],
    ['tags = "vip"', 6, /expected "has"/],
    ['tags has vip', 10, /a tag in quotes/],
    ['segment', 8, /expected =, !=/],
    ['segment = "a" and', 18, /a condition is missing/],
    ['segment = "a" ; drop table contacts', 15, /";" has no meaning here/],
    [`${'('.repeat(60)}`, 51, /too deep/],
    [`segment = "${'x'.repeat(4_000)}"`, 4_001, /longer than 4000/],
  ];
  for (const [filter, at, reason] of rows) {
    try {
      parse(filter);
      t.fail(`taken: ${filter.slice(0, 60)}`);
    } catch (error) {
      t.match(error, { code: 'TRK_FILTER_INVALID', field: 'filter', message: reason }, filter.slice(0, 60));
      t.match((error as Error).message, new RegExp(`at character ${at}:`), filter.slice(0, 60));
    }
  }
});

t.test('near names', async (t) => {
  t.equal(nearest('Phone', ['phone', 'name']), 'phone');
  t.equal(nearest('xyz', ['abc']), undefined);
  t.equal(nearest('ab', ['ac']), undefined, 'short words have near ones by chance');
});
