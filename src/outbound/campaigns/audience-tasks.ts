import { callerFor, strategyOf } from '../../store/campaigns.js';
import type { Campaign, SkippedContact } from '../../store/campaigns.js';
import type { Contact } from '../../store/contacts.js';
import type { NewTask } from '../../store/store.js';
import { zonesOfContact } from '../contacts/zones.js';
import { mapVariables } from './variables.js';

/** Says whether a contact fits an expression. */
export type Matcher = (contact: Contact) => boolean;

/** What is found out once for a filling, and then holds for each contact. */
export interface FillPlan {
  readonly campaign: Campaign;
  /** In the order of the campaign's categories. */
  readonly categories: readonly { readonly name: string; readonly matches: Matcher }[];
  /** Variables that a flow needs, by flow. */
  readonly required: ReadonlyMap<string, readonly string[]>;
  /** The tasks are not dialled before, not after. */
  readonly notBefore: number;
  readonly expiresAt: number | undefined;
}

/** Expressions are compiled once; `requiredOf` tells the variables that a flow of this version needs. */
export async function planFill(
  campaign: Campaign,
  parts: { readonly compile: (filter: string) => Promise<Matcher>; readonly requiredOf: (flow: string, version: number | undefined) => Promise<readonly string[]> },
  window: { readonly notBefore: number; readonly expiresAt: number | undefined },
): Promise<FillPlan> {
  const required = new Map<string, readonly string[]>();
  for (const category of [undefined, ...campaign.categories.map(({ name }) => name)]) {
    const { flow, flowVersion } = strategyOf(campaign, category);
    if (!required.has(flow)) required.set(flow, await parts.requiredOf(flow, flowVersion));
  }
  const categories = await Promise.all(campaign.categories.map(async ({ name, filter }) => ({ name, matches: await parts.compile(filter) })));
  return { campaign, required, ...window, categories };
}

export type AudienceTask = { readonly task: NewTask } | { readonly skipped: Omit<SkippedContact, 'round' | 'at'> };

/** The task by which this contact is called, or why there is none. */
export function taskFor(plan: FillPlan, contact: Contact): AudienceTask {
  const { campaign } = plan;
  const category = plan.categories.find(({ matches }) => matches(contact))?.name;
  const strategy = strategyOf(campaign, category);
  const to = contact.numbers[0]?.number;
  if (to === undefined) return { skipped: { contactId: contact.id, reason: 'no_number', detail: '' } };
  const mapped = mapVariables(strategy.variables, plan.required.get(strategy.flow) ?? [], contact);
  if (!mapped.ok) return { skipped: { contactId: contact.id, reason: 'variable', detail: mapped.missing } };
  return {
    task: {
      to,
      from: callerFor(strategy, contact.id),
      flow: strategy.flow,
      flowVersion: strategy.flowVersion ?? 1,
      priority: strategy.priority,
      variables: mapped.variables,
      notBefore: plan.notBefore,
      expiresAt: plan.expiresAt,
      metadata: {},
      campaignId: campaign.id,
      campaignRound: campaign.round,
      contactId: contact.id,
      category,
      purpose: campaign.purpose,
      timeZones: zonesOfContact(contact),
      hours: undefined,
      hoursZone: undefined,
      retry: undefined,
    },
  };
}
