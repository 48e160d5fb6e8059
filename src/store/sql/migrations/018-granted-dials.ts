import type { Ddl } from '../dialect.js';

/** Dials that an operator has granted a task besides those of its policy: one more after each `unknown` that is to be dialled again. */
export const grantedDials = (d: Ddl): string => `
alter table tasks add column granted ${d.int} not null default 0;
`;
