import type { Ddl } from '../dialect.js';

/**
 * What is read of one campaign, or of a span of time, goes by an index, however much of
 * others there is. And the number that each dial was to show: a task's may change between
 * two of its dials.
 */
export const campaignReads = (d: Ddl): string => `
create index results_of_campaign on results (campaign_id, seq) where campaign_id <> '';
create index attempts_started on attempts (started_at);

alter table attempts add column caller ${d.text};
update attempts set caller = (select tasks.caller from tasks where tasks.id = attempts.task_id);
`;
