import type { Ddl } from '../dialect.js';

/**
 * Campaigns, how far each was filled, teams, and what tasks, attempts and results take
 * from a campaign. A task of none has an empty `campaign_id`, not null, so that an index
 * finds those in their order on both databases.
 */
export const campaigns = (d: Ddl): string => `
create table campaigns (
  seq ${d.serial},
  id ${d.text} not null unique,
  state ${d.text} not null,
  revision ${d.int} not null,
  round ${d.int} not null,
  next_round_at ${d.int},
  settings ${d.text} not null,
  flow_versions ${d.text} not null,
  started_at ${d.int},
  ended_at ${d.int},
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.table};
create index campaigns_state on campaigns (state, seq);
create index campaigns_active on campaigns (seq) where ended_at is null;

create table campaign_fills (
  campaign_id ${d.text} not null references campaigns (id),
  round ${d.int} not null,
  audience ${d.int} not null,
  cursor ${d.text},
  pass_started_at ${d.int} not null,
  filled_at ${d.int},
  primary key (campaign_id, round)
) ${d.keyed};

create table campaign_skips (
  seq ${d.serial},
  campaign_id ${d.text} not null references campaigns (id),
  round ${d.int} not null,
  contact_id ${d.text} not null,
  reason ${d.text} not null,
  detail ${d.text} not null,
  at ${d.int} not null,
  unique (campaign_id, round, contact_id)
) ${d.table};
create index campaign_skips_page on campaign_skips (campaign_id, seq);

create table teams (
  name ${d.text} not null primary key,
  people ${d.text} not null,
  created_at ${d.int} not null,
  updated_at ${d.int} not null
) ${d.keyed};

alter table tasks add column campaign_id ${d.text} not null default '';
alter table tasks add column campaign_round ${d.int};
alter table tasks add column contact_id ${d.text};
alter table tasks add column category ${d.text};
alter table tasks add column purpose ${d.text};
alter table tasks add column time_zones ${d.text};
alter table tasks add column hours ${d.text};
alter table tasks add column hours_zone ${d.text};
alter table tasks add column retry ${d.text};
alter table tasks add column rank ${d.int} not null default 0;
alter table tasks add column attempts ${d.int} not null default 0;
alter table tasks add column blocked_by ${d.text};
alter table tasks add column blocked_until ${d.int};
update tasks set rank = case when not_before > created_at then not_before else created_at end - priority * 60000,
  attempts = (select count(*) from attempts where attempts.task_id = tasks.id);
drop index tasks_due;
create index tasks_rank on tasks (state, rank, seq);
create index tasks_campaign on tasks (campaign_id, state, rank, seq);
create index tasks_campaign_page on tasks (campaign_id, seq) where campaign_id <> '';
create unique index tasks_member on tasks (campaign_id, campaign_round, contact_id) where contact_id is not null and campaign_id <> '';
create index tasks_contact on tasks (contact_id) where contact_id is not null;
create index tasks_blocked on tasks (blocked_until) where blocked_until is not null;

alter table attempts add column campaign_id ${d.text} not null default '';
alter table attempts add column disposition ${d.text};
create index attempts_campaign on attempts (campaign_id, started_at) where campaign_id <> '';
update attempts set disposition = (select results.disposition from results where results.attempt_id = attempts.id);

alter table results add column campaign_id ${d.text} not null default '';
alter table results add column verdict ${d.text};
create index results_campaign on results (campaign_id, disposition, verdict) where campaign_id <> '';
`;
