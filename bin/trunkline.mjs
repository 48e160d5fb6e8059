#!/usr/bin/env -S node --max-semi-space-size=4
// Training intents leaves garbage for which V8 would keep 48 MB of young generation for
// ever; calls allocate little, so 4 MB a half are enough.
// The command of the package: runs the compiled program, and says how to make it where it is missing.
import { existsSync } from 'node:fs';
const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('trunkline is not built yet: run "npm run setup" (it installs, builds and pulls the models).');
  process.exit(1);
}
await import(main.href);
