import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { defaultModelsDirectory } from '../../src/models/cache.js';

const source = resolve(import.meta.dirname, '../../src');

t.test('a model is loaded without a trace of its runtime reporting home', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-home-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const model = join(defaultModelsDirectory(), 'silero-vad-v5/silero_vad_v5.onnx');
  if (!existsSync(model)) throw new Error(`${model} is missing: trunkline models pull`);
  const load = `import { loadSession } from ${JSON.stringify(join(source, 'workers/ear/onnx.ts'))}; await loadSession(${JSON.stringify(model)});`;
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:ORT_|XDG_)/.test(name)));
  execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', load], { env: { ...environment, HOME: home }, stdio: 'pipe' });
  const left = readdirSync(home, { recursive: true }).map(String).filter((name) => /onnxruntime/i.test(name));
  t.same(left, [], 'no identifier of this machine is kept');
  t.end();
});

t.test('whoever loads the runtime turns that off first', (t) => {
  const files = readdirSync(source, { recursive: true }).map(String).filter((name) => name.endsWith('.ts'));
  const loading = files.filter((name) => /^import \{.*from 'onnxruntime-node';/m.test(readFileSync(join(source, name), 'utf8')));
  t.ok(loading.length >= 3);
  for (const name of [...loading, 'workers/thread.ts', 'workers/supervised-child.ts']) t.match(readFileSync(join(source, name), 'utf8'), /^import '\.{1,2}\/no-telemetry\.js';/, name);
  t.end();
});
