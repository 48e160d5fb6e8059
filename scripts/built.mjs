// What dist/ was built from, to know whether it still is what src/ says.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Hash of the content of files below `root`. */
export function fingerprint(paths, root = '.') {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(existsSync(join(root, path)) ? readFileSync(join(root, path)) : 'absent');
  return hash.digest('hex');
}

/** Paths from `root` of all files under `dir` that end so, in one order on every machine. */
export function filesUnder(dir, suffixes, root = '.') {
  return readdirSync(join(root, dir), { recursive: true })
    .map((name) => join(dir, name))
    .filter((path) => suffixes.some((suffix) => path.endsWith(suffix)) && statSync(join(root, path)).isFile())
    .sort();
}

/** Of everything that dist/ is made of. */
export function sourceFingerprint(root = '.') {
  return fingerprint(['tsconfig.json', 'scripts/build-ts.mjs', ...filesUnder('src', ['.ts', '.proto', '.py', '.json'], root)], root) + existsSync(join(root, 'dist/main.js'));
}
