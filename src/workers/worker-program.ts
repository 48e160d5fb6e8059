import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program that is not ours to run in this Node: another interpreter, and what stands before the options. */
export interface ForeignProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** A worker's program: a module of ours by its compiled URL, e.g. `new URL('./ear/main.js', import.meta.url)`, or another one. */
export type WorkerProgram = URL | ForeignProgram;

/** What is spawned; the options follow as the last argument. */
export function commandOf(program: WorkerProgram): ForeignProgram {
  if (!(program instanceof URL)) return program;
  return { command: process.execPath, args: [...inheritedArguments(), entryPath(program)] };
}

/** Loader flags such as `--import tsx` must reach the child; a debugger's port or an inline script must not. */
function inheritedArguments(): string[] {
  const inline = /^(?:-e|-p|-pe|--eval|--print)$/;
  return process.execArgv.filter((argument, index) => !inline.test(process.execArgv[index - 1] ?? '') && !inline.test(argument) && !/^--(?:inspect|input-type|test|watch)/.test(argument));
}

/** Compiled code runs `main.js`; from sources the same URL means `main.ts`. */
function entryPath(entry: URL): string {
  const path = fileURLToPath(entry);
  const fromSources = extname(fileURLToPath(import.meta.url)) === '.ts';
  return fromSources ? path.replace(/\.js$/, '.ts') : path;
}
