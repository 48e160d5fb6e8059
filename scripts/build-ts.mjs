// Compiles src/ to dist/ and puts what the program reads at run time beside it.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
process.chdir(root);
rmSync('dist', { recursive: true, force: true });
const result = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { stdio: 'inherit' });
if (result.status !== 0) process.exit(result.status ?? 1);
const data = /(?:\.proto|\.sql|\.ya?ml|\.json|\.py)$/;
cpSync('src', 'dist', { recursive: true, filter: (from) => !/\.[a-z]+$/.test(from) || data.test(from) });
