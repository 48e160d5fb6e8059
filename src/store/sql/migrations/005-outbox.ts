import type { Ddl } from '../dialect.js';

/** What must reach others at least once, and where to. `next_at`: due; of a running entry, when its lease ends. */
export const outbox = (d: Ddl): string => `
create table webhooks (
  id ${d.text} not null primary key,
  url ${d.text} not null,
  secret ${d.text} not null,
  previous_secret ${d.text},
  previous_until ${d.int},
  events ${d.text} not null,
  full_result ${d.int} not null,
  enabled ${d.int} not null,
  description ${d.text},
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.keyed};

create table outbox (
  seq ${d.serial},
  id ${d.text} not null unique,
  channel ${d.text} not null,
  target ${d.text} not null,
  order_key ${d.text},
  dedupe_key ${d.text} not null unique,
  type ${d.text} not null,
  payload ${d.text} not null,
  state ${d.text} not null,
  tries ${d.int} not null,
  next_at ${d.int} not null,
  last_error ${d.text},
  created_at ${d.int} not null,
  done_at ${d.int}
) ${d.table};
create index outbox_due on outbox (channel, next_at) where done_at is null;
create index outbox_due_target on outbox (channel, target, next_at) where done_at is null;
create index outbox_order on outbox (target, order_key, seq) where done_at is null;
create index outbox_page on outbox (channel, seq);
create index outbox_done on outbox (done_at) where done_at is not null;

create table fan_out (
  reader ${d.text} not null primary key,
  cursor ${d.int} not null
) ${d.keyed};
`;
