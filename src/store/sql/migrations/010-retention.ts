import type { Ddl } from '../dialect.js';

/** What says that a part of a result was forgotten, and indexes of what is still to be. */
export const retention = (d: Ddl): string => `
alter table results add column recording_gone ${d.int} not null default 0;
alter table results add column words_gone ${d.int} not null default 0;
alter table results add column numbers_gone ${d.int} not null default 0;
create index results_recorded on results (ended_at) where recording_gone = 0;
create index results_worded on results (ended_at) where words_gone = 0;
create index results_numbered on results (ended_at) where numbers_gone = 0;
create index tasks_numbered on tasks (updated_at) where state in ('done', 'cancelled', 'expired', 'unknown') and destination <> '';
`;
