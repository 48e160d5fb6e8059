import { table } from './output.js';

/** A campaign as `GET /v1/campaigns/{id}` tells of it. */
export interface LiveCampaign {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly revision: number;
  readonly round: number;
  readonly progress?: {
    readonly tasks: Readonly<Record<string, number>>;
    readonly blocked: Readonly<Record<string, number>>;
    readonly refused: number;
    readonly dispositions: Readonly<Record<string, number>>;
    readonly verdicts: Readonly<Record<string, number>>;
    readonly skipped: number;
    readonly attempts: number;
    readonly answered: number;
    readonly answerRate?: number;
    readonly meanAttemptMs?: number;
    readonly filling: boolean;
    readonly expectedFinish?: string;
  };
}

export interface CampaignPreview {
  readonly members: number;
  readonly judged: number;
  readonly sampled: boolean;
  readonly callable: number;
  readonly blocked: Readonly<Record<string, number>>;
  readonly over: number;
  readonly skipped: { readonly noNumber: number; readonly variables: Readonly<Record<string, number>> };
  readonly categories: Readonly<Record<string, number>>;
  readonly expectedFinish?: string;
  readonly basis: { readonly calls: number; readonly answerRate: number; readonly attemptMs: number; readonly assumed: boolean };
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(0)}%`;
const listed = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ') || '-';

export function campaignList(campaigns: readonly LiveCampaign[]): string {
  return table(['id', 'name', 'state', 'round', 'revision'], campaigns.map(({ id, name, state, round, revision }) => [id, name, state, String(round), String(revision)]));
}

/** `perMinute`: dials of the last minute that was watched; undefined where nobody watched. */
export function campaignProgress({ name, state, round, progress }: LiveCampaign, perMinute?: number): string {
  if (progress === undefined) return `${name}: ${state}`;
  const { tasks } = progress;
  const all = Object.values(tasks).reduce((sum, count) => sum + count, 0);
  const over = ['done', 'cancelled', 'expired', 'unknown'].reduce((sum, state) => sum + (tasks[state] ?? 0), progress.refused);
  const rows: (readonly [string, string])[] = [
    ['campaign', `${name}: ${state}, round ${round}${progress.filling ? ', filling' : ''}`],
    ['tasks', `${over} of ${all} over; ${listed(tasks)}`],
    ['dialled', `${progress.attempts}${perMinute === undefined ? '' : `, ${perMinute} in the last minute`}`],
    ['answered', `${progress.answered}${progress.answerRate === undefined ? '' : ` (${percent(progress.answerRate)})`}`],
    ['ended as', listed(progress.dispositions)],
    ['verdicts', listed(progress.verdicts)],
    ...(Object.keys(progress.blocked).length === 0 ? [] : [['kept back', listed(progress.blocked)] as const]),
    ...(progress.skipped === 0 ? [] : [['skipped', `${progress.skipped} contacts lack something`] as const]),
    ...(progress.meanAttemptMs === undefined ? [] : [['mean dial', `${(progress.meanAttemptMs / 1_000).toFixed(1)} s`] as const]),
    ['expected', progress.expectedFinish ?? '-'],
  ];
  return rows.map(([title, text]) => `${title.padEnd(10)}  ${text}`).join('\n');
}

export function previewText(preview: CampaignPreview): string {
  const { members, judged, sampled, callable, blocked, over, skipped, categories, basis, expectedFinish } = preview;
  const missing = Object.entries(skipped.variables).map(([name, count]) => `${count} have no value for variable ${name}`);
  const lines = [
    `${members} contacts in the audience${sampled ? `; counts below are of a sample of ${judged}` : ''}`,
    `${callable} would be called now${judged === 0 ? '' : ` (${percent(callable / judged)})`}`,
    ...Object.entries(blocked).map(([rule, count]) => `${count} kept back by the rule ${rule}`),
    ...(over === 0 ? [] : [`${over} are over in this round`]),
    ...(skipped.noNumber === 0 ? [] : [`${skipped.noNumber} have no number`]),
    ...missing,
    ...(Object.keys(categories).length === 0 ? [] : [`categories: ${listed(categories)}`]),
    `expected finish: ${expectedFinish ?? 'cannot be said'} (${basis.calls} calls at once, ${percent(basis.answerRate)} answered, ${(basis.attemptMs / 1_000).toFixed(0)} s a dial${basis.assumed ? '; assumed, as none was made yet' : ''})`,
  ];
  return lines.join('\n');
}
