// Types, lint and arrows, the way CI wants them. `npm run check`.
import { spawnSync } from 'node:child_process';

process.chdir(new URL('..', import.meta.url).pathname);
const steps = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.check.json']],
  ['lint and arrows', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0']],
];
let failed = false;
for (const [label, args] of steps) {
  const result = spawnSync(process.execPath, args, { stdio: 'inherit' });
  failed ||= result.status !== 0;
  console.log(`${result.status === 0 ? 'ok' : 'FAILED'}: ${label}`);
}
process.exit(failed ? 1 : 0);
