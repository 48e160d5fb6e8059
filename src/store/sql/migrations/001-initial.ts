import type { Ddl } from '../dialect.js';

/** Tables of the first version. */
export const initial = (d: Ddl): string => `
create table flows (
  id ${d.text} not null,
  version ${d.int} not null,
  source ${d.text} not null,
  created_at ${d.int} not null,
  primary key (id, version)
) ${d.keyed};

create table tasks (
  seq ${d.serial},
  id ${d.text} not null unique,
  destination ${d.text} not null,
  caller ${d.text},
  flow ${d.text} not null,
  flow_version ${d.int} not null,
  priority ${d.int} not null check (priority between 0 and 100),
  variables ${d.text} not null,
  metadata ${d.text} not null,
  not_before ${d.int} not null,
  expires_at ${d.int},
  state ${d.text} not null,
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.table};
create index tasks_due on tasks (state, priority desc, seq);
create index tasks_page on tasks (state, seq);
create index tasks_scheduled on tasks (state, not_before);
create index tasks_expiring on tasks (state, expires_at) where expires_at is not null;

create table attempts (
  id ${d.text} not null primary key,
  task_id ${d.text} not null references tasks (id),
  number ${d.int} not null,
  call_id ${d.text} not null unique,
  node_id ${d.text} not null,
  started_at ${d.int} not null,
  answered_at ${d.int},
  ended_at ${d.int},
  unique (task_id, number)
) ${d.keyed};
create unique index attempts_open on attempts (task_id) where ended_at is null;

create table results (
  seq ${d.serial},
  id ${d.text} not null unique,
  task_id ${d.text} unique references tasks (id),
  attempt_id ${d.text} unique references attempts (id),
  call_id ${d.text} not null,
  flow ${d.text} not null,
  disposition ${d.text} not null,
  ended_at ${d.int} not null,
  body ${d.text} not null
) ${d.table};
create index results_call on results (call_id);
create index results_flow on results (flow, seq);
create index results_disposition on results (disposition, seq);

create table idempotency (
  key ${d.text} not null primary key,
  request_hash ${d.text} not null,
  first_seq ${d.int} not null,
  last_seq ${d.int} not null,
  created_at ${d.int} not null
) ${d.keyed};
create index idempotency_age on idempotency (created_at);

create table events (
  cursor ${d.serial},
  id ${d.text} not null,
  type ${d.text} not null,
  at ${d.int} not null,
  data ${d.text} not null
) ${d.table};

create table api_keys (
  id ${d.text} not null primary key,
  name ${d.text} not null,
  hash ${d.text} not null unique,
  scopes ${d.text} not null,
  created_at ${d.int} not null,
  revoked_at ${d.int}
) ${d.keyed};
`;
