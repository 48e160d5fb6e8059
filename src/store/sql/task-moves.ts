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
