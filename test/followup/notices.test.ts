import t from 'tap';
import { troubleReasons } from '../../src/followup/notices/notice.js';
import type { CampaignNotice, NoticeKind } from '../../src/followup/notices/notice.js';
import { english } from '../../src/followup/notices/texts-en.js';
import { chinese } from '../../src/followup/notices/texts-zh.js';

const KINDS: NoticeKind[] = ['created', 'started', 'paused', 'resumed', 'stalled', 'trouble', 'finished', 'stopped'];
const REASONS = troubleReasons;

const notice: CampaignNotice = {
  kind: 'finished',
  campaign: { id: 'camp_1', name: 'Spring 春季' },
  at: Date.UTC(2026, 2, 1, 8),
  timeZone: 'Asia/Shanghai',
  counts: { tasks: 1200, open: 20, held: 7, done: 1180, refused: 30, answered: 590, verdicts: { follow_up: 12, handoff: 3, redial_at: 0 } },
  reason: undefined,
  detail: undefined,
  url: 'https://calls.example.com/campaigns/camp_1',
};

t.test('a mail says what happened, in numbers, in both languages', (t) => {
  const en = english.campaign(notice);
  t.equal(en.subject, 'Campaign "Spring 春季" is finished');
  t.match(en.text, /Tasks: 1200, of them 1180 done \(30 refused by rules\), 20 open \(7 held back by rules for now\)\./);
  t.match(en.text, /Answered by a person: 590 \(50% of those done\)\./);
  t.match(en.text, /Verdicts: 12 to be followed up, 3 handed to a person\./);
  t.match(en.text, /1 Mar 2026, 16:00, Asia\/Shanghai/);
  t.match(en.text, notice.url);
  const zh = chinese.campaign(notice);
  t.equal(zh.subject, '外呼活动“Spring 春季”已完成');
  t.match(zh.text, /任务共 1200 个：已完成 1180（其中 30 个被规则拒绝），未完成 20（其中 7 个被规则暂缓）。/);
  t.match(zh.text, /真人接听 590 个（占已完成的 50%）。/);
  t.match(zh.text, /结论：需后续跟进 12，已转人工 3。/);
  t.end();
});

t.test('each kind and each reason has words of its own', (t) => {
  for (const texts of [english, chinese]) {
    t.equal(new Set(KINDS.map((kind) => texts.campaign({ ...notice, kind }).subject)).size, KINDS.length);
    const bodies = REASONS.map((reason) => texts.campaign({ ...notice, kind: 'trouble', reason }).text);
    t.equal(new Set(bodies).size, REASONS.length);
    for (const text of bodies) t.notMatch(text, /undefined|null|NaN|\{/);
  }
  t.end();
});

t.test('a name is no header and no line', (t) => {
  for (const texts of [english, chinese]) {
    const { subject, text } = texts.campaign({ ...notice, campaign: { id: 'x', name: `a\r\nBcc: b@c.example\u2028d${'x'.repeat(500)}` }, detail: 'one\ntwo' });
    t.notMatch(subject, /[\r\n\u2028]/);
    t.ok(subject.length < 160);
    t.notMatch(text, /^Bcc/m);
  }
  t.end();
});

t.test('the digest of a day', (t) => {
  const digest = { day: '2026-11-28', timeZone: 'Europe/London', campaigns: [{ name: 'Spring', state: 'running', counts: notice.counts, attemptsThatDay: 400, answeredThatDay: 100, url: undefined }, { name: 'Idle', state: 'paused', counts: { ...notice.counts, done: 0, answered: 0 }, attemptsThatDay: 0, answeredThatDay: 0, url: undefined }] };
  t.match(english.digest(digest), { subject: 'Calls of 2026-11-28', text: /that day: 400 calls, 100 answered by a person \(25%\)[^]*that day: 0 calls, 0 answered by a person \(-\)/ });
  t.match(chinese.digest(digest), { subject: '2026-11-28 外呼日报', text: /Spring（进行中）[^]*Idle（已暂停）/ });
  t.end();
});
