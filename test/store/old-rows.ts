import { parseTrunk } from '../../src/config/trunks.js';
import { settings } from '../outbound/campaigns/campaigns.js';

export type OldRow = Readonly<Record<string, string | number | null>>;

const RESULT = {
  id: 'res_1', taskId: 'task_done', attemptId: 'att_1', callId: 'call_1', direction: 'outbound', flow: 'greeting', flowVersion: 1, disposition: 'busy', reason: 'Busy Here', endedBy: 'caller',
  verdict: { kind: 'end', reason: 'busy' }, slots: { interested: true }, transcript: [{ speaker: 'caller', text: 'é 1.50', atMs: 7 }], turns: [], models: {}, startedAt: 2, endedAt: 3,
};

/**
 * A few rows of every table that there was at `version`, with the columns that it had
 * then. Whoever adds a table or a column that may not be empty adds it here.
 */
export function oldRows(version: number, now: number): readonly (readonly [table: string, row: OldRow])[] {
  const since = (first: number, columns: OldRow): OldRow => (version >= first ? columns : {});
  const task = (id: string, state: string, more: OldRow = {}): readonly [string, OldRow] => [
    'tasks',
    {
      id, destination: '+14155550100', caller: null, flow: 'greeting', flow_version: 1, priority: 50, variables: '{"name":"Zoë"}', metadata: '{"order":"7"}',
      not_before: 0, expires_at: null, state, created_at: now, updated_at: now, ...more,
    },
  ];
  const attempt = (number: number, taskId: string, endedAt: number | null): readonly [string, OldRow] => [
    'attempts',
    {
      id: `att_${number}`, task_id: taskId, number: 1, node_id: 'node_old', started_at: 2, answered_at: null, ended_at: endedAt,
      ...(version < 3 ? { call_id: `att_${number}@trunkline` } : { call_id: `call_${number}`, sip_call_id: `att_${number}@trunkline` }),
      ...since(11, { disposition: endedAt === null ? null : 'busy' }),
    },
  ];
  const delivery = (key: string, state: string, changes: OldRow): readonly [string, OldRow] => [
    'outbox',
    {
      id: `obx_${key}`, channel: 'webhook', target: 'hook_a', order_key: 'task_done', dedupe_key: key, type: 'task.done', payload: '{}', state, tries: 0, next_at: 0, last_error: null, created_at: now, done_at: null, ...changes,
    },
  ];
  const rows: (readonly [first: number, table: string, row: OldRow])[] = [
    [1, 'flows', { id: 'greeting', version: 1, source: 'id: greeting', created_at: now }],
    [1, ...task('task_done', 'done', since(11, { attempts: 1 }))],
    [1, ...task('task_open', 'dialing', since(11, { attempts: 1 }))],
    [1, ...task('task_low', 'queued', { ...since(4, { request_id: 'k' }), ...since(11, { rank: now - 50 * 60_000 }) })],
    [1, ...task('task_high', 'queued', { priority: 90, ...since(11, { rank: now - 90 * 60_000 }) })],
    [1, ...task('task_uri', 'cancelled', { destination: 'sip:+14155550142@gw.example' })],
    [1, ...attempt(1, 'task_done', 3)],
    [1, ...attempt(2, 'task_open', null)],
    [
      1, 'results',
      {
        id: 'res_1', task_id: 'task_done', attempt_id: 'att_1', call_id: 'call_1', flow: 'greeting', disposition: 'busy', ended_at: 3, body: JSON.stringify({ ...RESULT, ...since(3, { sipCallId: 'att_1@trunkline' }) }),
        ...since(3, { sip_call_id: 'att_1@trunkline' }), ...since(11, { verdict: 'end' }),
      },
    ],
    [1, 'idempotency', { key: 'k', request_hash: 'h', created_at: now, ...(version < 4 ? { first_seq: 3, last_seq: 3 } : { request_id: 'k' }) }],
    [1, 'events', { id: 'evt_1', type: 'task.done', at: now, data: '{"taskId":"task_done"}' }],
    [1, 'api_keys', { id: 'key_1', name: 'operator', hash: 'hash', scopes: '["admin"]', created_at: now, revoked_at: null }],
    [2, 'trunks', { name: 'carrier', settings: JSON.stringify(parseTrunk({ name: 'carrier', addresses: [{ host: 'sbc.test' }] })), created_at: now, updated_at: now }],
    [2, 'trunk_talk', { name: 'carrier', day: '2026-01-01', talked_ms: 5_000 }],
    [5, 'webhooks', { id: 'hook_a', url: 'https://hooks.example/a', secret: 'whsec_x', previous_secret: null, previous_until: null, events: '["task.*"]', full_result: 1, enabled: 1, description: null, created_at: now, updated_at: now, ...since(14, { since_cursor: 1 }) }],
    [5, ...delivery('dead', 'dead', { tries: 9, last_error: 'http_500', done_at: now })],
    [5, ...delivery('first', 'retry_wait', { tries: 2, last_error: 'http_500', next_at: now + 1_000 })],
    [5, ...delivery('second', 'pending', since(17, { behind: 1 }))],
    [5, ...delivery('third', 'pending', since(17, { behind: 1 }))],
    [5, ...delivery('other', 'pending', { order_key: null })],
    [5, 'fan_out', { reader: 'webhooks', cursor: 1 }],
    [6, 'contacts', { id: 'con_1', external_id: 'C-1', language: 'en-US', country: 'US', region: null, city: null, tags: '|vip|', consents: '|marketing|', calls: 1, last_call_at: 3, last_disposition: 'busy', last_verdict: 'end', created_at: now, updated_at: now, n1: 720 }],
    [6, 'contact_bodies', { contact_seq: 1, name: 'Zoë', email: null, attributes: '{"score":720}', slots: '{}', body: JSON.stringify({ numbers: [{ number: '+14155550100', kind: 'mobile', country: 'US' }], timeZones: ['America/Los_Angeles'], address: { country: 'US' }, tags: ['vip'] }) }],
    [6, 'contact_numbers', { number: '+14155550100', contact_seq: 1 }],
    [6, 'contact_consents', { contact_seq: 1, purpose: 'marketing', granted: 1, at: 1, expires_at: null, source: 'form', evidence: null }],
    [6, 'contact_attributes', { name: 'score', type: 'number', slot: 'n1' }],
    [6, 'audiences', { id: 'aud_1', name: 'Good', filter: 'score >= 700', kind: 'frozen', frozen_at: now, created_at: now, updated_at: now }],
    [6, 'audience_members', { audience_id: 'aud_1', contact_seq: 1 }],
    [6, 'contact_imports', { id: 'imp_1', state: 'done', settings: '{}', found: null, error: null, reason: null, node_id: null, bytes: 10, row_count: 2, created: 1, updated: 0, kept: 0, refused: 1, created_at: now, updated_at: now }],
    [6, 'contact_import_refusals', { import_id: 'imp_1', line: 3, column_name: 'phone', code: 'TRK_NUMBER_INVALID', reason: 'no number' }],
    [7, 'nodes', { id: 'node_old', beat: 3, started_at: 1, ended_at: 9 }],
    [8, 'suppressions', { id: 'sup_1', subject: 'someone', number: '+14155550199', contact_id: null, scope: 'all', source: 'api', reason: null, evidence: null, expires_at: null, created_at: now }],
    [8, 'dials', { subject: 'someone', at: 2, attempt_id: 'att_1', ended_as: null }],
    [8, 'compliance', { seq: 1, at: 2, kind: 'allowed', task_id: 'task_done', attempt_id: 'att_1', call_id: 'call_1', subject: 'someone', body: '{}', hash: 'aa', previous: '' }],
    [8, 'campaign_talk', { campaign_id: 'camp_1', talked_ms: 60_000 }],
    [8, 'rule_marks', { name: 'some_mark', value: 'x' }],
    [9, 'erasures', { id: 'era_1', contacts: 1, tasks: 0, results: 0, recordings: 0, at: 1 }],
    [11, 'campaigns', { id: 'camp_1', state: 'running', revision: 2, round: 1, next_round_at: null, settings: JSON.stringify(settings({ name: 'Spring' })), flow_versions: '{"greeting":1}', started_at: now, ended_at: null, created_at: now, updated_at: now }],
    [11, 'campaign_fills', { campaign_id: 'camp_1', round: 1, audience: 0, cursor: null, pass_started_at: now, filled_at: now }],
    [11, 'campaign_skips', { campaign_id: 'camp_1', round: 1, contact_id: 'con_9', reason: 'no_number', detail: 'none', at: now }],
    [11, 'teams', { name: 'sales', people: '[{"email":"ann@example.test","language":"en","about":[]}]', created_at: now, updated_at: now }],
    [11, ...task('task_campaign', 'blocked', { campaign_id: 'camp_1', campaign_round: 1, contact_id: 'con_1', purpose: 'marketing', time_zones: '["America/Los_Angeles"]', rank: now, blocked_by: 'consent' })],
    [15, 'outcomes', { id: 'res_0', task_id: 'task_done', attempt_id: 'att_1', call_id: 'call_0', sip_call_id: null, ended_at: 1, recording_gone: 0, words_gone: 0, numbers_gone: 0, body: JSON.stringify({ ...RESULT, id: 'res_0', callId: 'call_0' }) }],
    [15, 'recording_folders', { id: 'rec_1', server: 'one', opened_at: 1 }],
    [15, 'recording_removals', { folder: 'rec_1', name: 'call_0', erasure_id: null, at: 1 }],
  ];
  return rows.filter(([first]) => version >= first).map(([, table, row]) => [table, row]);
}
