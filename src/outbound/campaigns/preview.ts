import type { Campaign, CampaignCounts, CampaignSettings, CampaignStore, RoundTask } from '../../store/campaigns.js';
import type { Contact } from '../../store/contacts.js';
import type { DialRule } from '../../store/rules.js';
import { planFill, taskFor } from './audience-tasks.js';
import { assumed, dialMs, finishAt } from './forecast.js';
import type { Experience } from './forecast.js';
import type { CampaignAudiences, CampaignFlows, CampaignRules, CampaignServer, Candidate } from './ports.js';

/** Contacts that are judged one by one; a larger audience is judged by so many of it. */
export const SAMPLE = 10_000;
/** Contacts whose tasks are asked for at once. */
const AT_ONCE = 500;

export interface Preview {
  /** Members of the audiences; who is in several counts in each. */
  readonly members: number;
  /** Contacts that were looked at; fewer than all of them means that the numbers below are of a sample. */
  readonly judged: number;
  readonly sampled: boolean;
  /** Of those that were judged: who would be called now. */
  readonly callable: number;
  readonly blocked: Readonly<Partial<Record<DialRule, number>>>;
  /** Whose task of the round is over, whatever became of it, or on the line. */
  readonly over: number;
  /** Without a number, or without an attribute that the flow needs, by variable. */
  readonly skipped: { readonly noNumber: number; readonly variables: Readonly<Record<string, number>> };
  readonly categories: Readonly<Record<string, number>>;
  readonly expectedFinish: number | undefined;
  readonly basis: Basis;
}

/** What an expected finish rests on. */
export interface Basis {
  readonly calls: number;
  readonly answerRate: number;
  readonly attemptMs: number;
  /** No calls of this campaign were seen yet. */
  readonly assumed: boolean;
}

export interface PreviewParts {
  readonly store: Pick<CampaignStore, 'roundTasks'>;
  readonly audiences: CampaignAudiences;
  readonly flows: CampaignFlows;
  readonly rules: Pick<CampaignRules, 'judge' | 'hoursOf'>;
  readonly server: CampaignServer;
  readonly now: number;
}

/** What would happen if the campaign dialled everybody now. Nothing is saved. */
export async function previewCampaign(campaign: Campaign, counts: CampaignCounts | undefined, parts: PreviewParts): Promise<Preview> {
  const { members, contacts } = await lookAt(campaign, parts.audiences);
  const plan = await planFill(
    campaign,
    { compile: (filter) => parts.audiences.compile(filter, 'categories'), requiredOf: async (flow, version) => (await parts.flows.find(flow, version, 'flow')).requiredVariables },
    { notBefore: parts.now, expiresAt: campaign.endsAt },
  );
  const made = await tasksOf(campaign, contacts, parts.store);
  const tasks: Candidate[] = [];
  const variables: Record<string, number> = {};
  const categories: Record<string, number> = {};
  let noNumber = 0;
  let over = 0;
  for (const contact of contacts) {
    const soFar = made.get(contact.id);
    if (soFar?.over === true) {
      over++;
      continue;
    }
    const wanted = taskFor(plan, contact);
    if ('task' in wanted) {
      tasks.push({ task: wanted.task, contact, ...(soFar === undefined ? {} : { soFar }) });
      const category = wanted.task.category ?? '';
      if (category !== '') categories[category] = (categories[category] ?? 0) + 1;
    } else if (wanted.skipped.reason === 'no_number') noNumber++;
    else variables[wanted.skipped.detail] = (variables[wanted.skipped.detail] ?? 0) + 1;
  }
  const blocked: Partial<Record<DialRule, number>> = {};
  let callable = 0;
  let later = 0;
  for (const judgement of await parts.rules.judge(tasks, campaign)) {
    if (judgement.allowed) callable++;
    else {
      blocked[judgement.rule] = (blocked[judgement.rule] ?? 0) + 1;
      if (judgement.until !== undefined) later++;
    }
  }
  const share = contacts.length === 0 ? 0 : (callable + later) / contacts.length;
  const { at, basis } = expectedFinish(campaign, counts, { tasks: Math.round(members * share), from: Math.max(parts.now, campaign.startsAt ?? 0) }, parts);
  return { members, judged: contacts.length, sampled: contacts.length < members && members > SAMPLE, callable, blocked, over, skipped: { noNumber, variables }, categories, expectedFinish: at, basis };
}

/** When the work is done, by what the campaign's calls were like so far. */
export function expectedFinish(
  campaign: CampaignSettings,
  counts: CampaignCounts | undefined,
  work: { readonly tasks: number; readonly from: number },
  { rules, server }: Pick<PreviewParts, 'server'> & { readonly rules: Pick<CampaignRules, 'hoursOf'> },
): { readonly at: number | undefined; readonly basis: Basis } {
  const calls = Math.min(server.maxCalls, campaign.pacing.maxCalls ?? Infinity);
  const callsPerSecond = Math.min(server.callsPerSecond, campaign.pacing.callsPerSecond ?? Infinity);
  const seen = experienceOf(counts);
  const basis = { calls, answerRate: seen.answerRate ?? assumed.answerRate, attemptMs: seen.attemptMs ?? assumed.attemptMs, assumed: seen.attemptMs === undefined };
  // A person starts the calls: nobody can say when.
  const ms = campaign.pacing.mode === 'preview' ? undefined : dialMs({ tasks: work.tasks, maxAttempts: campaign.retry.maxAttempts, calls, callsPerSecond, experience: seen });
  const at = ms === undefined ? undefined : finishAt(work.from, ms, rules.hoursOf(campaign));
  return { at: at !== undefined && at > (campaign.endsAt ?? Infinity) ? campaign.endsAt : at, basis };
}

function experienceOf(counts: CampaignCounts | undefined): Experience {
  if (counts === undefined || counts.attempts === 0) return { attemptMs: undefined, answerRate: undefined };
  return { attemptMs: counts.meanAttemptMs, answerRate: counts.answered / counts.attempts };
}

/** The tasks that these contacts have of the campaign's round. */
async function tasksOf({ id, round }: Campaign, contacts: readonly Contact[], store: PreviewParts['store']): Promise<ReadonlyMap<string, RoundTask>> {
  const made = new Map<string, RoundTask>();
  if (round === 0) return made;
  for (let from = 0; from < contacts.length; from += AT_ONCE) {
    const page = contacts.slice(from, from + AT_ONCE).map((contact) => contact.id);
    for (const task of await store.roundTasks(id, round, page)) made.set(task.contactId, task);
  }
  return made;
}

/** Everybody once, or a sample that has of each audience what it has of the whole. */
async function lookAt(campaign: CampaignSettings, audiences: CampaignAudiences): Promise<{ members: number; contacts: readonly Contact[] }> {
  const sizes: number[] = [];
  for (const id of campaign.audiences) sizes.push(await audiences.count(id));
  const members = sizes.reduce((sum, size) => sum + size, 0);
  const found = new Map<string, Contact>();
  for (const [index, id] of campaign.audiences.entries()) {
    const wanted = members <= SAMPLE ? SAMPLE : Math.ceil((SAMPLE * (sizes[index] ?? 0)) / members);
    for (const contact of await audiences.sample(id, sizes[index] ?? 0, wanted)) found.set(contact.id, contact);
  }
  return { members, contacts: [...found.values()].slice(0, SAMPLE) };
}
