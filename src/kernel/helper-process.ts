import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A program of ours in a process of its own, with messages both ways: what it needs of
 * memory is never kept by the server, and goes when it ends. Messages are copied as
 * structured clones.
 */
export class HelperProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #onEnd: ((cause: Error) => void) | undefined;
  #cause: Error | undefined;

  /**
   * `entry`: as compiled, e.g. `new URL('./sentence-process.js', import.meta.url)`; from
   * sources the same URL means the .ts file. `argument` must survive JSON.
   */
  constructor(entry: URL, argument: unknown = null) {
    const sources = extname(fileURLToPath(import.meta.url)) === '.ts';
    const path = fileURLToPath(entry);
    this.#child = fork(sources ? path.replace(/\.js$/, '.ts') : path, [JSON.stringify(argument)], {
      // The parent's own flags bound its memory; work in bulk does better without them.
      execArgv: sources ? ['--import', import.meta.resolve('tsx')] : [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ended = new Promise((resolve) => {
      const end = (cause: Error): void => {
        resolve();
        this.#cause ??= cause;
        this.#onEnd?.(this.#cause);
        this.#onEnd = undefined;
      };
      this.#child.once('error', end);
      this.#child.once('exit', (code, signal) => end(new Error(`exit ${code ?? signal}`)));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** To a process that has ended it is lost; `onEnd` says so. */
  post(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  /** Once, however it ends. */
  onEnd(listener: (cause: Error) => void): void {
    if (this.#cause === undefined) this.#onEnd = listener;
    else listener(this.#cause);
  }

  /** At once; resolves when it has ended. */
  terminate(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }
}

/** What a helper's program sees of the process that started it. */
export interface HelperPort {
  readonly argument: unknown;
  post(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
}

/**
 * Called once by a helper's program. The helper ends with its parent, however that one
 * ends, and only then: a signal to the whole group is for the parent to obey, because
 * calls go on while it drains. `nice`: 0 to 19, higher lets others go first.
 */
export function helperPort(nice = 0): HelperPort {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('this file is the program of a helper process, not a program to be run');
  process.on('disconnect', () => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  if (nice > 0) setPriority(nice);
  return {
    argument: JSON.parse(process.argv[2] ?? 'null') as unknown,
    post: (message) => void send(message, undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on('message', listener),
  };
}
