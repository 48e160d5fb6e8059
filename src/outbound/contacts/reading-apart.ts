import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import { HelperProcess } from '../../kernel/helper-process.js';
import { readRows } from './reading.js';
import type { OnFound, ReadingOrder, SettledRow } from './reading.js';
import type { ReadingReply, ReadingRequest } from './reading-messages.js';

/** A smaller file is read sooner than a process starts. */
const SMALL_BYTES = 256 * 1024;
/** Rows that were read and not saved yet, at most so many batches: a slow disk holds back the sender, not the memory. */
const MOST_WAITING = 4;

/** As `readRows`, in a process of its own where the file is large: half of an import's work goes on beside the other half, which is the store's. */
export async function* readRowsApart(source: AsyncIterable<Buffer>, order: ReadingOrder, onFound: OnFound): AsyncGenerator<readonly SettledRow[]> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head: Buffer[] = [];
    let size = 0;
    let over = false;
    while (!over && size < SMALL_BYTES) {
      const next = await chunks.next();
      if (next.done === true) over = true;
      else size += head[head.push(next.value) - 1]!.length;
    }
    const whole = joined(head, over ? undefined : chunks);
    yield* over ? readRows(whole, order, onFound) : new Reading(whole, order, onFound).rows();
  } finally {
    // Not waited for: a sender that stalls would hold up the end.
    void chunks.return?.().catch(() => undefined);
  }
}

async function* joined(head: readonly Buffer[], rest: AsyncIterator<Buffer> | undefined): AsyncGenerator<Buffer> {
  yield* head;
  for (let next = await rest?.next(); next !== undefined && next.done !== true; next = await rest?.next()) yield next.value;
}

class Reading {
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #onFound: OnFound;
  readonly #helper = new HelperProcess(new URL('./reading-process.js', import.meta.url));
  readonly #waiting: (readonly SettledRow[])[] = [];
  #wants = false;
  #sending = false;
  #done = false;
  #error: TrunklineError | undefined;
  #changed: () => void = () => undefined;

  constructor(chunks: AsyncGenerator<Buffer>, order: ReadingOrder, onFound: OnFound) {
    this.#chunks = chunks;
    this.#onFound = onFound;
    this.#helper.onMessage((message) => this.#onReply(message as ReadingReply));
    this.#helper.onEnd((cause) => this.#fail(new TrunklineError('TRK_INTERNAL', { params: { reason: 'the process that reads the file ended' }, cause })));
    this.#post({ type: 'read', order });
  }

  async *rows(): AsyncGenerator<readonly SettledRow[]> {
    try {
      for (;;) {
        const rows = this.#waiting.shift();
        if (rows !== undefined) {
          this.#send();
          yield rows;
        } else if (this.#error !== undefined) throw this.#error;
        else if (this.#done) return;
        else await new Promise<void>((resolve) => (this.#changed = resolve));
      }
    } finally {
      await this.#helper.terminate();
    }
  }

  #post(request: ReadingRequest): void {
    this.#helper.post(request);
  }

  #onReply(reply: ReadingReply): void {
    if (reply.type === 'want') {
      this.#wants = true;
      this.#send();
    } else if (reply.type === 'found') {
      this.#onFound(reply.found, new Map(reply.attributes)).then(
        () => this.#post({ type: 'go' }),
        (thrown: unknown) => this.#fail(asTrunklineError(thrown)),
      );
    } else if (reply.type === 'failed') this.#fail(new TrunklineError(reply.code, { params: reply.params, ...(reply.field === undefined ? {} : { field: reply.field }) }));
    else {
      if (reply.type === 'rows') this.#waiting.push(reply.rows);
      else this.#done = true;
      this.#changed();
    }
  }

  /** The next chunk, if it is wanted and not too much waits to be saved. */
  #send(): void {
    if (!this.#wants || this.#sending || this.#waiting.length >= MOST_WAITING) return;
    this.#wants = false;
    this.#sending = true;
    this.#chunks.next().then(
      (next) => {
        this.#sending = false;
        this.#post({ type: 'chunk', bytes: next.done === true ? undefined : next.value });
        this.#send();
      },
      (thrown: unknown) => this.#fail(asTrunklineError(thrown)),
    );
  }

  #fail(error: TrunklineError): void {
    if (this.#done) return;
    this.#error ??= error;
    this.#changed();
  }
}
