import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseConfig } from '../../../src/config/load.js';
import { errorKinds } from '../../../src/kernel/errors.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/trunks.md'), 'utf8');

t.test('every example of the page is a valid configuration', async (t) => {
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((block) => block[1] ?? '');
  t.equal(examples.length, 4);
  for (const example of examples) t.equal(parseConfig(example).trunks.length, 1);
});

t.test('every code that the page names is there', async (t) => {
  const codes = [...new Set(page.match(/TRK_[A-Z_]+/g))];
  t.ok(codes.length > 5);
  for (const code of codes) t.ok(code in errorKinds, code);
});
