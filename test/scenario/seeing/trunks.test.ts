import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { PhoneProcess } from '../../support/phone-process.js';
import { ServerProcess, trunklineProgram } from '../../support/server-process.js';

// One trunk refuses, the next one carries the call: metrics, the list and the trace say so.

const FLOW = `
trunkline: 1
id: notice
language: en-US
start: bye
nodes:
  bye:
    end: end
    reason: told
    say: This is a notice. Goodbye.
`;

const directory = mkdtempSync(join(tmpdir(), 'trunkline-trunks-'));

t.test('a call that fails over is counted for both trunks, and its trace has both', async (t) => {
  const broken = await PhoneProcess.start(join(directory, 'broken'), { callee: { reject: 503 } });
  t.teardown(() => broken.stop());
  const good = await PhoneProcess.start(join(directory, 'good'), { callee: { steps: [], answerAfterMs: 100, hangupAfter: 'never', maxCallMs: 30_000 } });
  t.teardown(() => good.stop());
  const trunk = (name: string, port: number, priority: number) => ({ name, addresses: [{ host: '127.0.0.1', port }], priority, keepalive_s: 0 });
  const server = await ServerProcess.start({ trunks: [trunk('first', broken.port, 0), trunk('second', good.port, 1)], trace: { rtp: true } }, { directory, flows: { notice: FLOW } });
  t.teardown(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const result = await server.result(await server.createTask({ to: '+14155550100', flow: 'notice' }));
  t.match(result, { disposition: 'answered_human', trunk: 'second' });

  const metrics = (await server.metrics()).split('\n');
  const value = (line: string): string | undefined => metrics.find((one) => one.startsWith(`${line} `))?.split(' ').at(-1);
  t.equal(value('trunkline_trunk_attempts_total{trunk="first",direction="outbound"}'), '1');
  t.equal(value('trunkline_trunk_responses_total{trunk="first",class="5xx",code="503"}'), '1');
  t.equal(value('trunkline_trunk_answered_total{trunk="second",direction="outbound"}'), '1');
  t.equal(value('trunkline_trunk_effective_total{trunk="second"}'), '1');
  t.equal(value('trunkline_trunk_call_duration_ms_count{trunk="second",direction="outbound"}'), '1');
  t.equal(value('trunkline_trunk_post_dial_delay_ms_count{trunk="second"}'), '1');
  t.equal(value('trunkline_trunk_mos_count{trunk="second",direction="outbound"}'), '1');
  t.equal(value('trunkline_trunk_up{trunk="second"}'), '1');
  t.equal(value('trunkline_trunk_channels{trunk="second"}'), '0');

  const { stdout } = await promisify(execFile)(process.execPath, trunklineProgram('trunk', 'list', '--url', server.api));
  t.match(stdout, /^first +unchecked +off +0 +1 +0% +0% +- +-$/m);
  t.match(stdout, /^second +unchecked +off +0 +1 +100% +100% +\d+\.\d s +\d+\.\d s$/m);

  const trace = await server.request('GET', `/v1/calls/${result.callId}/trace`) as { sipCallIds: string[]; rtpPackets: number; lines: { kind: string; method?: string; status?: number; direction?: string; remote?: string }[] };
  t.equal(trace.sipCallIds.length, 2);
  t.same(trace.lines.filter(({ method, status, direction }) => method === 'INVITE' && status === undefined && direction === 'out').map(({ remote }) => remote), [`127.0.0.1:${broken.port}`, `127.0.0.1:${good.port}`]);
  t.ok(trace.rtpPackets > 40, `${trace.rtpPackets} RTP headers, as the configuration wants of every call`);
});
