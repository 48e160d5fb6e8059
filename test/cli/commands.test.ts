import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { trunkline } from '../support/command-line.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/flows/card-offer.en.yaml', import.meta.url));
const VAD = 'silero-vad-v5';

const directory = mkdtempSync(join(tmpdir(), 'trunkline-cli-'));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

t.test('exit codes: 0 done, 1 failed, 2 called wrongly', async (t) => {
  const [version, unknown, option, noFile] = await Promise.all([trunkline(['--version']), trunkline(['sing']), trunkline(['serve', '--loud']), trunkline(['flow', 'check', join(directory, 'none.yaml')])]);
  t.equal(version.code, 0);
  t.match(version.stdout, /^\d+\.\d+\.\d+/);
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /unknown command 'sing'/);
  t.equal(option.code, 2);
  t.equal(noFile.code, 2);
  t.match(noFile.stderr, /TRK_USAGE/);
});

t.test('config check names the key that is wrong', async (t) => {
  const good = file('good.yaml', 'sip: { port: 5070 }\n');
  const bad = file('bad.yaml', 'sip: { prot: 5070 }\n');
  const [right, rightJson, wrong, wrongJson, missing] = await Promise.all([
    trunkline(['config', 'check', good]),
    trunkline(['--json', 'config', 'check', good]),
    trunkline(['config', 'check', bad]),
    trunkline(['--json', 'config', 'check', bad]),
    trunkline(['--json', 'config', 'check', join(directory, 'none.yaml')]),
  ]);
  t.equal(right.code, 0);
  t.match(right.stdout, /SIP port 5070/);
  t.equal(rightJson.code, 0);
  t.same(rightJson.json(), { ok: true });
  t.equal(wrong.code, 1);
  t.match(wrong.stderr, /TRK_CONFIG_INVALID: .*sip\.prot: unknown key/);
  t.equal(wrong.stdout, '', 'nothing on standard output');
  t.equal(wrongJson.code, 1);
  t.match(wrongJson.error, { code: 'TRK_CONFIG_INVALID', field: 'sip.prot' });
  t.equal(wrongJson.stderr, '', 'machines get one JSON document');
  t.equal(missing.code, 1);
  t.equal(missing.error.code, 'TRK_CONFIG_UNREADABLE');
});

t.test('db migrate makes the store, and has nothing to do the second time', async (t) => {
  const config = file('migrate.yaml', JSON.stringify({ data_dir: join(directory, 'data') }));
  const first = await trunkline(['--json', 'db', 'migrate', '--config', config]);
  t.equal(first.code, 0);
  const { from, to } = first.json<{ from: number; to: number }>();
  t.equal(from, 0);
  t.ok(to > 0);
  const second = await trunkline(['--json', 'db', 'migrate', '--config', config]);
  t.same(second.json(), { from: to, to });
});

t.test('flow check says node, line and reason', async (t) => {
  const lines = readFileSync(EXAMPLE, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('next: may_i'));
  lines[at] = lines[at]?.replace('may_i', 'nowhere') ?? '';
  const bad = file('bad-flow.yaml', lines.join('\n'));
  const broken = file('broken-flow.yaml', 'trunkline: 1\nnodes: [\n');
  const [good, wrong, wrongJson, unreadable] = await Promise.all([trunkline(['flow', 'check', EXAMPLE]), trunkline(['flow', 'check', bad]), trunkline(['--json', 'flow', 'check', bad]), trunkline(['--json', 'flow', 'check', broken])]);
  t.equal(good.code, 0);
  t.match(good.stdout, /no problems/);
  t.equal(wrong.code, 1);
  t.match(wrong.stdout, new RegExp(`bad-flow\\.yaml:${at + 1}: error: nodes\\.\\w+\\.next: .*nowhere`));
  t.equal(wrongJson.code, 1);
  const [{ problems }] = wrongJson.json<[{ problems: { line: number; field: string; severity: string }[] }]>();
  t.match(problems.find((problem) => problem.line === at + 1), { severity: 'error', field: /^nodes\.\w+\.next$/ });
  t.equal(unreadable.code, 1, 'what is no YAML is a problem with a line as well');
  t.match(unreadable.json<{ problems: { line: number; severity: string }[] }[]>()[0]?.problems[0], { severity: 'error', line: Number });
});

