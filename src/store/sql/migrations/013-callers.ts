import type { Ddl } from '../dialect.js';

/** Whose an inbound call was, so that it is found when that person asks; and tasks that a rule ended are over, too. */
export const callers = (d: Ddl): string => `
alter table results add column number ${d.text};
create index results_number on results (number) where number is not null;

drop index tasks_numbered;
create index tasks_numbered on tasks (updated_at) where (state in ('done', 'cancelled', 'expired', 'unknown') or (state = 'blocked' and blocked_until is null)) and destination <> '';
`;
