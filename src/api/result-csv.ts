import { stringify } from 'csv-stringify/sync';
import type { CallResult, Task } from '../store/store.js';
import { timeOf } from './wire.js';

/** Columns of the export, in their order; docs/api.md lists them. */
const RESULT_COLUMNS = [
  'result_id', 'task_id', 'campaign_id', 'contact_id', 'category', 'direction', 'to', 'from', 'flow', 'flow_version', 'disposition', 'sip_status', 'reason', 'ended_by',
  'verdict', 'verdict_reason', 'verdict_detail', 'slots', 'mood', 'started_at', 'answered_at', 'ended_at', 'talk_ms', 'cost', 'disclosed_ms', 'opt_out_offered_ms', 'trunk', 'call_id', 'recording', 'transcript', 'total_talk_ms', 'total_cost',
] as const;

export type ResultTask = Pick<Task, 'to' | 'from' | 'campaignId' | 'contactId' | 'category'>;

export function csvHead(): string {
  return stringify([[...RESULT_COLUMNS]]);
}

/**
 * Rows for a spreadsheet. What people said or what was imported may begin like a formula;
 * such cells get an apostrophe in front, so that opening the file runs nothing. A plus and
 * digits where a number belongs stay as they are; a caller may call himself anything else.
 */
export function csvRows(results: readonly { result: CallResult; task: ResultTask | undefined }[]): string {
  return stringify(results.map(({ result, task }) => cellsOf(result, task)));
}

function cellsOf(result: CallResult, task: ResultTask | undefined): (string | number)[] {
  const { verdict } = result;
  const cells: Record<(typeof RESULT_COLUMNS)[number], string | number | undefined> = {
    result_id: result.id,
    task_id: result.taskId,
    campaign_id: task?.campaignId,
    contact_id: task?.contactId,
    category: task?.category,
    direction: result.direction,
    to: task?.to,
    from: task?.from ?? result.caller,
    flow: result.flow,
    flow_version: result.flowVersion,
    disposition: result.disposition,
    sip_status: result.sipStatus,
    reason: result.reason,
    ended_by: result.endedBy,
    verdict: verdict.kind,
    verdict_reason: 'reason' in verdict ? verdict.reason : undefined,
    verdict_detail: verdict.kind === 'redial_at' ? verdict.at : verdict.kind === 'follow_up' ? `${verdict.channel}: ${verdict.template}` : verdict.kind === 'handoff' ? verdict.queue : undefined,
    slots: Object.keys(result.slots).length === 0 ? undefined : JSON.stringify(result.slots),
    mood: result.mood?.label,
    started_at: timeOf(result.startedAt),
    answered_at: result.answeredAt === undefined ? undefined : timeOf(result.answeredAt),
    ended_at: timeOf(result.endedAt),
    talk_ms: talkMs(result),
    cost: result.cost,
    disclosed_ms: result.disclosedMs,
    opt_out_offered_ms: result.optOutOfferedMs,
    trunk: result.trunk,
    call_id: result.callId,
    recording: result.recording?.split('/').at(-1),
    transcript: result.transcript.map(({ speaker, text }) => `${speaker}: ${text}`).join('\n'),
    total_talk_ms: total(result, talkMs),
    total_cost: total(result, ({ cost }) => cost),
  };
  return RESULT_COLUMNS.map((column) => {
    const cell = cells[column] ?? '';
    return NUMBER_COLUMNS.has(column) && /^\+\d{1,20}$/.test(String(cell)) ? cell : harmless(cell);
  });
}

const talkMs = ({ answeredAt, endedAt }: CallResult): number | undefined => (answeredAt === undefined ? undefined : Math.round(endedAt - answeredAt));

/** Of all calls of the task; undefined if none of them has it. */
function total(result: CallResult, of: (call: CallResult) => number | undefined): number | undefined {
  const all = [...(result.earlier ?? []), result].flatMap((call) => of(call) ?? []);
  return all.length === 0 ? undefined : all.reduce((sum, one) => sum + one, 0);
}

const NUMBER_COLUMNS: ReadonlySet<string> = new Set<(typeof RESULT_COLUMNS)[number]>(['to', 'from']);

function harmless(cell: string | number): string | number {
  return typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
