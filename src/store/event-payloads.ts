import type { Disposition, TaskState, TranscriptLine, TransferRecord, Verdict } from './store.js';

/** A call as events tell of it. Times are RFC 3339 in UTC, as everywhere on the wire. */
export interface CallSummary {
  readonly id: string;
  readonly direction: 'outbound' | 'inbound';
  readonly taskId?: string | undefined;
  readonly attemptId?: string | undefined;
  readonly flow: string;
  readonly trunk?: string | undefined;
  readonly state: string;
  readonly startedAt: string;
  readonly answeredAt?: string | undefined;
}

/** What each type of event carries. `src/api/events.ts` holds the schema of each. */
export interface EventPayloads {
  'task.created': { readonly taskId: string; readonly flow: string; readonly flowVersion: number; readonly priority: number; readonly state: TaskState };
  'task.dialing': { readonly taskId: string; readonly attemptId: string; readonly number: number };
  'task.in_call': { readonly taskId: string; readonly attemptId: string };
  'task.done': { readonly taskId: string; readonly attemptId: string; readonly resultId: string; readonly disposition: Disposition; readonly verdict: Verdict };
  'task.cancelled': { readonly taskId: string; readonly resultId: string };
  'task.expired': { readonly taskId: string; readonly resultId: string };
  /** The server died during the call; it is not dialled again by itself. */
  'task.unknown': { readonly taskId: string; readonly resultId: string };
  /** The attempt did not do its job; the task is dialled again at that time. */
  'task.retry': { readonly taskId: string; readonly attemptId: string; readonly disposition: Disposition; readonly at: string };
  /** A rule keeps it back: until then, or for good, and then with its result. */
  'task.blocked': { readonly taskId: string; readonly rule: string; readonly until?: string | undefined; readonly resultId?: string | undefined };
  /** An operator said what became of an unknown call. */
  'task.resolved': { readonly taskId: string; readonly as: 'called' | 'redial' };
  /** Calls are served worse than promised, so fewer are dialled; in the unit of the brake's setting. */
  'dialer.braked': { readonly brake: string; readonly measured: number; readonly limit: number };
  'dialer.released': { readonly brake: string; readonly measured: number; readonly limit: number };
  /** Too many callees heard nothing: nothing more is dialled for this campaign, or for tasks of none. */
  'dialer.stopped': { readonly campaignId?: string | undefined; readonly answered: number; readonly abandoned: number };
  'dialer.resumed': { readonly campaignId?: string | undefined; readonly answered: number; readonly abandoned: number };
  'call.started': { readonly call: CallSummary };
  'call.ringing': { readonly call: CallSummary };
  'call.answered': { readonly call: CallSummary };
  'call.transcript': { readonly callId: string; readonly taskId?: string | undefined; readonly line: TranscriptLine; readonly decision?: string | undefined; readonly replyMs?: number | undefined };
  'call.transfer': { readonly call: CallSummary; readonly transfer: TransferRecord };
  'call.ended': {
    readonly call: CallSummary;
    readonly resultId: string;
    readonly disposition: Disposition;
    readonly endedBy: 'caller' | 'bot' | 'system';
    readonly verdict: Verdict;
  };
  /** A SIP server (drachtio) takes new calls again. */
  'signalling.up': { readonly server: string };
  /** It takes no new calls; `reason`: `lost`, `options` (it answers no SIP), `drain` or `closed`. */
  'signalling.down': { readonly server: string; readonly reason: string };
  'trunk.up': { readonly trunk: string };
  /** `reason`: the status or code that says why. */
  'trunk.down': { readonly trunk: string; readonly reason: string };
  /** A source of SIP is not heard until then: RFC 3339, UTC. */
  'sip.banned': { readonly source: string; readonly reason: string; readonly times: number; readonly until: string };
  /** Somebody read the SIP messages of a call, which show telephone numbers. */
  'trace.read': { readonly callId?: string | undefined; readonly keyId: string; readonly format: string };
  /** Somebody heard, or took a copy of, a recording. */
  'recording.read': { readonly callId: string; readonly keyId: string };
  /** Somebody was given all that is kept of a person; which contacts that was. */
  'person.exported': { readonly contactIds: string[]; readonly keyId: string };
  /** Somebody was forgotten; the entry that proves it. */
  'person.erased': { readonly erasureId: string };
  'import.started': { readonly importId: string; readonly dryRun: boolean };
  'import.ended': { readonly importId: string; readonly state: 'done' | 'failed' | 'interrupted'; readonly rows: number; readonly created: number; readonly updated: number; readonly kept: number; readonly refused: number };
  'campaign.created': { readonly campaignId: string; readonly name: string };
  /** Its first round has begun. */
  'campaign.started': { readonly campaignId: string; readonly name: string; readonly round: number };
  /** Recurrence has begun another round. */
  'campaign.round': { readonly campaignId: string; readonly name: string; readonly round: number };
  'campaign.paused': { readonly campaignId: string; readonly name: string };
  'campaign.resumed': { readonly campaignId: string; readonly name: string };
  'campaign.stopped': { readonly campaignId: string; readonly name: string };
  /** `due` tasks could be dialled, and for ten minutes none was. */
  'campaign.stalled': { readonly campaignId: string; readonly name: string; readonly due: number };
  /** `reason`: `failure_burst`, `no_trunk`, `no_capacity`, or `filling` with the code in `detail`. */
  'campaign.trouble': { readonly campaignId: string; readonly name: string; readonly reason: string; readonly detail?: string | undefined };
  /** Nothing of it is left to be dialled. */
  'campaign.finished': { readonly campaignId: string; readonly name: string; readonly tasks: number; readonly attempts: number; readonly answered: number };
  'flow.saved': { readonly flow: string; readonly version: number };
}

export type EventType = keyof EventPayloads;

/** One event before it has its place in the list. */
export type NewEvent = { readonly [T in EventType]: { readonly type: T; readonly data: EventPayloads[T] } }[EventType];
