import t from 'tap';
import { judge } from './judge.js';
import type { Callee, Evidence } from './judge.js';
import { readLedger } from '../support/phone-network.js';

/** A Monday, 15:00 in New York, by the network's clock, which the servers share. */
const NOON = Date.parse('2026-06-01T19:00:00Z');
const HOUR_MS = 3_600_000;

const callee = (number: string, changes: Partial<Callee> = {}): Callee => ({ number, budget: 1, consents: true, hours: { zones: ['America/New_York'], from: '11:30', to: '17:30' }, ...changes });
const invite = (callId: string, changes: Partial<Evidence['ledger'][number]> = {}): Evidence['ledger'][number] => ({ callId, branch: `z9hG4bK${callId}`, number: '1', atMs: NOON, ...changes });

/** Two tasks that went as they should: one called, one cancelled. */
const good: Evidence = {
  callees: [callee('1'), callee('2')],
  tasks: [{ id: 'task_1', number: '1', state: 'done' }, { id: 'task_2', number: '2', state: 'cancelled' }],
  attempts: [{ id: 'att_1', taskId: 'task_1', sipCallId: 'att_1@h', number: 1 }],
  results: [{ id: 'res_1', taskId: 'task_1', attemptId: 'att_1', disposition: 'busy' }, { id: 'res_2', taskId: 'task_2', attemptId: undefined, disposition: 'cancelled' }],
  ledger: [invite('att_1@h')],
  cancelled: ['task_2'],
  suppressed: [],
  capADay: 3,
  clock: [{ atMs: 0, offsetMs: 0 }],
  deliveries: [{ resultId: 'res_2', state: 'retry_wait', tries: 3 }],
  // The first came twice.
  told: [{ webhookId: 'evt_1', taskId: 'task_1', resultId: 'res_1' }, { webhookId: 'evt_2', taskId: 'task_2', resultId: 'res_2' }, { webhookId: 'evt_1', taskId: 'task_1', resultId: 'res_1' }],
};

const verdict = (changes: Partial<Evidence>) => {
  const { duplicates, lost, ruleViolations } = judge({ ...good, ...changes });
  return [duplicates, lost, ruleViolations];
};

t.test('the judge can find what it is there to find', async (t) => {
  t.same(verdict({}), [0, 0, 0]);
  t.same(verdict({ ledger: [...good.ledger, invite('att_1@h', { branch: 'z9hG4bKb' })] }), [1, 0, 0], 'a second INVITE of the same attempt');
  t.same(verdict({ ledger: [...good.ledger, invite('other@h')] }), [1, 0, 0], 'an INVITE without an intent');
  t.same(verdict({ ledger: [invite('att_1@h', { number: '2' })] }), [1, 0, 0], 'an INVITE to somebody else than the task is about');
  const twice = { attempts: [...good.attempts, { id: 'att_2', taskId: 'task_1', sipCallId: 'att_2@h', number: 2 }] };
  t.same(verdict(twice), [2, 0, 0], 'over the budget, and after the result');
  t.same(verdict({ ...twice, callees: [callee('1', { budget: 2 }), callee('2')] }), [1, 0, 0], 'after the result');
  t.same(verdict({ ...twice, callees: [callee('1', { budget: 2 }), callee('2')], results: [{ ...good.results[0]!, attemptId: 'att_2' }, good.results[1]!] }), [0, 0, 0], 'a second dial within the budget');
  t.same(verdict({ tasks: [...good.tasks, { id: 'task_3', number: '1', state: 'done' }] }), [1, 1, 0], 'a task made twice, and without a result');
  t.same(verdict({ results: good.results.slice(1) }), [0, 1, 0], 'no result');
  t.same(verdict({ results: [...good.results, { id: 'res_1', taskId: 'task_1', attemptId: 'att_1', disposition: 'busy' }] }), [1, 0, 0], 'two results');
  t.same(verdict({ callees: [...good.callees, callee('3')] }), [0, 1, 0], 'a post that was lost');
  t.same(verdict({ tasks: [{ id: 'task_1', number: '1', state: 'dialing' }, good.tasks[1]!] }), [0, 1, 0], 'a task that never ends');
  t.same(verdict({ cancelled: ['task_1', 'task_2'] }), [0, 0, 1], 'dialled although cancelled');
  t.same(verdict({ told: good.told.slice(1) }), [0, 0, 0], 'told once');
  t.same(verdict({ told: good.told.slice(0, 1) }), [0, 1, 0], 'a result that no webhook told of');
  t.same(judge({ ...good, told: good.told.slice(0, 1) }).findings, ['the receiver was never told of a result, retry_wait after 3 tries: res_2']);
  t.same(verdict({ told: [...good.told, { webhookId: 'evt_3', taskId: 'task_1', resultId: 'res_1' }] }), [1, 0, 0], 'two webhooks for one end');
});

