/** Tables of the first version. STRICT: a wrong type is an error, never a silent conversion. */
export const initial = `
create table flows (
  id text not null,
  version integer not null,
  source text not null,
  created_at integer not null,
  primary key (id, version)
) strict, without rowid;

create table tasks (
  seq integer primary key autoincrement,
  id text not null unique,
  destination text not null,
  caller text,
  flow text not null,
  flow_version integer not null,
  priority integer not null check (priority between 0 and 100),
  variables text not null,
  metadata text not null,
  not_before integer not null,
  expires_at integer,
  state text not null,
  created_at integer not null,
  updated_at integer not null
) strict;
create index tasks_due on tasks (state, priority desc, seq);
create index tasks_page on tasks (state, seq);
create index tasks_scheduled on tasks (state, not_before);
create index tasks_expiring on tasks (state, expires_at) where expires_at is not null;

create table attempts (
  id text not null primary key,
  task_id text not null references tasks (id),
  number integer not null,
  call_id text not null unique,
  node_id text not null,
  started_at integer not null,
  answered_at integer,
  ended_at integer,
  unique (task_id, number)
) strict, without rowid;
create unique index attempts_open on attempts (task_id) where ended_at is null;

create table results (
  seq integer primary key autoincrement,
  id text not null unique,
  task_id text unique references tasks (id),
  attempt_id text unique references attempts (id),
  call_id text not null,
  flow text not null,
  disposition text not null,
  ended_at integer not null,
  body text not null
) strict;
create index results_call on results (call_id);
create index results_flow on results (flow, seq);
create index results_disposition on results (disposition, seq);

create table idempotency (
  key text not null primary key,
  request_hash text not null,
  first_seq integer not null,
  last_seq integer not null,
  created_at integer not null
) strict, without rowid;
create index idempotency_age on idempotency (created_at);

create table events (
  cursor integer primary key autoincrement,
  id text not null,
  type text not null,
  at integer not null,
  data text not null
) strict;

create table api_keys (
  id text not null primary key,
  name text not null,
  hash text not null unique,
  scopes text not null,
  created_at integer not null,
  revoked_at integer
) strict, without rowid;
`;
