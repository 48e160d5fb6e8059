import type { Ddl } from '../dialect.js';

/** Trunks made over the API, and what each has talked on a day. */
export const trunks = (d: Ddl): string => `
create table trunks (
  name ${d.text} not null primary key,
  settings ${d.text} not null,
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.keyed};

create table trunk_talk (
  name ${d.text} not null,
  day ${d.text} not null,
  talked_ms ${d.int} not null,
  primary key (day, name)
) ${d.keyed};
`;
