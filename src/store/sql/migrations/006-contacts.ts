import type { Ddl } from '../dialect.js';

const SLOTS = Array.from({ length: 24 }, (_, index) => index + 1);

export const contacts = (d: Ddl): string => `
create table contacts (
  seq ${d.serial},
  id ${d.text} not null unique,
  external_id ${d.text} unique,
  language ${d.text},
  country ${d.text},
  region ${d.text},
  city ${d.text},
  tags ${d.text} not null,
  consents ${d.text} not null,
  calls ${d.int} not null default 0,
  last_call_at ${d.int},
  last_disposition ${d.text},
  last_verdict ${d.text},
  created_at ${d.int} not null,
  updated_at ${d.int} not null,
  ${SLOTS.map((slot) => `n${slot} ${d.real}`).join(', ')},
  ${SLOTS.map((slot) => `t${slot} ${d.text}`).join(', ')}
) ${d.table};

create table contact_bodies (
  contact_seq ${d.int} not null primary key,
  name ${d.text},
  email ${d.text},
  attributes ${d.text} not null,
  slots ${d.text} not null,
  body ${d.text} not null
) ${d.table};

create table contact_numbers (
  number ${d.text} not null primary key,
  contact_seq ${d.int} not null
) ${d.keyed};

create table contact_consents (
  contact_seq ${d.int} not null,
  purpose ${d.text} not null,
  granted ${d.int} not null,
  at ${d.int} not null,
  expires_at ${d.int},
  source ${d.text} not null,
  evidence ${d.text},
  primary key (contact_seq, purpose)
) ${d.keyed};

create table contact_attributes (
  name ${d.text} not null primary key,
  type ${d.text} not null,
  slot ${d.text} unique
) ${d.keyed};

create table audiences (
  seq ${d.serial},
  id ${d.text} not null unique,
  name ${d.text} not null unique,
  filter ${d.text} not null,
  kind ${d.text} not null,
  frozen_at ${d.int},
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.table};

create table audience_members (
  audience_id ${d.text} not null,
  contact_seq ${d.int} not null,
  primary key (audience_id, contact_seq)
) ${d.keyed};
create index audience_members_contact on audience_members (contact_seq);

create table contact_imports (
  seq ${d.serial},
  id ${d.text} not null unique,
  state ${d.text} not null,
  settings ${d.text} not null,
  found ${d.text},
  error ${d.text},
  reason ${d.text},
  node_id ${d.text},
  bytes ${d.int} not null,
  row_count ${d.int} not null,
  created ${d.int} not null,
  updated ${d.int} not null,
  kept ${d.int} not null,
  refused ${d.int} not null,
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.table};

create table contact_import_refusals (
  seq ${d.serial},
  import_id ${d.text} not null,
  line ${d.int} not null,
  column_name ${d.text},
  code ${d.text} not null,
  reason ${d.text} not null
) ${d.table};
create index contact_import_refusals_import on contact_import_refusals (import_id, seq);
`;
