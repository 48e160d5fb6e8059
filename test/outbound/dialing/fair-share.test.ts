import t from 'tap';
import { FairShare } from '../../../src/outbound/dialing/fair-share.js';
import type { Party } from '../../../src/outbound/dialing/fair-share.js';
import fc from '../../support/property.js';

function dial(share: FairShare, parties: readonly Party[], calls: number): Map<string, number> {
  const dialled = new Map<string, number>();
  for (let call = 0; call < calls; call += 1) {
    const [next] = share.order(parties);
    if (next === undefined) break;
    share.took(next);
    dialled.set(next.id, (dialled.get(next.id) ?? 0) + 1);
  }
  return dialled;
}

t.test('by weight', async (t) => {
  t.same([...dial(new FairShare(), [{ id: 'a', weight: 3 }, { id: 'b', weight: 1 }], 8)].sort(), [['a', 6], ['b', 2]]);
  t.same(new FairShare().order([]), []);
});

t.test('whoever always wants to dial has its share, give or take a call for each other party', async () => {
  const parties = fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), weight: fc.integer({ min: 1, max: 100 }) }), { minLength: 1, maxLength: 6, selector: ({ id }) => id });
  fc.assert(
    fc.property(parties, fc.integer({ min: 1, max: 400 }), (wanting, calls) => {
      const dialled = dial(new FairShare(), wanting, calls);
      const weights = wanting.reduce((sum, { weight }) => sum + weight, 0);
      for (const { id, weight } of wanting) {
        const due = (calls * weight) / weights;
        const got = dialled.get(id) ?? 0;
        if (Math.abs(got - due) > wanting.length) throw new Error(`${id} got ${got} of ${due}`);
      }
    }),
  );
});

t.test('nobody starves, whoever comes and goes', async () => {
  const visits = fc.array(fc.subarray(['b', 'c', 'd'] as const), { minLength: 60, maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(visits, (rounds) => {
      const share = new FairShare();
      let waited = 0;
      for (const others of rounds) {
        const [next] = share.order([{ id: 'a', weight: 1 }, ...others.map((id) => ({ id, weight: 5 }))]);
        if (next === undefined) throw new Error('nobody');
        share.took(next);
        waited = next.id === 'a' ? 0 : waited + 1;
        // Three others of weight 5: fifteen calls of theirs to one of a. It may be a call ahead when they come, and each has one in hand.
        if (waited > 33) throw new Error(`waited for ${waited} calls`);
      }
    }),
  );
});

t.test('nor is anything saved up by one that is ahead, and away for long', async (t) => {
  const share = new FairShare();
  const a = { id: 'a', weight: 1 };
  const b = { id: 'b', weight: 5 };
  dial(share, [a, b], 1);
  dial(share, [a], 50);
  t.ok((dial(share, [a, b], 24).get('a') ?? 0) >= 3, 'b has its five of six, after those that a is ahead, and nothing for the time before');
});

t.test('nothing is saved up', async (t) => {
  const share = new FairShare();
  const a = { id: 'a', weight: 1 };
  const b = { id: 'b', weight: 1 };
  dial(share, [a], 100);
  t.same([...dial(share, [a, b], 10)].sort(), [['a', 5], ['b', 5]], 'b was not there for 100 calls and has no claim to them');
});

t.test('whoever comes only with single tasks has no more than its share', async (t) => {
  const share = new FairShare();
  const big = { id: 'big', weight: 9 };
  const small = { id: 'small', weight: 1 };
  let got = 0;
  let away = false;
  for (let call = 0; call < 1_000; call += 1) {
    const next: Party | undefined = share.order(away ? [big] : [big, small])[0];
    share.took(next!);
    away = next === small;
    if (next === small) got += 1;
  }
  t.ok(got <= 101, `${got} of 1000`);
});
