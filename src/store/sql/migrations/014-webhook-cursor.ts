import type { Ddl } from '../dialect.js';

/** Which events an endpoint is told of goes by their order and not by a clock that may go back. Those that are there are told of all that is still to be read. */
export const webhookCursor = (d: Ddl): string => `
alter table webhooks add column since_cursor ${d.int} not null default 0;
`;
