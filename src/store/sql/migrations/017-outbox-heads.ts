import type { Ddl } from '../dialect.js';

/**
 * What waits for an earlier entry of its receiver and order key says so itself (`behind`
 * is 1, not null), and the indices of what is due leave it out: however much waits behind
 * an entry that is tried again, a claim does not go through it.
 */
export const outboxHeads = (d: Ddl): string => `
alter table outbox add column behind ${d.int};
update outbox set behind = 1 where done_at is null and order_key is not null and exists (
  select 1 from outbox as earlier
  where earlier.target = outbox.target and earlier.order_key = outbox.order_key and earlier.seq < outbox.seq and earlier.done_at is null
);
drop index outbox_due;
drop index outbox_due_target;
create index outbox_due on outbox (channel, next_at, seq) where done_at is null and behind is null;
create index outbox_due_target on outbox (channel, target, next_at, seq) where done_at is null and behind is null;
`;
