import { createSocket } from 'node:dgram';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { trunkline } from '../support/command-line.js';
import { freeMediaRange } from '../support/ports.js';
import { ServerProcess, writeSettings } from '../support/server-process.js';

const FLOW = 'trunkline: 1\nid: hello\nlanguage: en-US\nstart: hello\nfallback: hello\nnodes:\n  hello: { end: end, reason: told, say: Hello. }\n';
const VAD = 'silero-vad-v5';

const root = mkdtempSync(join(tmpdir(), 'trunkline-serve-'));
const own = join(root, 'running');
let server: ServerProcess;

t.before(async () => {
  server = await ServerProcess.start({ api: { auth: true } }, { directory: own, flows: { hello: FLOW } }, { limitMs: 150_000 });
});
t.teardown(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

/** `trunkline serve`, which is expected to end by itself. */
async function serve(name: string, settings: Record<string, unknown>, flows: Record<string, string> = {}, env: Record<string, string> = {}) {
  return await trunkline(['--json', 'serve', '--config', await writeSettings({ directory: join(root, name), flows }, settings)], { env });
}

const portOf = (address: unknown): number => Number(/:(\d+)$/.exec(String(address))?.[1]);

t.test('a configuration with an unknown key does not start', async (t) => {
  const ran = await serve('config', { dialler: {} });
  t.equal(ran.code, 1);
  t.match(ran.error, { code: 'TRK_CONFIG_INVALID', field: 'dialler' });
});

t.test('models that are missing or wrong are named', async (t) => {
  const empty = join(root, 'no-models');
  const spoilt = join(root, 'spoilt-models');
  for (const directory of [empty, spoilt]) mkdirSync(directory);
  for (const name of readdirSync(defaultModelsDirectory())) if (name !== VAD) symlinkSync(join(defaultModelsDirectory(), name), join(spoilt, name));
  cpSync(join(defaultModelsDirectory(), VAD), join(spoilt, VAD), { recursive: true });
  const path = join(spoilt, VAD, 'silero_vad_v5.onnx');
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 0x40;
  writeFileSync(path, bytes);
  const [missing, corrupt] = await Promise.all([serve('missing', {}, {}, { TRUNKLINE_MODELS_DIR: empty }), serve('corrupt', {}, {}, { TRUNKLINE_MODELS_DIR: spoilt })]);
  t.equal(missing.code, 1);
  t.equal(missing.error.code, 'TRK_MODEL_MISSING');
  t.match(missing.error.message, /trunkline models pull/);
  t.equal(corrupt.code, 1);
  t.equal(corrupt.error.code, 'TRK_MODEL_CORRUPT');
  t.match(corrupt.error.message, /silero_vad_v5\.onnx/);
});

t.test('a second server on the same data directory is refused', async (t) => {
  const ran = await serve('second', { data_dir: join(own, 'data') });
  t.equal(ran.code, 1);
  t.match(ran.error, { code: 'TRK_CONFLICT', field: 'data_dir' });
  t.equal((await server.answer('GET', '/healthz')).status, 200, 'the first one goes on');
});

t.test('ports in use are named, before models are looked for', async (t) => {
  const ready = server.child.lines.find((line) => 'api' in line) as { api: string; sip: string[] };
  const sipPort = portOf(ready.sip[0]);
  const apiPort = portOf(ready.api);
  // Where no model is, whoever looks for models first says so and not what is wrong with the ports.
  const early = { TRUNKLINE_MODELS_DIR: join(root, 'no-models') };
  const media = await freeMediaRange(1);
  const rtp = createSocket('udp4');
  await new Promise<void>((resolve) => rtp.bind(media.port_min, '127.0.0.1', resolve));
  const [sip, api, range] = await Promise.all([serve('sip-port', { sip: { port: sipPort } }, {}, early), serve('api-port', { api: { port: apiPort } }, {}, early), serve('rtp-ports', { media }, {}, early)]);
  rtp.close();
  t.equal(sip.code, 1);
  t.match(sip.error, { code: 'TRK_PORT_IN_USE', field: 'sip.port', message: new RegExp(`Port ${sipPort} \\((?:UDP|TCP)\\)`) });
  t.equal(range.code, 1);
  t.match(range.error, { code: 'TRK_PORT_IN_USE', field: 'media.port_min', message: new RegExp(`Port ${media.port_min} \\(RTP\\)`) });
  t.equal(api.code, 1);
  t.match(api.error, { code: 'TRK_PORT_IN_USE', field: 'api.port', message: new RegExp(`Port ${apiPort} `) });
});

t.test('a folder with a bad flow does not start, and says where', async (t) => {
  const ran = await serve('bad-flow', {}, { bad: FLOW.replace('start: hello', 'start: nowhere') });
  t.equal(ran.code, 1);
  t.equal(ran.error.code, 'TRK_FLOW_INVALID');
  t.match(ran.error.message, /bad\.yaml.*start.*nowhere/);
});

t.test('keys made on the command line open the API of the running server', async (t) => {
  const config = join(own, 'trunkline.yaml');
  const create = async (name: string, ...scopes: string[]): Promise<{ id: string; authorization: string }> => {
    const ran = await trunkline(['--json', 'api-key', 'create', name, '--config', config, ...scopes.flatMap((scope) => ['--scope', scope])]);
    t.equal(ran.code, 0);
    const { id, secret } = ran.json<{ id: string; secret: string }>();
    return { id, authorization: `Bearer ${secret}` };
  };
  const [admin, reader] = await Promise.all([create('admin'), create('reader', 'tasks:read')]);
  const status = async (method: string, path: string, key?: { authorization: string }): Promise<[number, unknown]> => {
    const { status, body } = await server.answer(method, path, undefined, key === undefined ? {} : { authorization: key.authorization });
    return [status, (body['error'] as { code?: string } | undefined)?.code];
  };
  t.same(await status('GET', '/v1/tasks'), [401, 'TRK_UNAUTHORIZED'], 'no key');
  t.same(await status('GET', '/v1/tasks', { authorization: `Bearer trk_${'0'.repeat(64)}` }), [401, 'TRK_UNAUTHORIZED'], 'a guessed key');
  t.same(await status('GET', '/v1/tasks', reader), [200, undefined], 'its scope');
  t.same(await status('GET', '/v1/results', reader), [403, 'TRK_FORBIDDEN'], 'another scope');
  t.same(await status('GET', '/v1/api-keys', admin), [200, undefined], 'admin has all');
  t.same(await status('DELETE', `/v1/api-keys/${reader.id}`, admin), [204, undefined]);
  t.same(await status('GET', '/v1/tasks', reader), [401, 'TRK_UNAUTHORIZED'], 'revoked');
  t.same(await status('GET', '/v1/tasks', admin), [200, undefined], 'the other key still works');
});
