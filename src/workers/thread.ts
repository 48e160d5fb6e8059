import './no-telemetry.js';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a thread from a module given as its compiled URL, e.g.
 * `new URL('./piper-thread.js', import.meta.url)`. From sources the same URL means
 * the .ts file, and the thread registers the TypeScript loader by itself: in
 * Node 20 the loader of `--import` does not reach threads.
 */
export function startThread(entry: URL, data: unknown, name: string): Worker {
  const compiled = extname(fileURLToPath(import.meta.url)) === '.js';
  if (compiled) return new Worker(entry, { workerData: data, name });
  const loader = import.meta.resolve('tsx/esm/api');
  const source = entry.href.replace(/\.js$/, '.ts');
  const bootstrap = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(bootstrap, { eval: true, workerData: data, name });
}
