import type { LedgerEntry } from '../support/phone-network.js';
import { againstRules } from './judge-rules.js';
import type { ClockSetting } from './judge-rules.js';
import type { Told } from './receiver.js';

/** Somebody who was to be called, by one task. */
export interface Callee {
  /** Digits. */
  readonly number: string;
  /** Dials that the task may have. */
  readonly budget: number;
  /** Has consented to the purpose, or needs not. */
  readonly consents: boolean;
  /** When calls are allowed, in each of these zones: `HH:MM`. */
  readonly hours: { readonly zones: readonly string[]; readonly from: string; readonly to: string };
}

export interface JudgedTask {
  readonly id: string;
  /** Digits. */
  readonly number: string;
  readonly state: string;
}

export interface JudgedAttempt {
  readonly id: string;
  readonly taskId: string;
  readonly sipCallId: string;
  readonly number: number;
}

export interface JudgedResult {
  readonly id: string;
  readonly taskId: string;
  readonly attemptId: string | undefined;
  readonly disposition: string;
}

/** A webhook on its way, or told and not forgotten yet. */
export interface JudgedDelivery {
  readonly resultId: string | undefined;
  readonly state: string;
  readonly tries: number;
}

export interface Evidence {
  readonly ledger: readonly LedgerEntry[];
  readonly tasks: readonly JudgedTask[];
  readonly attempts: readonly JudgedAttempt[];
  readonly results: readonly JudgedResult[];
  readonly deliveries: readonly JudgedDelivery[];
  /** Each once, however often the post was repeated, or the contact saved. */
  readonly callees: readonly Callee[];
  /** Tasks whose cancelling was answered with success. */
  readonly cancelled: readonly string[];
  /** Numbers in digits, and when by the network's clock their suppression was confirmed. */
  readonly suppressed: readonly { readonly number: string; readonly atMs: number }[];
  /** Calls to one number in a day of the callee's. */
  readonly capADay: number;
  /** The servers' wall clock against that of the network, in order of time. */
  readonly clock: readonly ClockSetting[];
  /** Ends of tasks that the receiver of webhooks was told of, each as often as it came. */
  readonly told: readonly Told[];
}

export interface Judgement {
  /** Calls that should not have been: INVITEs without an attempt of their own, tasks made or dialled twice. */
  readonly duplicates: number;
  /** Tasks that are missing or have no end and no result. */
  readonly lost: number;
  /** Calls against a cancelling or a rule. */
  readonly ruleViolations: number;
  /** What was found, in words. */
  readonly findings: readonly string[];
}

const FINAL = new Set(['done', 'cancelled', 'expired', 'unknown', 'blocked']);

/** What the network saw against what the store says. */
export function judge(evidence: Evidence): Judgement {
  const duplicates = [...doubleTasks(evidence), ...strayInvites(evidence), ...wrongNumbers(evidence), ...extraAttempts(evidence), ...doubleResults(evidence), ...toldTwice(evidence)];
  const lost = [...missingTasks(evidence), ...unfinished(evidence), ...untold(evidence)];
  const rules = [...dialledCancelled(evidence), ...againstRules(evidence)];
  return { duplicates: duplicates.length, lost: lost.length, ruleViolations: rules.length, findings: [...duplicates, ...lost, ...rules] };
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function more(counts: ReadonlyMap<string, number>, most: (key: string) => number, what: string): string[] {
  return [...counts].flatMap(([key, count]) => Array.from({ length: Math.max(0, count - most(key)) }, () => `${what}: ${key}`));
}

function doubleTasks({ tasks, callees }: Evidence): string[] {
  const asked = countBy(callees, ({ number }) => number);
  return more(countBy(tasks, ({ number }) => number), (number) => asked.get(number) ?? 0, 'more tasks than were asked for');
}

/** Each INVITE has its attempt, and each attempt at most one INVITE. */
function strayInvites({ ledger, attempts }: Evidence): string[] {
  const known = new Set(attempts.map(({ sipCallId }) => sipCallId));
  return more(countBy(ledger, ({ callId }) => callId), (callId) => (known.has(callId) ? 1 : 0), 'INVITE without an attempt of its own');
}

/** An attempt calls whom its task is about. */
function wrongNumbers({ ledger, attempts, tasks }: Evidence): string[] {
  const numbers = new Map(tasks.map(({ id, number }) => [id, number]));
  const meant = new Map(attempts.map(({ sipCallId, taskId }) => [sipCallId, numbers.get(taskId)]));
  return ledger.filter(({ callId, number }) => meant.has(callId) && meant.get(callId) !== number).map(({ callId }) => `another number than that of its task: ${callId}`);
}

function extraAttempts({ attempts, callees, tasks, results }: Evidence): string[] {
  const budgets = new Map(callees.map(({ number, budget }) => [number, budget]));
  const ofTask = new Map(tasks.map(({ id, number }) => [id, budgets.get(number) ?? 0]));
  const after = attempts.filter((attempt) => {
    const last = results.find(({ taskId }) => taskId === attempt.taskId);
    const of = attempts.find(({ id }) => id === last?.attemptId);
    return of !== undefined && attempt.number > of.number;
  });
  return [...more(countBy(attempts, ({ taskId }) => taskId), (taskId) => ofTask.get(taskId) ?? 0, 'more attempts than the budget'), ...after.map(({ taskId }) => `dialled after its result: ${taskId}`)];
}

function doubleResults({ results }: Evidence): string[] {
  return more(countBy(results, ({ taskId }) => taskId), () => 1, 'more than one result');
}

/** A repeated delivery has the id of the first: by their ids there is one for each task. */
function toldTwice({ told }: Evidence): string[] {
  const once = new Map(told.map((one) => [one.webhookId, one]));
  return more(countBy([...once.values()], ({ taskId }) => taskId), () => 1, 'the receiver was told of more than one end');
}

function untold({ told, results, deliveries }: Evidence): string[] {
  const known = new Set(told.map(({ resultId }) => resultId));
  const underway = new Map(deliveries.map((one) => [one.resultId, one]));
  return results.filter(({ id }) => !known.has(id)).map(({ id }) => {
    const delivery = underway.get(id);
    return `the receiver was never told of a result, ${delivery === undefined ? 'nothing is to be sent' : `${delivery.state} after ${delivery.tries} tries`}: ${id}`;
  });
}

function missingTasks({ tasks, callees }: Evidence): string[] {
  const made = countBy(tasks, ({ number }) => number);
  return more(countBy(callees, ({ number }) => number), (number) => made.get(number) ?? 0, 'asked for, and no task');
}

function unfinished({ tasks, results }: Evidence): string[] {
  const with_ = new Set(results.map(({ taskId }) => taskId));
  return tasks.flatMap(({ id, state }) => {
    if (!FINAL.has(state)) return [`still ${state}: ${id}`];
    return with_.has(id) ? [] : [`${state} without a result: ${id}`];
  });
}

function dialledCancelled({ attempts, cancelled }: Evidence): string[] {
  const stopped = new Set(cancelled);
  return attempts.filter(({ taskId }) => stopped.has(taskId)).map(({ taskId }) => `dialled although cancelled: ${taskId}`);
}
