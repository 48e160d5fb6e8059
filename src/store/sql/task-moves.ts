import { sql } from 'kysely';
import type { Expression, ExpressionBuilder, Selectable, SqlBool } from 'kysely';
import type { Tables, TaskRow } from '../tables.js';
import { nextTaskState } from '../task-states.js';
import type { TaskEvent } from '../task-states.js';
import type { Db } from './db.js';
import type { StoreContext } from './context.js';

/** A task that a rule keeps back for good has its result, and nothing happens to it any more. */
export function isNotOver(where: ExpressionBuilder<Tables, 'tasks'>): Expression<SqlBool> {
  return where.or([where('tasks.state', '!=', 'blocked'), where('tasks.blocked_until', 'is not', null)]);
}

/**
 * A rule keeps it back for a while. With the words of the indexes `tasks_held` and
 * `tasks_held_of`, so that both databases see that they hold just these; `coalesce` keeps
 * SQLite from the indexes of all tasks in a state.
 */
export const isHeld = (): Expression<SqlBool> => sql<SqlBool>`(coalesce(tasks.state, '') = 'blocked' and tasks.blocked_until is not null)`;

/** By a rule, and for good; its index is `tasks_refused`. */
export const isRefused = (): Expression<SqlBool> => sql<SqlBool>`(coalesce(tasks.state, '') = 'blocked' and tasks.blocked_until is null)`;

/** What can still expire, with the words of the index `tasks_expiring`: what a rule refused for good is not read again every second. */
export const mayExpire = (): Expression<SqlBool> => sql<SqlBool>`(tasks.expires_at is not null and (coalesce(tasks.state, '') in ('scheduled', 'queued', 'retry_wait') or (coalesce(tasks.state, '') = 'blocked' and tasks.blocked_until is not null)))`;

/**
 * Moves one task by the table of states, inside the caller's transaction. The row
 * comes back with its new state; undefined if there is no such task or the event
 * changes nothing in its state.
 */
export async function moveTask(context: StoreContext, trx: Db, id: string, event: TaskEvent): Promise<Selectable<TaskRow> | undefined> {
  const row = await trx.selectFrom('tasks').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) return undefined;
  const over = row.state === 'blocked' && row.blocked_until === null;
  const state = over ? undefined : nextTaskState(row.state, event);
  if (state === undefined) {
    context.log.info({ code: 'TRK_CONFLICT', taskId: id, state: row.state, event }, 'event changes nothing in this task state');
    return undefined;
  }
  const updated_at = context.clock.now();
  await trx.updateTable('tasks').set({ state, updated_at }).where('id', '=', id).execute();
  return { ...row, state, updated_at };
}
