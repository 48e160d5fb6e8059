import { readFileSync, readdirSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { customersIn, isAsExpected } from '../../bench/support/customer.js';
import type { CustomerFile } from '../../bench/support/customer.js';

const verdict = { kind: 'follow_up', channel: 'email', template: 'payment-promise', reason: 'promised' } as const;

t.test('a verdict with a wrong value behind it is wrong', (t) => {
  const expected = { kind: 'follow_up', template: 'payment-promise', slots: { pay_amount: '80.00 USD', pay_date: '2026-12-04' } } as const;
  t.equal(isAsExpected(expected, verdict, { pay_amount: '80.00 USD', pay_date: '2026-12-04', more: 1 }), true);
  t.equal(isAsExpected(expected, verdict, { pay_amount: '18.00 USD', pay_date: '2026-12-04' }), false);
  t.equal(isAsExpected(expected, verdict, { pay_amount: '80.00 USD' }), false, 'and so is one without it');
  t.equal(isAsExpected({ kind: 'handoff' }, verdict, {}), false);
  t.end();
});

t.test('the customers of the bench are written as they must be, and a promise is known by its amount', (t) => {
  const folder = new URL('../../bench/personas/', import.meta.url);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.yaml'))) {
    const customers = customersIn(parse(readFileSync(new URL(name, folder), 'utf8')) as CustomerFile);
    for (const { who, expected } of customers) {
      if (expected.template === 'payment-promise') t.ok(expected.slots?.['pay_amount'] !== undefined || /^promised .* on /.test(expected.reason ?? ''), `${name} ${who}`);
    }
  }
  t.throws(() => customersIn({ language: 'en', flow: 'f', variables: {}, customers: [{ who: 'a', kind: 'b', wants: 'c', react: {}, expected: { kind: 'end', slot: {} } as never }] }), /expects "slot"/);
  t.end();
});
