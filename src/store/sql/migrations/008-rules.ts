import type { Ddl } from '../dialect.js';

/** Who must not be called, what each number has been through, and the chained log of why each call was made. */
export const rules = (d: Ddl): string => `
create table suppressions (
  seq ${d.serial},
  id ${d.text} not null unique,
  subject ${d.text} not null,
  number ${d.text},
  contact_id ${d.text},
  scope ${d.text} not null,
  source ${d.text} not null,
  reason ${d.text},
  evidence ${d.text},
  expires_at ${d.int},
  created_at ${d.int} not null,
  unique (subject, scope)
) ${d.table};
create index suppressions_number on suppressions (number) where number is not null;
create index suppressions_scope on suppressions (scope, seq);

create table dials (
  subject ${d.text} not null,
  at ${d.int} not null,
  attempt_id ${d.text} not null unique,
  ended_as ${d.text},
  primary key (subject, at, attempt_id)
) ${d.keyed};

create table compliance (
  seq ${d.int} not null primary key,
  at ${d.int} not null,
  kind ${d.text} not null,
  task_id ${d.text},
  attempt_id ${d.text},
  call_id ${d.text},
  subject ${d.text} not null,
  body ${d.text} not null,
  hash ${d.text} not null,
  previous ${d.text} not null
) ${d.keyed};
create index compliance_call on compliance (call_id) where call_id is not null;
create index compliance_subject on compliance (subject, seq);

create table campaign_talk (
  campaign_id ${d.text} not null primary key,
  talked_ms ${d.int} not null
) ${d.keyed};

create table rule_marks (
  name ${d.text} not null primary key,
  value ${d.text} not null
) ${d.keyed};
`;