t.test('flow chat talks on standard input', async (t) => {
  const talk = ['flow', 'chat', EXAMPLE, '--var', 'name=Alice', '--var', 'bank=Harbor Bank'];
  const bare = join(directory, 'bare.yaml');
  writeFileSync(bare, readFileSync(EXAMPLE, 'utf8').replace(', example: Ms Miller', ''));
  const [refused, hungUp, stranger, incomplete] = await Promise.all([trunkline(talk, { input: 'No thank you, I am not interested.\n' }), trunkline(['--json', ...talk], { input: '' }), trunkline(['flow', 'chat', EXAMPLE], { input: '' }), trunkline(['--json', 'flow', 'chat', bare])]);
  t.equal(refused.code, 0);
  t.match(refused.stdout, /bot> .*Alice/);
  t.match(refused.stdout, /end/);
  t.equal(hungUp.code, 0);
  t.match(JSON.parse(hungUp.stdout.split('\n')[0] ?? ''), { who: 'bot', text: /Alice/ });
  t.equal(stranger.code, 0);
  t.match(stranger.stdout, /bot> Hello Ms Miller\./, "without a terminal the flow's own example is taken");
  t.equal(incomplete.code, 1);
  t.equal(incomplete.error.code, 'TRK_FLOW_VARIABLE');
});

t.test('models list and verify', async (t) => {
  const cache = join(directory, 'models');
  mkdirSync(join(cache, VAD), { recursive: true });
  const path = join(cache, VAD, 'silero_vad_v5.onnx');
  copyFileSync(join(defaultModelsDirectory(), VAD, 'silero_vad_v5.onnx'), path);
  const [list, right] = await Promise.all([trunkline(['--json', 'models', 'list']), trunkline(['--json', 'models', 'verify', VAD, '--dir', cache])]);
  t.equal(list.code, 0);
  t.match(list.json<{ name: string }[]>().find((row) => row.name === VAD), { state: 'installed', licence: String, bytes: Number, sources: Array });
  t.equal(right.code, 0);
  const bytes = readFileSync(path);
  bytes[1000]! ^= 1;
  writeFileSync(path, bytes);
  const [wrong, missing, unknown] = await Promise.all([trunkline(['--json', 'models', 'verify', VAD, '--dir', cache]), trunkline(['--json', 'models', 'verify', VAD, '--dir', join(directory, 'empty')]), trunkline(['--json', 'models', 'verify', 'no-such-model'])]);
  t.equal(wrong.code, 1, 'one wrong bit fails');
  t.match(wrong.json(), [{ name: VAD, state: 'corrupt' }]);
  t.equal(missing.code, 1);
  t.match(missing.json(), [{ name: VAD, state: 'missing' }]);
  t.equal(unknown.code, 1);
  t.equal(unknown.error.code, 'TRK_MODEL_UNKNOWN');
});

t.test('call and api-key refuse what they cannot use before anything starts', async (t) => {
  const [number, uri, flow, scope, variable] = await Promise.all([
    trunkline(['--json', 'call', '12345', '--flow', EXAMPLE]),
    trunkline(['--json', 'call', 'sip:someone@', '--flow', EXAMPLE]),
    trunkline(['--json', 'call', 'sip:someone@127.0.0.1', '--flow', join(directory, 'none.yaml')]),
    trunkline(['--json', 'api-key', 'create', 'x', '--scope', 'everything']),
    trunkline(['--json', 'call', 'sip:someone@127.0.0.1', '--flow', EXAMPLE, '--var', 'name']),
  ]);
  for (const ran of [number, uri]) {
    t.equal(ran.code, 1);
    t.match(ran.error, { code: 'TRK_NUMBER_INVALID', field: 'to' });
  }
  for (const ran of [flow, scope, variable]) {
    t.equal(ran.code, 2);
    t.equal(ran.error.code, 'TRK_USAGE');
  }
});
