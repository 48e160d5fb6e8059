import { runDemo } from '../demo/run.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/** Exit 0 only if all three customers were talked to and each has its result. */
export async function demo(output: Output, options: { keep?: boolean; out: string }): Promise<number> {
  const { results, summary } = await runDemo({ directory: options.out, keep: options.keep === true, print: (text) => (output.json ? output.note(text) : output.out(text)) });
  if (output.json) output.out(JSON.stringify({ results, summary }));
  return results.every((result) => result.disposition === 'answered_human') ? EXIT.ok : EXIT.failed;
}
