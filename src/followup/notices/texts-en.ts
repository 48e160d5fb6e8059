import { moment, oneLine, percent } from './notice.js';
import type { NoticeCounts, CampaignNotice, NoticeKind, NoticeTexts, TroubleReason } from './notice.js';

const HEADS: Readonly<Record<NoticeKind, string>> = {
  created: 'was created',
  started: 'has started',
  paused: 'is paused',
  resumed: 'goes on',
  stalled: 'makes no progress',
  trouble: 'is in trouble',
  finished: 'is finished',
  stopped: 'was stopped',
};

const REASONS: Readonly<Record<TroubleReason, string>> = {
  failure_burst: 'Most of its last calls have failed. Look at the reasons of the last results and at the state of the trunks.',
  no_trunk: 'No trunk takes its calls: those that may carry them are down.',
  no_capacity: 'Nothing is free to serve its calls: media ports, speech workers for their language, or persons are taken or down.',
  filling: 'Its audience could not be turned into tasks; it is tried again.',
  stalled: 'Tasks are due, and for ten minutes none was dialled.',
  other: 'The log says more.',
};

const VERDICTS: Readonly<Record<string, string>> = { end: 'ended', redial_at: 'to be called again', follow_up: 'to be followed up', handoff: 'handed to a person', continue: 'left open' };

export const english: NoticeTexts = {
  campaign(notice) {
    const name = oneLine(notice.campaign.name);
    const lines = [
      `Campaign "${name}" ${HEADS[notice.kind]} (${moment(notice.at, notice.timeZone, 'en-GB')}, ${notice.timeZone}).`,
      ...reasonLines(notice),
      '',
      ...countLines(notice.counts),
      ...(notice.url === undefined ? [] : ['', notice.url]),
      '',
      'You get this mail because you are in the team that owns the campaign.',
    ];
    return { subject: `Campaign "${name}" ${HEADS[notice.kind]}`, text: `${lines.join('\n')}\n` };
  },
  digest({ day, timeZone, campaigns }) {
    const lines = campaigns.flatMap(({ name, state, counts, attemptsThatDay, answeredThatDay, url }) => [
      `${oneLine(name)} (${state})`,
      `  that day: ${attemptsThatDay} calls, ${answeredThatDay} answered by a person (${percent(answeredThatDay, attemptsThatDay, 'en')})`,
      ...countLines(counts).map((line) => `  ${line}`),
      ...(url === undefined ? [] : [`  ${url}`]),
      '',
    ]);
    return { subject: `Calls of ${day}`, text: `What your team's campaigns did on ${day} (${timeZone}):\n\n${lines.join('\n')}` };
  },
};

function reasonLines(notice: CampaignNotice): string[] {
  if (notice.reason === undefined) return [];
  return ['', REASONS[notice.reason], ...(notice.detail === undefined ? [] : [`Detail: ${oneLine(notice.detail)}`])];
}

function countLines(counts: NoticeCounts): string[] {
  const verdicts = Object.entries(counts.verdicts).filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${VERDICTS[kind] ?? kind}`);
  return [
    `Tasks: ${counts.tasks}, of them ${counts.done} done${counts.refused > 0 ? ` (${counts.refused} refused by rules)` : ''}, ${counts.open} open${counts.held > 0 ? ` (${counts.held} held back by rules for now)` : ''}.`,
    `Answered by a person: ${counts.answered} (${percent(counts.answered, counts.done, 'en')} of those done).`,
    ...(verdicts.length === 0 ? [] : [`Verdicts: ${verdicts.join(', ')}.`]),
  ];
}
