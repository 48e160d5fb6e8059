import { TrunklineError } from '../../kernel/errors.js';
import { isTimeZone } from '../../kernel/time-zone.js';
import { strategyOf } from '../../store/campaigns.js';
import type { CampaignSettings } from '../../store/campaigns.js';
import type { Audience } from '../../store/contacts.js';
import { parseDestination } from '../destination.js';
import type { Matcher } from './audience-tasks.js';
import { nextRoundAt, weekDays } from './recurrence.js';

/** What settings are checked against. */
export interface SettingsDesk {
  readonly now: number;
  /** Its first round has begun: the one that runs may be the last. */
  readonly begun?: boolean;
  /** Of talk; 0: no price is configured. */
  readonly costPerMinute: number;
  /** TRK_FLOW_UNKNOWN with `field`. */
  flow(id: string, version: number | undefined, field: string): Promise<{ readonly version: number; readonly requiredVariables: readonly string[] }>;
  audience(id: string): Promise<Audience | undefined>;
  /** Throws with `field`, and the place in the expression. */
  compile(filter: string, field: string): Promise<Matcher>;
  team(name: string): Promise<boolean>;
  /** Why no holidays of this country or region are known; undefined if they are. */
  holidayProblem(country: string): string | undefined;
  /** Whether hours of the campaign and of the law leave any moment in which somebody may be called. Throws with `field` if the hours are none. */
  everOpen(hours: CampaignSettings['hours'], window: { readonly from: number; readonly to: number | undefined }, field: string): boolean;
}

/**
 * Finds the first mistake of a campaign's settings before anything is saved, and gives the
 * versions of the flows that it uses. Form and limits were checked before, by the schema.
 *
 * Errors with `field`: TRK_INVALID_REQUEST, TRK_FLOW_UNKNOWN, TRK_FLOW_VARIABLE,
 * TRK_NUMBER_INVALID, and those of filter expressions.
 */
export async function checkSettings(settings: CampaignSettings, desk: SettingsDesk): Promise<Readonly<Record<string, number>>> {
  if (!isTimeZone(settings.timeZone)) throw invalid('is no time zone; names are like Europe/London', 'timeZone');
  checkTimes(settings, desk);
  await checkAudiences(settings, desk);
  const versions = await checkFlows(settings, desk);
  await checkCategories(settings, desk);
  checkHours(settings, desk);
  for (const [index, country] of settings.holidays.entries()) {
    const problem = country === 'callee' ? undefined : desk.holidayProblem(country);
    if (problem !== undefined) throw invalid(problem, `holidays[${index}]`);
  }
  checkCallers(settings);
  // Without a price nothing is ever spent, and the cap would never hold.
  if (settings.spendCap !== undefined && desk.costPerMinute === 0) throw invalid('there is no price: rules.cost_per_minute of the configuration is 0', 'spendCap');
  if (settings.ownerTeam !== undefined && !(await desk.team(settings.ownerTeam))) throw invalid('there is no team of this name', 'ownerTeam');
  return versions;
}

function invalid(reason: string, field: string): TrunklineError {
  return new TrunklineError('TRK_INVALID_REQUEST', { params: { reason }, field });
}

function checkTimes(settings: CampaignSettings, { now, begun = false }: Pick<SettingsDesk, 'now' | 'begun'>): void {
  const { startsAt, endsAt, recurrence, timeZone } = settings;
  if (endsAt !== undefined && endsAt <= Math.max(now, startsAt ?? 0)) throw invalid('must be in the future and after startsAt', 'endsAt');
  if (recurrence === undefined) return;
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(recurrence.at)) throw invalid('must be a time such as 09:00', 'recurrence.at');
  for (const [index, day] of (recurrence.on ?? []).entries()) {
    const field = `recurrence.on[${index}]`;
    if (recurrence.every === 'day') throw invalid('a round of every day has no days of its own', 'recurrence.on');
    if (recurrence.every === 'week' && !(weekDays as readonly (string | number)[]).includes(day)) throw invalid(`must be one of ${weekDays.join(', ')}`, field);
    if (recurrence.every === 'month' && !(day === 'last' || (Number.isInteger(day) && Number(day) >= 1 && Number(day) <= 31))) throw invalid('must be a day from 1 to 31, or "last"', field);
  }
  const first = Math.max(now, startsAt ?? 0);
  const next = nextRoundAt(recurrence, timeZone, first, first);
  if (!begun && endsAt !== undefined && next !== undefined && next >= endsAt) throw invalid('never comes again before endsAt', 'recurrence');
}

