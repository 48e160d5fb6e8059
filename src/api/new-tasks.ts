import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { isTimeZone } from '../kernel/time-zone.js';
import { parseDestination } from '../outbound/destination.js';
import { weekOf } from '../outbound/rules/calling-hours.js';
import type { NewTask } from '../store/store.js';
import type { FlowLookup, StoredFlow } from './flow-lookup.js';
import type { NewTaskBody } from './schemas.js';

/** Tasks checked before the event loop turns: audio and signalling come first. */
const CHECKED_AT_ONCE = 250;

/**
 * Checks the tasks of one request; nothing is saved before all are right.
 *
 * `prefix` is the path before a task's own fields, e.g. `tasks[3].`. Errors:
 * TRK_NUMBER_INVALID, TRK_FLOW_UNKNOWN, TRK_FLOW_VARIABLE, TRK_INVALID_REQUEST, all
 * with `field`.
 */
export async function checkNewTasks(bodies: readonly NewTaskBody[], prefixOf: (index: number) => string, flows: FlowLookup, clock: Clock): Promise<NewTask[]> {
  const now = clock.now();
  const found = new Map<string, StoredFlow>();
  const tasks: NewTask[] = [];
  for (const [index, body] of bodies.entries()) {
    if (index > 0 && index % CHECKED_AT_ONCE === 0) await nextTurn();
    const prefix = prefixOf(index);
    const key = `${body.flow}@${body.flowVersion ?? ''}`;
    let flow = found.get(key);
    if (flow === undefined) {
      flow = await flows.find(body.flow, body.flowVersion, `${prefix}flow`);
      found.set(key, flow);
    }
    tasks.push(checkOne(body, prefix, flow, now));
  }
  return tasks;
}

function checkOne(body: NewTaskBody, prefix: string, flow: StoredFlow, now: number): NewTask {
  const variables = body.variables ?? {};
  for (const name of flow.compiled.requiredVariables) {
    if (!Object.hasOwn(variables, name)) throw new TrunklineError('TRK_FLOW_VARIABLE', { params: { name }, field: `${prefix}variables.${name}` });
  }
  const notBefore = body.notBefore === undefined ? now : Date.parse(body.notBefore);
  const expiresAt = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt);
  if (expiresAt !== undefined && expiresAt <= Math.max(now, notBefore)) {
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'must be in the future and after notBefore' }, field: `${prefix}expiresAt` });
  }
  return {
    to: parseDestination(body.to, `${prefix}to`),
    from: body.from,
    flow: flow.record.id,
    flowVersion: flow.record.version,
    priority: body.priority,
    variables,
    notBefore,
    expiresAt,
    metadata: body.metadata ?? {},
    contactId: body.contactId,
    purpose: body.purpose,
    category: body.category,
    timeZones: checkZones(body.timeZones ?? [], `${prefix}timeZones`),
    hours: checkHours(body.hours, `${prefix}hours`),
    hoursZone: body.hoursZone === undefined ? undefined : checkZones([body.hoursZone], `${prefix}hoursZone`)[0],
    retry: body.retry,
  };
}

function checkZones(zones: readonly string[], field: string): readonly string[] {
  for (const [index, timeZone] of zones.entries()) {
    if (isTimeZone(timeZone)) continue;
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'is no time zone; names are like Europe/London' }, field: field.endsWith('Zone') ? field : `${field}[${index}]` });
  }
  return zones;
}

/** A week without any hour could never be dialled. */
function checkHours(hours: NewTaskBody['hours'], field: string): NewTask['hours'] {
  if (hours === undefined) return undefined;
  if (weekOf(hours, field).every((spans) => spans.length === 0)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'leaves no moment in which anybody could be called' }, field });
  return hours;
}

/** The same request whatever the order of its keys. */
export function requestHash(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(sorted(body))).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
