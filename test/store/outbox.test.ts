import { CompiledQuery, sql } from 'kysely';
import t from 'tap';
import { dueOutbox } from '../../src/store/sql/outbox.js';
import { outboxContract } from '../contract/store-outbox.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryDatabase, onEveryStore } from '../support/stores.js';

await onEveryStore(t, outboxContract);

/** Followers of an entry that is tried again; far more than one claim may look at. */
const BACKLOG = 20_000;

t.test('a receiver that is down: a claim does not go through what waits', (t) =>
  onEveryDatabase(t, async (t, place) => {
    const clock = new ManualClock();
    const { db, dialect, open } = await place(t);
    const store = open({ clock });
    await store.migrate();
    for (let from = 0; from < BACKLOG; from += 2_000) {
      await store.addOutbox(Array.from({ length: 2_000 }, (_, at) => ({ channel: 'webhook', target: 'hook_a', orderKey: 'task_1', dedupeKey: String(from + at), type: 'task.done', payload: '{}' }) as const));
    }
    const claim = { channel: 'webhook', target: 'hook_a', limit: 8 } as const;
    const [head] = await store.claimOutbox({ ...claim, leaseMs: 1_000 });
    await store.finishOutbox(head!, { state: 'retry_wait', nextAt: clock.now() + 60_000, error: 'http_500' });

    // Rows and not time: the plan must be a walk of an index in which nothing else lies.
    for (const target of ['hook_a', undefined]) {
      const index = target === undefined ? 'outbox_due' : 'outbox_due_target';
      const due = dueOutbox(db, { channel: 'webhook', limit: 8, now: clock.now() + 60_000, ...(target === undefined ? {} : { target }) }).compile();
      if (dialect.name === 'sqlite') {
        const { rows } = await db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${due.sql}`, [...due.parameters]));
        t.same(rows.map(({ detail }) => detail.replace(/\(.*/, '')), [`SEARCH outbox USING INDEX ${index} `]);
        const { rows: held } = await sql.raw<{ count: number }>(`select count(*) as count from outbox indexed by ${index} where channel = 'webhook' and done_at is null and behind is null`).execute(db);
        t.same(held, [{ count: 1 }], 'the one that is tried again');
      } else {
        await sql`analyze outbox`.execute(db);
        const { rows } = await db.executeQuery<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(CompiledQuery.raw(`explain (analyze, format json) ${due.sql}`, [...due.parameters]));
        const nodes = nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
        t.equal(nodes.at(-1)?.['Index Name']?.startsWith('outbox_due'), true);
        for (const node of nodes) t.same([node['Actual Rows'], node['Rows Removed by Filter'] ?? 0], [1, 0]);
      }
    }
    clock.advance(60_000);
    const [again] = await store.claimOutbox({ ...claim, leaseMs: 1_000 });
    t.match(again, { dedupeKey: '0', tries: 2 });
    await store.finishOutbox(again!, { state: 'dead', error: 'http_500' });
    t.match(await store.claimOutbox({ ...claim, leaseMs: 1_000 }), [{ dedupeKey: '1', tries: 1 }], 'and the next one alone');
  }),
);

interface PlanNode {
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** From the outermost to the innermost. */
function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
