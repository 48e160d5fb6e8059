import type { Ddl } from '../dialect.js';

/**
 * What each attempt came to whose task was tried again, as a result belongs to a task; in
 * which folder recordings lie, as servers may have one each, and which of them are to be
 * removed there. And whose an inbound call was, when its number is forgotten.
 */
export const outcomes = (d: Ddl): string => `
create table outcomes (
  seq ${d.serial},
  id ${d.text} not null unique,
  task_id ${d.text} not null references tasks (id),
  attempt_id ${d.text} not null unique references attempts (id),
  call_id ${d.text} not null,
  sip_call_id ${d.text},
  ended_at ${d.int} not null,
  recording_gone ${d.int} not null,
  words_gone ${d.int} not null,
  numbers_gone ${d.int} not null,
  body ${d.text} not null
) ${d.table};
create index outcomes_task on outcomes (task_id);
create index outcomes_call on outcomes (call_id);
create index outcomes_sip_call on outcomes (sip_call_id) where sip_call_id is not null;
create index outcomes_recorded on outcomes (ended_at) where recording_gone = 0;
create index outcomes_worded on outcomes (ended_at) where words_gone = 0;
create index outcomes_numbered on outcomes (ended_at) where numbers_gone = 0;

create table recording_folders (
  id ${d.text} not null primary key,
  server ${d.text} not null,
  opened_at ${d.int} not null
) ${d.keyed};

create table recording_removals (
  seq ${d.serial},
  folder ${d.text} not null,
  name ${d.text} not null,
  erasure_id ${d.text},
  at ${d.int} not null,
  unique (folder, name)
) ${d.table};
create index recording_removals_folder on recording_removals (folder, seq);
create index recording_removals_erasure on recording_removals (erasure_id) where erasure_id is not null;

alter table attempts add column verdict ${d.text};
update attempts set verdict = (select results.verdict from results where results.attempt_id = attempts.id);

alter table results add column subject ${d.text};
create index results_subject on results (subject) where subject is not null;
`;
