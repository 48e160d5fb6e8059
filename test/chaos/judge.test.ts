import t from 'tap';
import { judge } from './judge.js';
import type { Evidence } from './judge.js';
import { readLedger } from '../support/phone-network.js';

/** Two tasks that went as they should: one called, one cancelled. */
const good: Evidence = {
  wanted: ['1', '2'],
  tasks: [{ id: 'task_1', number: '1', state: 'done' }, { id: 'task_2', number: '2', state: 'cancelled' }],
  attempts: [{ id: 'att_1', taskId: 'task_1', sipCallId: 'att_1@h', number: 1 }],
  results: [{ id: 'res_1', taskId: 'task_1', attemptId: 'att_1', disposition: 'busy' }, { id: 'res_2', taskId: 'task_2', attemptId: undefined, disposition: 'cancelled' }],
  ledger: [{ callId: 'att_1@h', branch: 'z9hG4bKa', number: '1', atMs: 1 }],
  cancelled: ['task_2'],
  maxAttempts: 1,
  suppressed: [],
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
  t.same(verdict({ ledger: [...good.ledger, { callId: 'att_1@h', branch: 'z9hG4bKb', number: '1', atMs: 2 }] }), [1, 0, 0], 'a second INVITE of the same attempt');
  t.same(verdict({ ledger: [...good.ledger, { callId: 'other@h', branch: 'z9hG4bKb', number: '1', atMs: 2 }] }), [1, 0, 0], 'an INVITE without an intent');
  t.same(verdict({ attempts: [...good.attempts, { id: 'att_2', taskId: 'task_1', sipCallId: 'att_2@h', number: 2 }] }), [2, 0, 0], 'over the budget, and after the result');
  t.same(verdict({ maxAttempts: 2, attempts: [...good.attempts, { id: 'att_2', taskId: 'task_1', sipCallId: 'att_2@h', number: 2 }] }), [1, 0, 0], 'after the result');
  t.same(verdict({ tasks: [...good.tasks, { id: 'task_3', number: '1', state: 'done' }] }), [1, 1, 0], 'a task made twice, and without a result');
  t.same(verdict({ results: good.results.slice(1) }), [0, 1, 0], 'no result');
  t.same(verdict({ results: [...good.results, { id: 'res_1', taskId: 'task_1', attemptId: 'att_1', disposition: 'busy' }] }), [1, 0, 0], 'two results');
  t.same(verdict({ wanted: [...good.wanted, '3'] }), [0, 1, 0], 'a post that was lost');
  t.same(verdict({ tasks: [{ id: 'task_1', number: '1', state: 'dialing' }, good.tasks[1]!] }), [0, 1, 0], 'a task that never ends');
  t.same(verdict({ cancelled: ['task_1', 'task_2'] }), [0, 0, 1], 'dialled although cancelled');
  t.same(verdict({ suppressed: ['1'] }), [0, 0, 1], 'a suppressed number');
  t.same(verdict({ told: good.told.slice(1) }), [0, 0, 0], 'told once');
  t.same(verdict({ told: good.told.slice(0, 1) }), [0, 1, 0], 'a result that no webhook told of');
  t.same(judge({ ...good, told: good.told.slice(0, 1) }).findings, ['the receiver was never told of a result, retry_wait after 3 tries: res_2']);
  t.same(verdict({ told: [...good.told, { webhookId: 'evt_3', taskId: 'task_1', resultId: 'res_1' }] }), [1, 0, 0], 'two webhooks for one end');
});

t.test('a repeated INVITE is one INVITE', async (t) => {
  t.same(readLedger('INVITE a@h z9hG4bK1 123 2026-11-29\t05:38:56.5\t12.5\nINVITE a@h z9hG4bK1 123 2026-11-29\t05:38:57\t13.0\nINVITE a@h z9hG4bK2 123 2026-11-29\t05:38:57\t13.25\nhalf a li'), [
    { callId: 'a@h', branch: 'z9hG4bK1', number: '123', atMs: 12_500 },
    { callId: 'a@h', branch: 'z9hG4bK2', number: '123', atMs: 13_250 },
  ]);
});
