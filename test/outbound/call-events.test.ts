import t from 'tap';
import type { LiveCall } from '../../src/call/call-service.js';
import { silentLogger } from '../../src/kernel/log.js';
import { recordCallEvents } from '../../src/outbound/call-events.js';
import { createEventLog } from '../../src/outbound/event-log.js';
import type { CallResult, StoredEvent } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { FakeCallService } from './fake-calls.js';

t.test('what calls tell is written in order', async (t) => {
  const written: [string, unknown][] = [];
  let told = 0;
  const watchers = new Set<(change: 'events' | 'tasks') => void>();
  const events = createEventLog(
    { watch: (watcher) => (watchers.add(watcher), () => void watchers.delete(watcher)), appendEvent: (type, data) => {
      written.push([type, data]);
      for (const watcher of watchers) watcher('events');
      return Promise.resolve({ cursor: written.length, id: 'evt', type, at: 0, data } satisfies StoredEvent);
    } },
    silentLogger,
  );
  const unsubscribe = events.subscribe(() => told++);
  const calls = new FakeCallService(new ManualClock());
  recordCallEvents(calls, events);
  const call: LiveCall = { id: 'call_1', direction: 'inbound', taskId: undefined, attemptId: undefined, flow: 'greeting', state: 'in_call', startedAt: 0, answeredAt: 1000, node: 'a', transcript: [] };
  const line = { speaker: 'caller', text: 'yes', atMs: 5 } as const;
  const emit = calls.listeners[0]!;
  emit({ type: 'call.started', call: { ...call, answeredAt: undefined } });
  emit({ type: 'call.transcript', call, line, decision: 'yes', replyMs: undefined });
  emit({ type: 'call.ended', call, result: { id: 'res_1', disposition: 'answered_human', endedBy: 'caller', verdict: { kind: 'continue' } } as CallResult });
  await new Promise(setImmediate);
  const summary = { id: 'call_1', direction: 'inbound', flow: 'greeting', state: 'in_call', startedAt: '1970-01-01T00:00:00.000Z' };
  t.same(written, [
    ['call.started', { call: summary }],
    ['call.transcript', { callId: 'call_1', line, decision: 'yes' }],
    ['call.ended', { call: { ...summary, answeredAt: '1970-01-01T00:00:01.000Z' }, resultId: 'res_1', disposition: 'answered_human', endedBy: 'caller', verdict: { kind: 'continue' } }],
  ]);
  t.equal(told, 3);
  for (const watcher of watchers) watcher('tasks');
  t.equal(told, 3, 'of news of events alone');
  unsubscribe();
  await events.append('flow.saved', { flow: 'a', version: 1 });
  t.equal(told, 3);
});

t.test('an event that cannot be saved holds nothing up', async (t) => {
  const events = createEventLog({ appendEvent: () => Promise.reject(new Error('disk')), watch: () => () => undefined }, silentLogger);
  events.subscribe(() => t.fail('nothing was appended'));
  await events.append('flow.saved', { flow: 'a', version: 1 });
  t.pass('resolved');
});
