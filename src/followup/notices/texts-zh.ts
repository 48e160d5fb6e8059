import { moment, oneLine, percent } from './notice.js';
import type { NoticeCounts, CampaignNotice, NoticeKind, NoticeTexts, TroubleReason } from './notice.js';

const HEADS: Readonly<Record<NoticeKind, string>> = {
  created: '已创建',
  started: '已启动',
  paused: '已暂停',
  resumed: '已恢复',
  stalled: '没有进展',
  trouble: '出现异常',
  finished: '已完成',
  stopped: '已停止',
};

const REASONS: Readonly<Record<TroubleReason, string>> = {
  failure_burst: '最近的呼叫大多失败。请查看最近结果中的原因以及中继的状态。',
  no_trunk: '没有中继可用：可承载其呼叫的中继均已故障。',
  no_capacity: '没有空闲资源：媒体端口、对应语言的语音识别与合成或人工坐席已占满或故障。',
  filling: '无法从受众生成任务，系统会自动重试。',
  stalled: '有任务到期，但十分钟内没有拨出任何呼叫。',
  other: '详情请查看日志。',
};

const VERDICTS: Readonly<Record<string, string>> = { end: '已结束', redial_at: '需再次拨打', follow_up: '需后续跟进', handoff: '已转人工', continue: '未决' };
const STATES: Readonly<Record<string, string>> = { draft: '草稿', running: '进行中', paused: '已暂停', finished: '已完成', stopped: '已停止' };

export const chinese: NoticeTexts = {
  campaign(notice) {
    const name = oneLine(notice.campaign.name);
    const lines = [
      `外呼活动“${name}”${HEADS[notice.kind]}（${moment(notice.at, notice.timeZone, 'zh-CN')}，${notice.timeZone}）。`,
      ...reasonLines(notice),
      '',
      ...countLines(notice.counts),
      ...(notice.url === undefined ? [] : ['', notice.url]),
      '',
      '您收到此邮件，是因为您所在的团队负责该活动。',
    ];
    return { subject: `外呼活动“${name}”${HEADS[notice.kind]}`, text: `${lines.join('\n')}\n` };
  },
  digest({ day, timeZone, campaigns }) {
    const lines = campaigns.flatMap(({ name, state, counts, attemptsThatDay, answeredThatDay, url }) => [
      `${oneLine(name)}（${STATES[state] ?? state}）`,
      `  当日：呼叫 ${attemptsThatDay} 次，真人接听 ${answeredThatDay} 次（${percent(answeredThatDay, attemptsThatDay, 'zh')}）`,
      ...countLines(counts).map((line) => `  ${line}`),
      ...(url === undefined ? [] : [`  ${url}`]),
      '',
    ]);
    return { subject: `${day} 外呼日报`, text: `贵团队各外呼活动 ${day}（${timeZone}）的情况：\n\n${lines.join('\n')}` };
  },
};

function reasonLines(notice: CampaignNotice): string[] {
  if (notice.reason === undefined) return [];
  return ['', REASONS[notice.reason], ...(notice.detail === undefined ? [] : [`详情：${oneLine(notice.detail)}`])];
}

function countLines(counts: NoticeCounts): string[] {
  const verdicts = Object.entries(counts.verdicts).filter(([, count]) => count > 0).map(([kind, count]) => `${VERDICTS[kind] ?? kind} ${count}`);
  return [
    `任务共 ${counts.tasks} 个：已完成 ${counts.done}${counts.refused > 0 ? `（其中 ${counts.refused} 个被规则拒绝）` : ''}，未完成 ${counts.open}${counts.held > 0 ? `（其中 ${counts.held} 个被规则暂缓）` : ''}。`,
    `真人接听 ${counts.answered} 个（占已完成的 ${percent(counts.answered, counts.done, 'zh')}）。`,
    ...(verdicts.length === 0 ? [] : [`结论：${verdicts.join('，')}。`]),
  ];
}