async function checkAudiences(settings: CampaignSettings, desk: SettingsDesk): Promise<void> {
  for (const [index, id] of settings.audiences.entries()) {
    const field = `audiences[${index}]`;
    if ((await desk.audience(id)) === undefined) throw invalid('there is no audience with this id', field);
    if (settings.audiences.indexOf(id) < index) throw invalid('this audience is named twice', field);
  }
}

/** Each flow that a category or the campaign uses, with the variables that it would be given there. */
async function checkFlows(settings: CampaignSettings, desk: SettingsDesk): Promise<Record<string, number>> {
  const versions: Record<string, number> = {};
  const own = await desk.flow(settings.flow, settings.flowVersion, settings.flowVersion === undefined ? 'flow' : 'flowVersion');
  versions[settings.flow] = own.version;
  checkVariables(settings, undefined, own.requiredVariables, '');
  for (const [index, category] of settings.categories.entries()) {
    const flow = category.flow === undefined || category.flow === settings.flow ? own : await desk.flow(category.flow, undefined, `categories[${index}].flow`);
    versions[category.flow ?? settings.flow] = flow.version;
    checkVariables(settings, category.name, flow.requiredVariables, `categories[${index}].`);
  }
  return versions;
}

function checkVariables(settings: CampaignSettings, category: string | undefined, required: readonly string[], prefix: string): void {
  const { variables } = strategyOf(settings, category);
  const missing = required.find((name) => !Object.hasOwn(variables, name));
  if (missing !== undefined) throw new TrunklineError('TRK_FLOW_VARIABLE', { params: { name: missing }, field: `${prefix}variables.${missing}` });
}

async function checkCategories(settings: CampaignSettings, desk: SettingsDesk): Promise<void> {
  for (const [index, { name, filter }] of settings.categories.entries()) {
    if (settings.categories.findIndex((other) => other.name === name) < index) throw invalid('this name is taken by another category', `categories[${index}].name`);
    await desk.compile(filter, `categories[${index}].filter`);
  }
}

function checkHours(settings: CampaignSettings, desk: SettingsDesk): void {
  const window = { from: Math.max(desk.now, settings.startsAt ?? 0), to: settings.endsAt };
  const places = [{ name: undefined, field: 'hours' }, ...settings.categories.flatMap(({ name, hours }, index) => (hours === undefined ? [] : [{ name, field: `categories[${index}].hours` }]))];
  for (const { name, field } of places) {
    const { hours } = strategyOf(settings, name);
    if (!desk.everOpen(hours, window, field)) throw invalid('together with the rules that hold everywhere, and with startsAt and endsAt, leaves no moment in which anybody could be called', field);
  }
}

function checkCallers(settings: CampaignSettings): void {
  const numbers = [
    ...settings.callerNumbers.map((number, index) => [number, `callerNumbers[${index}]`] as const),
    ...settings.categories.flatMap(({ callerNumber }, index) => (callerNumber === undefined ? [] : [[callerNumber, `categories[${index}].callerNumber`] as const])),
  ];
  // Names and internal numbers are for trunks that know them; what looks like a number of the world has to be one.
  for (const [number, field] of numbers) if (number.startsWith('+')) parseDestination(number, field);
}