t.test('calls that a rule should have kept back', async (t) => {
  const found = (changes: Partial<Evidence>): readonly string[] => judge({ ...good, ...changes }).findings.map((finding) => finding.split(':')[0] ?? '');
  const at = (time: string, changes: Partial<Evidence> = {}): Partial<Evidence> => ({ ledger: [invite('att_1@h', { atMs: Date.parse(time) })], ...changes });
  t.same(found({ suppressed: [{ number: '1', atMs: NOON - 60_000 }] }), ['a suppressed number was called']);
  t.same(found({ suppressed: [{ number: '1', atMs: NOON - 1_000 }] }), [], 'the intent may be older than the suppression');
  t.same(found({ callees: [callee('1', { consents: false }), callee('2')] }), ['called without consent']);
  t.same(found({ callees: [callee('2')], tasks: good.tasks.slice(1), attempts: [], results: good.results.slice(1), told: good.told.slice(1, 2) }), ['INVITE without an attempt of its own', 'nobody asked for a call to this number']);

  const outside = 'called outside of allowed hours';
  t.same(found(at('2026-06-01T15:29:00Z')), [outside], '11:29');
  t.same(found(at('2026-06-01T15:31:00Z')), []);
  t.same(found(at('2026-06-01T21:30:30Z')), [outside], '17:30');
  t.same(found(at('2026-06-01T21:30:05Z')), [], 'the intent may be from 17:29');
  t.same(found(at('2026-06-01T18:00:00Z', { callees: [callee('1', { hours: { zones: ['America/New_York', 'America/Los_Angeles'], from: '11:30', to: '17:30' } }), callee('2')] })), [outside], '14:00 in New York, and 11:00 in Los Angeles');
  const jumped = [...good.clock, { atMs: Date.parse('2026-06-01T15:00:00Z'), offsetMs: HOUR_MS }];
  t.same(found(at('2026-06-01T15:10:00Z', { clock: jumped })), [], 'the servers think that it is 12:10');
  t.same(found(at('2026-06-01T21:00:00Z', { clock: jumped })), [outside]);
  t.same(found(at('2026-06-01T15:00:05Z', { clock: jumped })), [], 'one of the two clocks allows it');

  const busy = (days: number[]): Partial<Evidence> => ({
    callees: [callee('1', { budget: 9 }), callee('2')],
    attempts: days.map((_, index) => ({ id: `att_${index}`, taskId: 'task_1', sipCallId: `att_${index}@h`, number: index + 1 })),
    ledger: days.map((day, index) => invite(`att_${index}@h`, { atMs: NOON + day * 24 * HOUR_MS })),
    results: [{ ...good.results[0]!, attemptId: `att_${days.length - 1}` }, good.results[1]!],
  });
  t.same(found(busy([0, 0, 0])), []);
  t.same(found(busy([0, 0, 0, 0])), ['called more often in a day than the cap']);
  t.same(found(busy([0, 0, 0, 1])), []);
});

t.test('a repeated INVITE is one INVITE', async (t) => {
  t.same(readLedger('INVITE a@h z9hG4bK1 123 2026-11-29\t05:38:56.5\t12.5\nINVITE a@h z9hG4bK1 123 2026-11-29\t05:38:57\t13.0\nINVITE a@h z9hG4bK2 123 2026-11-29\t05:38:57\t13.25\nhalf a li'), [
    { callId: 'a@h', branch: 'z9hG4bK1', number: '123', atMs: 12_500 },
    { callId: 'a@h', branch: 'z9hG4bK2', number: '123', atMs: 13_250 },
  ]);
});
