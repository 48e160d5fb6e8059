import type { PhoneEvent } from './phone-event.js';

export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Summary {
  readonly calls: number;
  readonly answered: number;
  /** Greeting after ACK, ms. */
  readonly greeting: Distribution | undefined;
  /** Reply after the last word by label of the step, ms. */
  readonly replies: Readonly<Record<string, Distribution>>;
  /** First word of the caller to the bot's silence, ms. */
  readonly bargeIn: Distribution | undefined;
  /** Barge-ins that the bot ignored. */
  readonly bargeInFailed: number;
  readonly talkedOver: number;
  readonly noReply: number;
  /** Worst lateness of our own packets, ms. */
  readonly worstSendLateMs: number;
  readonly packetsLost: number;
}

/** Nearest rank: the smallest value that at least `percent` of them do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

export function distribution(values: readonly number[]): Distribution | undefined {
  if (values.length === 0) return undefined;
  const round = (value: number): number => Math.round(value * 10) / 10;
  return { count: values.length, p50: round(percentile(values, 50)), p95: round(percentile(values, 95)), max: round(Math.max(...values)) };
}

/** Figures over everything that a phone, or several, reported. */
export function summarize(events: readonly PhoneEvent[]): Summary {
  const times = (name: PhoneEvent['event'], label?: string): number[] =>
    events.flatMap((event) => (event.event === name && event.ms !== undefined && (label === undefined || event.label === label) ? [event.ms] : []));
  const count = (name: PhoneEvent['event']): number => events.filter((event) => event.event === name).length;
  const labels = new Set(events.flatMap((event) => (event.event === 'reply' ? [event.label ?? ''] : [])));
  const ended = events.filter((event) => event.event === 'ended');
  return {
    calls: ended.length,
    answered: count('answered'),
    greeting: distribution(times('greeting')),
    replies: Object.fromEntries([...labels].map((label) => [label, distribution(times('reply', label))!])),
    bargeIn: distribution(times('barge_in')),
    bargeInFailed: events.filter((event) => event.event === 'barge_in' && event.ms === undefined).length,
    talkedOver: count('talked_over'),
    noReply: count('no_reply'),
    worstSendLateMs: Math.round(Math.max(0, ...ended.map((event) => event.stats?.worstSendLateMs ?? 0)) * 10) / 10,
    packetsLost: ended.reduce((sum, event) => sum + (event.stats?.packetsLost ?? 0), 0),
  };
}
