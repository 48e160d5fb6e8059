import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { PhoneProcess } from '../../support/phone-process.js';
import { ServerProcess, trunklineProgram } from '../../support/server-process.js';

// A real server calls a real telephone; then its command line says what happened.

const FLOW = `
trunkline: 1
id: notice
language: en-US
start: bye
nodes:
  bye:
    end: end
    reason: told
    say: This is a notice. It takes long enough for everything that is asked about a call while it is up, also on a machine that has a lot of other things to do at the same time. Goodbye.
`;

const directory = mkdtempSync(join(tmpdir(), 'trunkline-trace-'));

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, trunklineProgram(...args), { maxBuffer: 8 * 1024 * 1024 });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

t.test('a call is seen as a ladder, as JSON and in tshark', async (t) => {
  const phone = await PhoneProcess.start(join(directory, 'phone'), { callee: { steps: [{ dtmf: '4711', after: 100, thinkMs: 100 }], answerAfterMs: 150, hangupAfter: 'never', maxCallMs: 30_000 } });
  t.teardown(() => phone.stop());
  const server = await ServerProcess.start({}, { directory, flows: { notice: FLOW } });
  t.teardown(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const task = await server.createTask({ to: phone.uri('callee'), flow: 'notice' });
  const started = await server.event((event) => event.type === 'call.answered', 30_000, 'call.answered');
  const callId = (started.data as { call: { id: string } }).call.id;

  t.equal((await server.answer('POST', `/v1/calls/${callId}:capture`)).status, 202);
  const live = await server.request('GET', `/v1/calls/${callId}/trace`) as { live: boolean; lines: { kind: string }[] };
  t.equal(live.live, true, 'while it is up');
  t.ok(live.lines.length > 3);
  const listed = (await server.liveCalls()).items[0] as unknown as { pddMs: number; sipCallId: string; mos: number };
  t.ok(listed.pddMs >= 0 && listed.pddMs < 5_000 && listed.mos > 1 && listed.sipCallId.includes('@'));

  const result = await server.result(task);
  t.ok((result.pddMs ?? -1) >= 0, 'post-dial delay is in the result');
  const ids = [callId, task, result.id, result.sipCallId ?? ''];
  for (const id of ids) t.equal((await server.answer('GET', `/v1/calls/${encodeURIComponent(id)}/trace`)).body['callId'], callId, id);

  const { out: text } = await cli('trace', callId, '--url', server.api);
  t.comment(`\n${text}`);
  const order = ['call started', 'INVITE', '100 Trying', '200 OK', 'answered', 'ACK', 'BYE', '200 OK', 'call ended: answered_human, by bot: flow_end'];
  let at = 0;
  for (const words of order) {
    at = text.indexOf(words, at);
    t.ok(at >= 0, words);
  }
  for (const words of ['bot begins to speak', 'first RTP sent', 'first RTP received', 'DTMF received', 'hang-up: by us', 'SDP PCMA PCMU telephone-event']) t.ok(text.includes(words), words);
  t.notMatch(text, /4711|This is a notice/, 'neither digits nor words');
  for (const line of text.split('\n')) t.ok(line.length <= 100, line);

  const json = JSON.parse((await cli('trace', callId, '--json', '--url', server.api)).out) as { lines: { kind: string; status?: number }[] };
  t.ok(json.lines.some((line) => line.status === 200));

  const file = join(directory, 'call.pcap');
  t.equal((await cli('trace', callId, '--pcap', file, '--url', server.api)).code, 0);
  t.equal(statSync(file).mode & 0o777, 0o600);
  const { stdout } = await promisify(execFile)('tshark', ['-r', file, '-n', '-d', `udp.port==${phone.port},sip`, '-Y', 'sip', '-T', 'fields', '-e', 'sip.CSeq.method', '-e', 'sip.Status-Code']);
  const dissected = stdout.trim().split('\n');
  t.equal(dissected[0], 'INVITE\t');
  // The SDP tells tshark that these are RTP.
  const rtp = (await promisify(execFile)('tshark', ['-r', file, '-n', '-d', `udp.port==${phone.port},sip`, '-Y', 'rtp', '-T', 'fields', '-e', 'frame.len', '-e', 'frame.cap_len', '-e', 'rtp.p_type'])).stdout.trim().split('\n');
  t.ok(rtp.length > 40, `${rtp.length} RTP headers`);
  t.ok(rtp.includes('200\t40\t8'), 'cut behind the header');
  t.ok(dissected.includes('INVITE\t200') && dissected.includes('ACK\t') && dissected.includes('BYE\t200'));

  const reads = server.events.filter((event) => event.type === 'trace.read');
  t.ok(reads.length >= 4, 'each reading is an event');
  t.same(reads[0]?.data, { callId, keyId: 'anonymous', format: 'json' });

  t.equal((await server.answer('POST', `/v1/calls/${callId}:capture`)).status, 404, 'it is over');
  const missing = await cli('trace', 'call_none', '--url', server.api);
  t.equal(missing.code, 1);
  t.match(missing.err, /TRK_NOT_FOUND/);
  const nobody = await cli('trace', callId, '--url', 'http://127.0.0.1:9');
  t.equal(nobody.code, 1);
  t.match(nobody.err, /^TRK_SERVER_UNREACHABLE/);
});
