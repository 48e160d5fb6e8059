import type { Test } from 'tap';
import { ChainWalk, complianceHash } from '../../src/store/compliance-chain.js';
import type { BrokenLink, ChainHead } from '../../src/store/compliance-chain.js';
import type { ComplianceEntry, NewSuppression } from '../../src/store/rules.js';
import type { Store } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';
import type { StoreUnderTest } from './store.js';

const NUMBER = '+14155550100';

export const newSuppression = (changes: Partial<NewSuppression> = {}): NewSuppression => ({
  number: NUMBER, contactId: undefined, scope: 'all', source: 'api', reason: undefined, evidence: undefined, expiresAt: undefined, ...changes,
});

/** The first broken link of a store's log, as `trunkline compliance verify` finds it. */
export async function brokenLink(store: Store, noted?: ChainHead): Promise<BrokenLink | undefined> {
  return walk(await store.readCompliance({ after: 0, limit: 10_000 }), noted);
}

export function walk(entries: readonly ComplianceEntry[], noted?: ChainHead): BrokenLink | undefined {
  const chain = new ChainWalk(noted);
  for (const entry of entries) {
    const broken = chain.next(entry);
    if (broken !== undefined) return broken;
  }
  return chain.end();
}

/** What every store does for the rules. */
export async function ruleStoreContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  await t.test('suppressions', (t) => suppressions(t, adapter));
  await t.test('the compliance log', (t) => complianceLog(t, adapter));
  await t.test('two nodes write one chain', (t) => twoNodes(t, adapter));
}

async function suppressions(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store } = await adapter.fresh(t, { clock });
  const [first] = await store.addSuppressions([newSuppression({ expiresAt: clock.now() + 1_000, reason: 'asked by mail', evidence: 'mail 7' })]);
  t.match(first, { number: NUMBER, scope: 'all', source: 'api', reason: 'asked by mail', evidence: 'mail 7', expiresAt: clock.now() + 1_000, createdAt: clock.now() });
  t.same(await store.getSuppression(first!.id), first);
  const [longer] = await store.addSuppressions([newSuppression({ expiresAt: clock.now() + 5_000 })]);
  t.match(longer, { id: first!.id, expiresAt: clock.now() + 5_000 }, 'the longer one counts');
  t.match(await store.addSuppressions([newSuppression({ expiresAt: clock.now() + 2_000 })]), [{ expiresAt: clock.now() + 5_000 }], 'none makes it shorter');
  t.match(await store.addSuppressions([newSuppression({ expiresAt: 5 }), newSuppression()]), [{ id: first!.id, expiresAt: undefined }], 'twice in one go, the longer one counts');
  await store.addSuppressions([newSuppression({ scope: 'camp_1' }), newSuppression({ number: undefined, contactId: 'con_1' }), newSuppression({ number: '+14155550101' })]);
  t.equal((await store.listSuppressions({ number: NUMBER, limit: 10 })).items.length, 2, 'one a scope');
  t.match((await store.listSuppressions({ contactId: 'con_1', limit: 10 })).items, [{ contactId: 'con_1', number: undefined }]);
  t.match((await store.listSuppressions({ scope: 'camp_1', limit: 10 })).items, [{ scope: 'camp_1' }]);
  const page = await store.listSuppressions({ limit: 3 });
  const rest = await store.listSuppressions({ limit: 3, cursor: page.next! });
  t.equal(new Set([...page.items, ...rest.items].map(({ id }) => id)).size, 4, 'pages');
  const many = Array.from({ length: 1_200 }, (_, index) => newSuppression({ number: `+1415556${String(index).padStart(4, '0')}`, source: 'import' }));
  t.equal((await store.addSuppressions(many)).length, 1_200, 'more than fits one statement');
  t.equal(await store.deleteSuppression(first!.id), true);
  t.equal(await store.deleteSuppression(first!.id), false);
  t.equal(await store.getSuppression(first!.id), undefined);
  t.match(await store.readCompliance({ after: 0, limit: 10 }), [{ kind: 'unsuppressed', subject: store.subjects.number(NUMBER), body: '{"scope":"all","source":"api"}' }], 'what was taken away is noted');
  await store.optOut({ number: NUMBER, contactId: 'con_2', reason: 'do_not_call', scope: 'all', source: 'call', callId: 'call_1', taskId: 'task_1', attemptId: 'att_1' });
  t.match((await store.listSuppressions({ number: NUMBER, scope: 'all', limit: 10 })).items, [{ source: 'call', evidence: 'call_1' }]);
  t.match((await store.listSuppressions({ contactId: 'con_2', limit: 10 })).items, [{ source: 'call' }], 'the person, whatever the number');
  t.match(await store.readCompliance({ after: 1, limit: 10 }), [{ kind: 'opted_out', callId: 'call_1', taskId: 'task_1', attemptId: 'att_1' }]);
  t.equal(await brokenLink(store), undefined);
}

