import { TrunklineError } from '../../kernel/errors.js';
import { NODE_LEASE_MS } from '../nodes.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';

/** Nodes that ended are remembered this long, ms, so that one which was only frozen is known when it wakes: 30 days. */
const ENDED_KEPT_MS = 30 * 24 * 3_600_000;

export async function beat({ db, clock }: StoreContext, nodeId: string): Promise<boolean> {
  const now = clock.now();
  const row = await db
    .insertInto('nodes')
    .values({ id: nodeId, beat: 1, started_at: now, ended_at: null })
    .onConflict((conflict) => conflict.column('id').doUpdateSet((eb) => ({ beat: eb('nodes.beat', '+', 1) })).where('nodes.ended_at', 'is', null))
    .returning('beat')
    .executeTakeFirst();
  return row !== undefined;
}

export async function leave({ db, clock }: StoreContext, nodeId: string): Promise<void> {
  await db.updateTable('nodes').set({ ended_at: clock.now() }).where('id', '=', nodeId).where('ended_at', 'is', null).execute();
}

export async function livingNodes({ db, dialect }: StoreContext): Promise<number> {
  if (!dialect.manyNodes) return 1;
  const { nodes } = await db.selectFrom('nodes').select((select) => select.fn.countAll<number>().as('nodes')).where('ended_at', 'is', null).executeTakeFirstOrThrow();
  return Math.max(1, Number(nodes));
}

/**
 * For whoever begins something in a node's name, in the transaction that does: TRK_CONFLICT
 * if the others took it for dead. Whoever wants to do that waits for this transaction.
 */
export async function assertNotFenced(trx: Db, nodeId: string): Promise<void> {
  const node = await trx.selectFrom('nodes').select('ended_at').where('id', '=', nodeId).forShare().executeTakeFirst();
  if (node !== undefined && node.ended_at !== null) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'The other servers took this one for dead.' } });
}

interface Seen {
  readonly beat: number;
  /** When it was first seen to stand there, by our steady clock. */
  readonly since: number;
}

/** What this process has seen of the other nodes. */
export class NodeWatch {
  #seen = new Map<string, Seen>();
  #lookedAt = -Infinity;

  /** Ends those whose beats stand still; rows of `nodes` that are open afterwards live. */
  async endDead({ dialect, clock }: StoreContext, trx: Db, ownId: string): Promise<void> {
    const open = await trx.selectFrom('nodes').select(['id', 'beat']).where('ended_at', 'is', null).where('id', '!=', ownId).execute();
    const dead = dialect.manyNodes ? this.#standing(open, clock.monotonic()) : open;
    const now = clock.now();
    for (const { id, beat } of dead) {
      // One that has beaten since is not dead.
      await trx.updateTable('nodes').set({ ended_at: now }).where('id', '=', id).where('beat', '=', beat).where('ended_at', 'is', null).execute();
    }
    await trx.deleteFrom('nodes').where('ended_at', '<', now - ENDED_KEPT_MS).execute();
  }

  #standing(open: readonly { id: string; beat: number }[], now: number): readonly { id: string; beat: number }[] {
    // Nobody could beat while nobody could look: after a pause everyone's time begins anew.
    const paused = now - this.#lookedAt > NODE_LEASE_MS / 2;
    this.#lookedAt = now;
    const before = paused ? new Map<string, Seen>() : this.#seen;
    this.#seen = new Map(open.map(({ id, beat }) => [id, before.get(id)?.beat === beat ? (before.get(id) as Seen) : { beat, since: now }]));
    return open.filter(({ id }) => now - (this.#seen.get(id)?.since ?? now) >= NODE_LEASE_MS);
  }
}
