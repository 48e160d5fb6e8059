import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';

/**
 * A word that no text holds. Its phonemes mark the end of an answer: espeak-ng
 * has no framing of its own, and a line that it answers with two lines, or with
 * none, would otherwise shift every later answer.
 */
const END_WORD = 'zq zq xj';
/** Requests that may wait at once; each is one clause list of a text of at most 1,000 characters. */
const MAX_WAITING = 64;
const MAX_ANSWER_CHARS = 65_536;

export interface EspeakOptions {
  /** espeak-ng's own voice name, e.g. `en-us`. */
  readonly voice: string;
  readonly clock: Clock;
  /** For one request, ms. Default 1500. */
  readonly deadlineMs?: number;
  /** Program name or path. Default `espeak-ng`. */
  readonly program?: string;
}

interface Job {
  readonly clauses: readonly string[];
  readonly answers: string[];
  readonly resolve: (phonemes: string[]) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

/**
 * espeak-ng as a separate, long-lived process (it is GPL: it is never linked).
 * It is started again when it dies or does not answer; a request is tried on
 * two processes before it fails.
 */
export class Espeak {
  readonly #options: Required<EspeakOptions>;
  readonly #waiting: Job[] = [];
  #active: Job | undefined;
  #child: ChildProcessWithoutNullStreams | undefined;
  #endMark = '';
  #buffer = '';
  #lines: string[] = [];
  #closed = false;
  #timer: { cancel(): void } | undefined;

  constructor(options: EspeakOptions) {
    this.#options = { deadlineMs: 1500, program: 'espeak-ng', ...options };
  }

  /** Of the running process, if one runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** IPA of each clause. Clauses hold no punctuation and no line ends. TRK_WORKER_BUSY, TRK_WORKER_LOST. */
  phonemes(clauses: readonly string[]): Promise<string[]> {
    if (this.#closed) return Promise.reject(new TrunklineError('TRK_CLOSED', { params: { what: 'espeak-ng' } }));
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(new TrunklineError('TRK_WORKER_BUSY', { params: { worker: 'espeak-ng' } }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ clauses, answers: [], resolve, reject, attempts: 0 });
      this.#next();
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    const error = new TrunklineError('TRK_CLOSED', { params: { what: 'espeak-ng' } });
    for (const job of this.#waiting.splice(0)) job.reject(error);
    this.#active?.reject(error);
    this.#active = undefined;
    this.#timer?.cancel();
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('close', () => resolve());
      child.kill('SIGKILL');
    });
  }

  #next(): void {
    if (this.#active !== undefined || this.#closed) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#active = job;
    job.attempts++;
    job.answers.length = 0;
    this.#timer = this.#options.clock.after(this.#options.deadlineMs, () => this.#fail(new Error('espeak-ng did not answer in time')));
    const child = (this.#child ??= this.#spawn());
    // A fresh process first says how it pronounces the end mark.
    const head = this.#endMark === '' ? `${END_WORD}\n` : '';
    child.stdin.write(head + job.clauses.map((clause) => `${clause.replace(/\s+/g, ' ')}\n${END_WORD}\n`).join(''));
  }

  #spawn(): ChildProcessWithoutNullStreams {
    const child = spawn(this.#options.program, ['-q', '--ipa', '-v', this.#options.voice], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#endMark = '';
    this.#buffer = '';
    this.#lines = [];
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      if (this.#child === child) this.#onText(text);
    });
    child.stderr.resume();
    const onEnd = (error: Error): void => {
      if (this.#child === child) this.#fail(error);
    };
    child.stdin.on('error', onEnd);
    child.once('error', onEnd);
    child.once('exit', () => onEnd(new Error('espeak-ng ended')));
    return child;
  }

  #onText(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length > MAX_ANSWER_CHARS) return this.#fail(new Error('espeak-ng answered without end'));
    for (let at = this.#buffer.indexOf('\n'); at >= 0; at = this.#buffer.indexOf('\n')) {
      const line = this.#buffer.slice(0, at).trim();
      this.#buffer = this.#buffer.slice(at + 1);
      this.#onLine(line);
    }
  }

  #onLine(line: string): void {
    if (this.#endMark === '') {
      this.#endMark = line;
      return;
    }
    if (line !== this.#endMark) {
      if (line !== '') this.#lines.push(line);
      return;
    }
    const job = this.#active;
    if (job === undefined) return;
    // Switches of language inside an answer, e.g. "(fr)", are no sounds.
    job.answers.push(this.#lines.join(' ').replace(/\([a-z-]+\)/g, ''));
    this.#lines = [];
    if (job.answers.length < job.clauses.length) return;
    this.#timer?.cancel();
    this.#active = undefined;
    job.resolve([...job.answers]);
    this.#next();
  }

  /** The process is of no use any more: end it, and try the request once more with a new one. */
  #fail(cause: Error): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    this.#timer?.cancel();
    const job = this.#active;
    this.#active = undefined;
    if (job !== undefined && !this.#closed) {
      if (job.attempts < 2) this.#waiting.unshift(job);
      else job.reject(new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'espeak-ng' }, cause }));
    }
    this.#next();
  }
}
