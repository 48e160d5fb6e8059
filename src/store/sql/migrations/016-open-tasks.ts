import type { Ddl } from '../dialect.js';

/**
 * Indexes of what is still open, for what is asked every second: a task that is over, or
 * that a rule refused for good, is in none of them, however many there are of these. SQLite
 * keeps no statistics, and would rather walk an index of all tasks in one state: so the
 * state is asked for by an expression that no other index serves.
 */
export const openTasks = (_d: Ddl): string => `
drop index tasks_expiring;
create index tasks_expiring on tasks (expires_at) where expires_at is not null and (coalesce(state, '') in ('scheduled', 'queued', 'retry_wait') or (coalesce(state, '') = 'blocked' and blocked_until is not null));
drop index tasks_blocked;
create index tasks_held on tasks (blocked_until) where coalesce(state, '') = 'blocked' and blocked_until is not null;
create index tasks_held_of on tasks (campaign_id, blocked_by) where coalesce(state, '') = 'blocked' and blocked_until is not null;
create index tasks_refused on tasks (campaign_id, blocked_by) where coalesce(state, '') = 'blocked' and blocked_until is null;
drop index attempts_campaign;
create index attempts_campaign on attempts (campaign_id, started_at, answered_at) where campaign_id <> '';
`;
