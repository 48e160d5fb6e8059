import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
import { builtIn } from '../../src/dialogue/flow/built-in.js';
import { FlowShell } from '../../src/dialogue/flow/schema.js';
import { universalEn } from '../../src/dialogue/nlu/universal/en.js';
import { compile, hold } from './talk.js';

const page = readFileSync(new URL('../../docs/writing-flows.md', import.meta.url), 'utf8');
const [first = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '').filter((block) => block.includes('id: delivery'));

t.test('the first flow of the page has no problem and does what the page says', (t) => {
  t.same(checkFlow(first), []);
  const held = hold(compile(first), { name: 'Ms Miller' }, ['No.', 'Next to the green door.']);
  t.same(held.verdict, { kind: 'end', reason: 'delivery arranged' });
  t.same(held.slots, { at_home: false, place: 'Next to the green door.' });
  t.end();
});

t.test('the page names every key, universal intent and built-in behaviour', (t) => {
  for (const key of Object.keys(FlowShell.properties)) if (key !== 'description') t.match(page, `| \`${key}\` |`);
  for (const name of universalEn.keys()) t.match(page, `\`${name}\``);
  for (const name of builtIn.keys()) t.match(page, `| \`${name}\` |`);
  t.end();
});

t.test('the test file of the page passes as it stands there', (t) => {
  const [block = ''] = [...page.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1] ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'writing-flows-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'delivery.yaml'), first);
  const library = new URL('../../src/index.ts', import.meta.url).href;
  t.match(block, "'./dist/index.js'");
  writeFileSync(join(folder, 'delivery.test.mjs'), block.replace('./dist/index.js', library));
  const tsx = import.meta.resolve('tsx');
  // Whoever runs this test must not see the other one's results as its own.
  const env: NodeJS.ProcessEnv = { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)) };
  delete env['NODE_OPTIONS'];
  delete env['NODE_TEST_CONTEXT'];
  const ran = spawnSync(process.execPath, ['--import', tsx, 'delivery.test.mjs'], { cwd: folder, env, encoding: 'utf8' });
  t.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`);
  t.match(ran.stdout, /# pass 4/);
  t.end();
});
