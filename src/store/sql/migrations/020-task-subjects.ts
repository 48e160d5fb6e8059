import type { Ddl } from '../dialect.js';

/**
 * Whom a task calls, as a keyed hash of the number, however its destination is written: so
 * that a person is found by a number also where a SIP URI names it, dialled or not, and
 * where it was forgotten. Only the program can work it out: SIP URIs of tasks from before
 * wait in `tasks_unnamed` until somebody is looked for; numbers are found by themselves.
 *
 * And how long a filling has worked, which is less than the time from its begin to its end.
 */
export const taskSubjects = (d: Ddl): string => `
alter table tasks add column subject ${d.text};
create index tasks_subject on tasks (subject) where subject is not null;
create index tasks_unnamed on tasks (seq) where subject is null and destination >= 'A' and destination <> 'sip:erased@trunkline.invalid';

alter table campaign_fills add column worked_ms ${d.int} not null default 0;
`;
