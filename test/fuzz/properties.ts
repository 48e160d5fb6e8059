import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The suites that state properties, with another seed than that of `npm test`:
//   node --import tsx test/fuzz/properties.ts [SEED]
// Prints its seed first; with PROPERTY_SEED=SEED any of the files can be run again. Properties that have a seed of their own keep it.

const root = fileURLToPath(new URL('../..', import.meta.url));
const seed = Number(process.argv[2] ?? process.hrtime.bigint() % 2n ** 31n);
if (!Number.isInteger(seed)) {
  console.error('usage: node --import tsx test/fuzz/properties.ts [SEED]');
  process.exit(2);
}
/** Their properties are in test/contract. */
const STORES = ['sqlite-contract', 'postgres-contract', 'contacts'].map((name) => `test/store/${name}.test.ts`);
const files = (readdirSync(join(root, 'test'), { recursive: true }) as string[])
  .filter((file) => file.endsWith('.test.ts') && readFileSync(join(root, 'test', file), 'utf8').includes('support/property.js'))
  .map((file) => `test/${file}`);
files.push(...STORES);
console.log(`seed ${seed}, ${files.length} files`);
const { status } = spawnSync(process.execPath, ['scripts/test.mjs', ...files], { cwd: root, stdio: 'inherit', env: { ...process.env, PROPERTY_SEED: String(seed) } });
process.exit(status ?? 1);
