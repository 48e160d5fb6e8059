import t from 'tap';
import type { TraceDesk } from '../../src/api/deps.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import type { CallResult } from '../../src/store/store.js';
import { startApi } from './harness.js';

const TRACE = { callId: 'call_1', sipCallIds: ['a@x'], live: false, startedAt: '2026-01-01T00:00:00.000Z', leftOut: 0, rtpPackets: 0, lines: [] };

function desk(kept: readonly string[]): { desk: TraceDesk; captured: string[] } {
  const captured: string[] = [];
  return {
    captured,
    desk: {
      find: (id) => (kept.includes(id) ? { callId: 'call_1', json: () => TRACE, text: () => 'ladder\n', pcap: () => Buffer.from([0xd4, 0xc3, 0xb2, 0xa1]) } : undefined),
      capture(id) {
        if (id !== 'call_1') throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'live call' } });
        captured.push(id);
      },
    },
  };
}

const RESULT: CallResult = {
  id: 'res_1', taskId: undefined, callId: 'call_1', sipCallId: 'a@x', attemptId: undefined, direction: 'inbound', flow: 'f', flowVersion: 1, disposition: 'answered_human', sipStatus: 200, reason: 'x', endedBy: 'bot',
  verdict: { kind: 'end', reason: 'x' }, slots: {}, transcript: [], turns: [], recording: undefined, media: undefined, models: {}, startedAt: 1, answeredAt: 2, endedAt: 3,
};

t.test('three forms, found by every id, and each reading is an event', async (t) => {
  const api = await startApi(t, { traces: desk(['call_1', 'a@x/ü']).desk });
  await api.store.saveInboundResult(RESULT);
  const headers = await api.key('calls:read');
  const get = (id: string, format?: string) => api.app.inject({ url: `/v1/calls/${encodeURIComponent(id)}/trace${format === undefined ? '' : `?format=${format}`}`, headers });
  for (const id of ['call_1', 'res_1', 'a@x', 'a@x/ü']) t.same((await get(id)).json(), TRACE, id);
  const text = await get('call_1', 'text');
  t.match(text.headers['content-type'], /^text\/plain/);
  t.equal(text.body, 'ladder\n');
  const pcap = await get('res_1', 'pcap');
  t.match(pcap.headers, { 'content-type': 'application/vnd.tcpdump.pcap', 'content-disposition': 'attachment; filename="call_1.pcap"' });
  t.same([...pcap.rawPayload], [0xd4, 0xc3, 0xb2, 0xa1]);
  t.equal((await get('call_1', 'xml')).statusCode, 400);
  const events = await api.store.readEvents(0, 100);
  const reads = events.filter(({ type }) => type === 'trace.read');
  t.equal(reads.length, 6);
  t.match(reads.at(-1)?.data, { callId: 'call_1', keyId: /^key_/, format: 'pcap' });
});

t.test('a call that there was is told from one that never was', async (t) => {
  const api = await startApi(t, { traces: desk([]).desk });
  await api.store.saveInboundResult(RESULT);
  const headers = await api.key('calls:read');
  const gone = await api.app.inject({ url: '/v1/calls/res_1/trace', headers });
  t.equal(gone.statusCode, 404);
  t.match(gone.json(), { error: { code: 'TRK_TRACE_GONE', docs: 'docs/errors.md#trk_trace_gone' } });
  t.match((await api.app.inject({ url: '/v1/calls/res_2/trace', headers })).json(), { error: { code: 'TRK_NOT_FOUND' } });
  t.equal((await api.store.readEvents(0, 100)).length, 0, 'nothing was read');
});

t.test('who may look, and who may capture', async (t) => {
  const { desk: traces, captured } = desk(['call_1']);
  const api = await startApi(t, { traces });
  t.equal((await api.app.inject({ url: '/v1/calls/call_1/trace', headers: await api.key('results:read', 'events:read') })).statusCode, 403);
  const capture = async (id: string, scope: 'calls:read' | 'calls:write') => (await api.app.inject({ method: 'POST', url: `/v1/calls/${id}:capture`, headers: await api.key(scope) })).statusCode;
  t.equal(await capture('call_1', 'calls:read'), 403);
  t.equal(await capture('call_2', 'calls:write'), 404);
  t.equal(await capture('call_1', 'calls:write'), 202);
  t.same(captured, ['call_1']);
});
