import { holds, summarize } from './message-view.js';
import type { MessageSummary } from './message-view.js';
import type { CallTrace, TraceEvent, TracedMessage } from './trace.js';

/** One line of a ladder; `atMs` counts from the first line. */
export type TraceRow =
  | ({ readonly kind: 'sip'; readonly atMs: number } & Omit<TracedMessage, 'atMs'> & MessageSummary)
  | { readonly kind: 'event'; readonly atMs: number; readonly event: TraceEvent; readonly detail: string | undefined };

export interface CallView {
  readonly callId: string | undefined;
  readonly sipCallIds: readonly string[];
  readonly live: boolean;
  /** Of the first line, ms since the epoch. */
  readonly startedAt: number;
  readonly leftOut: number;
  readonly rows: readonly TraceRow[];
}

/** Messages and events of a call in one row, with what the messages say. */
export function viewOf(trace: CallTrace): CallView {
  const messages = trace.messages.map((message): TraceRow => ({ kind: 'sip', ...message, ...summarize(message.raw) }));
  const events = [...holdEvents(messages), ...hangups(messages), ...trace.events.map((event): TraceRow => ({ kind: 'event', ...event }))];
  // Of the same moment the message comes first: it is the cause.
  const rows = [...messages, ...events].sort((a, b) => a.atMs - b.atMs);
  const first = rows[0]?.atMs ?? 0;
  return {
    callId: trace.callId,
    sipCallIds: trace.sipCallIds,
    live: trace.live,
    startedAt: trace.epochOffsetMs + first,
    leftOut: trace.leftOut,
    rows: rows.map((row) => ({ ...row, atMs: Math.round((row.atMs - first) * 10) / 10 })),
  };
}

/** Who ended it first, and how. */
function hangups(messages: readonly TraceRow[]): TraceRow[] {
  const row = messages.find((one) => one.kind === 'sip' && one.status === undefined && (one.method === 'BYE' || one.method === 'CANCEL'));
  if (row?.kind !== 'sip') return [];
  return [{ kind: 'event', atMs: row.atMs, event: 'hangup', detail: row.direction === 'in' ? 'by the far end' : 'by us' }];
}

/** A call is on hold from the offer that says so to the one that takes it back. */
function holdEvents(messages: readonly TraceRow[]): TraceRow[] {
  const events: TraceRow[] = [];
  let held = false;
  for (const row of messages) {
    if (row.kind !== 'sip' || row.status !== undefined || !row.inDialog || row.repeated || row.sdp === undefined) continue;
    const now = holds(row.sdp);
    if (now === held) continue;
    held = now;
    events.push({ kind: 'event', atMs: row.atMs, event: now ? 'hold' : 'resume', detail: row.direction === 'in' ? 'by the far end' : 'by us' });
  }
  return events;
}
