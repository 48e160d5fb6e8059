/** Trunks made over the API, and what each has talked on a day. */
export const trunks = `
create table trunks (
  name text not null primary key,
  settings text not null,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

create table trunk_talk (
  name text not null,
  day text not null,
  talked_ms integer not null,
  primary key (day, name)
) strict, without rowid;
`;
