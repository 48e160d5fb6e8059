import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TrunklineError } from '../kernel/errors.js';
import { parseDestination } from '../outbound/destination.js';
import { ChainWalk } from '../store/compliance-chain.js';
import type { BrokenLink, ChainHead } from '../store/compliance-chain.js';
import type { ComplianceEntry } from '../store/rules.js';
import type { Store } from '../store/store.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { withStore } from './with-store.js';

interface Options {
  readonly config?: string;
}

/** Entries read at once. */
const PAGE = 1_000;

/** Walks the whole log; exit code 1 and the place of the first link that is broken. */
export async function verify(output: Output, options: Options & { readonly noted?: string }): Promise<number> {
  const noted = options.noted === undefined ? undefined : headOf(options.noted);
  const { broken, head } = await withStore(configFrom(options.config), { beside: true }, async (store) => {
    const chain = new ChainWalk(noted);
    for await (const entry of entries(store)) {
      const found = chain.next(entry);
      if (found !== undefined) return { broken: found, head: chain.head };
    }
    return { broken: chain.end(), head: chain.head };
  });
  if (output.json) output.out(JSON.stringify({ ok: broken === undefined, entries: head.seq, head: `${head.seq}:${head.hash}`, ...(broken === undefined ? {} : { broken }) }));
  else output.out(broken === undefined ? `${head.seq} entries, and each follows the one before.\nHead: ${head.seq}:${head.hash}\nKeep it elsewhere: verify --noted checks that the log has passed it.` : brokenText(broken));
  return broken === undefined ? EXIT.ok : EXIT.failed;
}

/**
 * The log as NDJSON, as fast as it is taken; of one number only with `number`, however it is
 * written. TRK_NUMBER_INVALID if that is none: nothing can be found under it.
 */
export async function exportLog(_output: Output, options: Options & { readonly call?: string; readonly number?: string }, to: Writable = process.stdout): Promise<number> {
  const number = options.number === undefined ? undefined : parseDestination(options.number, '--number');
  await withStore(configFrom(options.config), { beside: true }, async (store) => {
    const subject = number === undefined ? undefined : store.subjects.number(number);
    try {
      await pipeline(linesOf(entries(store, { callId: options.call, subject })), to, { end: false });
    } catch (error) {
      // Whoever reads our output (`| head`) may stop when he has seen enough.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    }
  });
  return EXIT.ok;
}

async function* linesOf(found: AsyncIterable<ComplianceEntry>): AsyncGenerator<string> {
  for await (const entry of found) yield `${JSON.stringify({ ...entry, at: new Date(entry.at).toISOString(), body: JSON.parse(entry.body) as unknown })}\n`;
}

async function* entries(store: Store, query: { callId?: string | undefined; subject?: string | undefined } = {}): AsyncGenerator<ComplianceEntry> {
  for (let after = 0; ; ) {
    const page = await store.readCompliance({ after, limit: PAGE, ...query });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.seq;
  }
}

function headOf(text: string): ChainHead {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new TrunklineError('TRK_USAGE', { params: { reason: 'A head is written as NUMBER:HASH, as verify prints it.' }, field: 'noted' });
  return { seq: Number(seq), hash };
}

function brokenText({ seq, problem }: BrokenLink): string {
  return `Entry ${seq} ${problem === 'missing' || problem === 'out of order' ? 'is ' : ''}${problem}. All entries before it are intact.`;
}
