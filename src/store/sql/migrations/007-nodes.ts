import type { Ddl } from '../dialect.js';

/** The servers on one database; one without an end lives, or is about to be found dead. */
export const nodes = (d: Ddl): string => `
create table nodes (
  id ${d.text} not null primary key,
  beat ${d.int} not null,
  started_at ${d.int} not null,
  ended_at ${d.int}
) ${d.keyed};
create index attempts_of_node on attempts (node_id) where ended_at is null;
`;
