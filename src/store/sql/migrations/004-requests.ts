import type { Ddl } from '../dialect.js';

/**
 * The tasks of a request with an idempotency key carry its id. Until now they were told
 * by their place, `first_seq` to `last_seq`, which holds only where one writer counts.
 */
export const requests = (d: Ddl): string => `
alter table tasks add column request_id ${d.text};
alter table idempotency add column request_id ${d.text};
update idempotency set request_id = key;
update tasks set request_id = idempotency.request_id from idempotency
  where tasks.seq between idempotency.first_seq and idempotency.last_seq;
alter table idempotency drop column first_seq;
alter table idempotency drop column last_seq;
create index tasks_request on tasks (request_id, seq) where request_id is not null;
`;
