import type { Ddl } from '../dialect.js';

/** People are found by their numbers, and forgotten. */
export const people = (d: Ddl): string => `
create index tasks_destination on tasks (destination);
create table erasures (
  id ${d.text} not null primary key,
  contacts ${d.int} not null,
  tasks ${d.int} not null,
  results ${d.int} not null,
  recordings ${d.int} not null,
  at ${d.int} not null
) ${d.keyed};
`;
