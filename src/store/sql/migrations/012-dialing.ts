import type { Ddl } from '../dialect.js';

/**
 * Each attempt keeps how it ended, as only the last one of a task is its result; and who
 * holds a task that a person will dial.
 */
export const dialing = (d: Ddl): string => `
alter table attempts add column sip_status ${d.int};
alter table attempts add column reason ${d.text};
alter table attempts add column result_id ${d.text};
alter table attempts add column abandoned ${d.int} not null default 0;
create index attempts_answered on attempts (answered_at) where answered_at is not null;
create index attempts_node on attempts (node_id) where ended_at is null;

alter table tasks add column claimed_by ${d.text};
alter table tasks add column claimed_until ${d.int};
`;
