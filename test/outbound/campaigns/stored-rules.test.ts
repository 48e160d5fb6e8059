import t from 'tap';
import { campaignRules } from '../../../src/outbound/campaigns/stored-rules.js';
import type { HolidayBook } from '../../../src/outbound/rules/holidays.js';
import { createDialJudge } from '../../../src/outbound/rules/judge-dial.js';
import type { CalleePast } from '../../../src/store/rules.js';
import { newTask } from '../../contract/store.js';
import { ManualClock } from '../../support/manual-clock.js';
import { ruleSettings } from '../rules/facts.js';
import { campaign, contact } from './campaigns.js';

/** Knows a calendar once it was asked for it. */
class SlowBook implements HolidayBook {
  readonly known = new Map<string, readonly string[]>();

  constructor(readonly days: Readonly<Record<string, readonly string[]>> = {}) {}

  isHoliday = (place: string, day: string): boolean | undefined => this.known.get(place)?.includes(day);

  load = async (places: readonly string[]): Promise<void> => places.forEach((place) => this.known.set(place, this.days[place] ?? []));
}

// Tuesday, 10:00 in Los Angeles.
const clock = new ManualClock(Date.UTC(2026, 11, 1, 18));
const hours = { tue: [{ from: '00:00', to: '24:00' }] };
const running = campaign({ hours, hoursIn: 'callee', holidays: ['callee', 'GB'], purpose: 'service' });
const somebody = { task: newTask({ to: '+13105550101', purpose: 'service', timeZones: ['America/Los_Angeles'], campaignId: running.id }), contact: contact({ numbers: [{ number: '+13105550101', kind: 'fixed_or_mobile', country: 'US', label: undefined }], timeZones: ['America/Los_Angeles'], address: { country: 'US', region: 'CA' } }) };

function rulesWith(holidays: HolidayBook) {
  const settings = ruleSettings();
  return campaignRules({ settings, holidays, judge: createDialJudge(settings, holidays), clock });
}

t.test('a preview waits for every calendar that the rules look into, and then says what they will say', async (t) => {
  const book = new SlowBook();
  t.match(await rulesWith(book).judge([somebody], running), [{ allowed: true }]);
  t.ok(book.known.has('US-CA'), 'that of the state, too');
  t.ok(book.known.has('GB'), 'and those that the campaign names');
  t.match(await rulesWith(new SlowBook({ 'US-CA': ['2026-12-01'] })).judge([somebody], running), [{ allowed: false, rule: 'holiday' }]);
});

t.test('what is on record of the number and the campaign counts ahead, too', async (t) => {
  const book = new SlowBook();
  const settings = ruleSettings({ cost_per_minute: 1 });
  const suppressed = { id: 'sup_1', number: '+13105550101', contactId: undefined, scope: 'all', source: 'api', reason: undefined, evidence: undefined, expiresAt: undefined, createdAt: 0 };
  const nothing: CalleePast = { suppressions: [], history: { attemptsAt: [], inCall: false, lastAbandonedAt: undefined, lastRefusedAt: undefined } };
  const rulesFor = (past: Partial<CalleePast>, talkedMs = 0) =>
    campaignRules({ settings, holidays: book, judge: createDialJudge(settings, book), store: { pastOf: async (callees) => callees.map(() => ({ ...nothing, ...past })), campaignTalk: async () => talkedMs }, clock });
  const rules = rulesFor({ suppressions: [suppressed] });
  t.match(await rules.judge([somebody], running), [{ allowed: false, rule: 'suppression' }]);
  t.match(await rulesFor({ suppressions: [{ ...suppressed, scope: 'camp_other' }] }).judge([somebody], running), [{ allowed: true }], 'of this campaign or all');
  t.match(await rulesFor({ history: { ...nothing.history, attemptsAt: [1, 2, 3].map((hours) => clock.now() - hours * 60_000) } }).judge([somebody], running), [{ allowed: false, rule: 'attempts_number_day' }]);
  t.match(await rulesFor({ history: { ...nothing.history, lastRefusedAt: clock.now() - 60_000 } }).judge([somebody], running), [{ allowed: false, rule: 'quiet_time' }]);
  const capped = { ...running, spendCap: 10 };
  t.match(await rulesFor({}, 9 * 60_000).judge([somebody], capped), [{ allowed: true }]);
  t.match(await rulesFor({}, 10 * 60_000).judge([somebody], capped), [{ allowed: false, rule: 'spend_cap' }]);
  t.match(await rulesFor({}).judge([{ ...somebody, soFar: { attempts: 3, notBefore: 0 } }], running), [{ allowed: false, rule: 'attempts_task' }], 'its dials so far');
  t.match(await rulesFor({}).judge([{ ...somebody, soFar: { attempts: 1, notBefore: clock.now() + 5 } }], running), [{ allowed: false, rule: 'task_window', until: clock.now() + 5 }], 'and the wait for its next one');
  const window = { from: clock.now(), to: undefined };
  t.equal(rules.everOpen(running, hours, window, 'hours'), true);
  t.equal(rules.everOpen(running, {}, window, 'hours'), false);
  t.equal(rules.everOpen(running, { tue: [{ from: '02:00', to: '03:00' }] }, window, 'hours'), false, 'never inside what the law allows');
});