async function complianceLog(t: Test, adapter: StoreUnderTest): Promise<void> {
  const clock = new ManualClock();
  const { store, again } = await adapter.fresh(t, { clock });
  t.same(await store.complianceHead(), { seq: 0, hash: '0'.repeat(64) });
  const subject = store.subjects.number(NUMBER);
  t.notMatch(subject, '4155550100', 'a subject is no number');
  const noted: ChainHead[] = [];
  for (let round = 0; round < 5; round++) {
    clock.advance(10);
    await store.noteCompliance([
      { kind: 'allowed', taskId: `task_${round}`, attemptId: `att_${round}`, callId: `call_${round}`, subject, body: { purpose: 'service', attempts: round } },
      { kind: 'refused', taskId: 'task_x', subject, body: { rule: 'calling_hours', detail: 'outside, „über“ 界' } },
    ]);
    noted.push(await store.complianceHead());
  }
  const entries = await store.readCompliance({ after: 0, limit: 100 });
  t.same(entries.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  t.equal(walk(entries), undefined, 'it holds');
  t.equal(walk(entries, noted[2]), undefined, 'it has passed a head that was noted');
  t.match(await store.readCompliance({ after: 0, limit: 10, callId: 'call_3' }), [{ seq: 7 }]);
  t.equal((await store.readCompliance({ after: 4, limit: 3, subject })).map(({ seq }) => seq).join(), '5,6,7');

  // One bit of any field of any entry is found, and by its place.
  for (const [index, entry] of entries.entries()) {
    for (const field of ['at', 'kind', 'taskId', 'attemptId', 'callId', 'subject', 'body', 'hash', 'previous'] as const) {
      const changed = entries.map((one) => (one === entry ? { ...one, [field]: flipped(one[field]) } : one));
      t.equal(walk(changed)?.seq, entry.seq, `${field} of ${index + 1}`);
    }
  }
  t.match(walk(entries.filter(({ seq }) => seq !== 4)), { seq: 4, problem: 'missing' });
  t.match(walk([...entries.slice(0, 3), entries[2]!, ...entries.slice(3)]), { seq: 3, problem: 'out of order' });
  t.match(walk(entries.slice(0, 5), noted[4]), { seq: 6, problem: 'missing' }, 'what is cut off shows against a noted head');
  // Whoever writes the whole chain anew makes one that holds, but another head.
  let previous = '0'.repeat(64);
  const forged = entries.map((entry) => {
    const anew = { ...entry, body: '{}', previous };
    previous = complianceHash(anew);
    return { ...anew, hash: previous };
  });
  t.equal(walk(forged), undefined);
  t.match(walk(forged, noted[2]), { seq: 6, problem: 'is not the head that was noted' });

  await store.claimSubjectKey();
  await (await again()).claimSubjectKey();
}

function flipped(value: string | number | undefined): string | number {
  if (typeof value === 'number') return value ^ 1;
  if (value === undefined || value === '') return 'x';
  return String.fromCharCode(value.charCodeAt(0) ^ 1) + value.slice(1);
}

async function twoNodes(t: Test, adapter: StoreUnderTest): Promise<void> {
  const { store, again } = await adapter.fresh(t, { clock: new ManualClock() });
  const other = await again();
  const subject = store.subjects.number(NUMBER);
  const note = (index: number): Promise<void> => (index % 2 === 0 ? store : other).noteCompliance([1, 2, 3].map((number) => ({ kind: 'allowed' as const, taskId: `task_${index}_${number}`, subject, body: {} })));
  const all = Array.from({ length: 40 }, (_, index) => index);
  if (adapter.atOnce) await Promise.all(all.map(note));
  else for (const index of all) await note(index);
  t.equal((await store.complianceHead()).seq, 120);
  t.equal(await brokenLink(store), undefined);
}
