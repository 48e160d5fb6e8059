import { setImmediate as nextTurn } from 'node:timers/promises';
import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { AttributeType } from '../../store/contact-filter.js';
import type { ContactImport, ContactStore, ImportCounts, ImportRefusal, MergeRule, NewContact, SaveOutcome } from '../../store/contacts.js';
import { KeySet } from './key-set.js';
import type { FoundFile, ReadSettings } from './read-file.js';
import { readRowsApart } from './reading-apart.js';
import type { ReadingOrder, SettledRow } from './reading.js';

export interface ImportSettings extends ReadSettings {
  readonly defaultCountry: string | undefined;
  readonly merge: MergeRule;
  readonly dryRun: boolean;
  /** Given to every contact. */
  readonly tags: readonly string[];
}

type ImportStore = Pick<ContactStore, 'saveContacts' | 'listAttributes' | 'declareAttributes' | 'beginImport' | 'getImport' | 'saveImportProgress' | 'endImport'>;

export interface ImporterDeps {
  readonly store: ImportStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeId: string;
  /** Told at the end, and about once a second before. */
  readonly onProgress?: (id: string, counts: ImportCounts, state: 'running' | 'done' | 'failed' | 'interrupted') => void;
}

/** Rows of one transaction. */
const BATCH = 2_000;
/** A batch holds on to the text that it was cut from: of long rows fewer are saved together. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** The report holds so many refusals; all are counted. */
const MAX_REFUSALS = 1_000_000;
const PROGRESS_MS = 1_000;
/** An import of which the store hears nothing for this long is over; so it hears more often. */
export const IMPORT_SILENCE_MS = 60_000;

/**
 * Reads a file into the store: as fast as it is saved, so that a slow disk holds back the
 * sender and not the memory. Each step is a transaction: an import that is cut off has done
 * what it says, and the same file once more finds those contacts and goes on.
 */
export async function runImport(deps: ImporterDeps, made: Pick<ContactImport, 'id'>, settings: ImportSettings, source: AsyncIterable<Buffer>): Promise<ContactImport> {
  const { store, log } = deps;
  if (!(await store.beginImport(made.id, deps.nodeId))) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This import has its file already.' } });
  const run = new ImportRun(deps, made.id, settings);
  try {
    await run.read(source);
    await run.end({ state: 'done' });
  } catch (thrown) {
    const error = asTrunklineError(thrown);
    const state = error.code === 'TRK_IMPORT_INVALID' ? 'failed' : 'interrupted';
    const unknown = error.code === 'TRK_INTERNAL';
    log.warn({ code: error.code, importId: made.id, state, ...(unknown ? { err: thrown } : {}) }, 'an import ended early');
    // What broke inside is for the log; its message may hold anything.
    await run.end({ state, error: error.code, reason: unknown ? 'see the log of the server' : error.message });
    throw error;
  }
  return (await store.getImport(made.id))!;
}

class ImportRun {
  readonly #deps: ImporterDeps;
  readonly #id: string;
  readonly #settings: ImportSettings;
  readonly #counts = { bytes: 0, rows: 0, created: 0, updated: 0, kept: 0, refused: 0 };
  /** Keys of a dry run. */
  readonly #seen: KeySet | undefined;
  #refusals: ImportRefusal[] = [];
  #reported = 0;
  #savedBytes = 0;
  #batch: { readonly line: number; readonly contact: NewContact }[] = [];
  #found: FoundFile | undefined;
  #told = 0;

  constructor(deps: ImporterDeps, id: string, settings: ImportSettings) {
    this.#deps = deps;
    this.#id = id;
    this.#settings = settings;
    this.#seen = settings.dryRun ? new KeySet() : undefined;
    this.#told = deps.clock.monotonic();
  }

  async read(source: AsyncIterable<Buffer>): Promise<void> {
    const { store, clock } = this.#deps;
    const known = await store.listAttributes();
    const { defaultCountry, tags, format, encoding, delimiter, map } = this.#settings;
    const order: ReadingOrder = { settings: { format, encoding, delimiter, map }, defaultCountry, tags, now: clock.now(), importId: this.#id, attributes: known.map(({ name, type }) => [name, type]) };
    const heartbeat = this.#beat();
    try {
      for await (const rows of readRowsApart(this.#counted(source), order, (found, attributes) => this.#start(found, attributes))) {
        for (const row of rows) {
          this.#take(row);
          if (this.#batch.length >= BATCH || this.#counts.bytes - this.#savedBytes > BATCH_BYTES) await this.#save();
        }
        // Calls go on meanwhile: no more than one chunk at a time.
        await nextTurn();
        await this.#progress(false);
      }
      await this.#save();
    } finally {
      heartbeat.cancel();
    }
  }

  async end(end: Parameters<ContactStore['endImport']>[1]): Promise<void> {
    await this.#progress(true);
    await this.#deps.store.endImport(this.#id, end);
    this.#deps.onProgress?.(this.#id, this.#counts, end.state);
  }

  /** A sender that pauses is not one that is gone. */
  #beat(): { cancel(): void } {
    let timer = this.#deps.clock.after(IMPORT_SILENCE_MS / 4, () => beat(), { keepAlive: false });
    const beat = (): void => {
      void this.#progress(true).catch(() => undefined);
      timer = this.#deps.clock.after(IMPORT_SILENCE_MS / 4, () => beat(), { keepAlive: false });
    };
    return { cancel: () => timer.cancel() };
  }

  async *#counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.#counts.bytes += chunk.length;
      yield chunk;
    }
  }

  async #start(found: FoundFile, attributes: ReadonlyMap<string, AttributeType>): Promise<void> {
    this.#found = found;
    if (!this.#settings.dryRun && attributes.size > 0) await this.#deps.store.declareAttributes([...attributes].map(([name, type]) => ({ name, type })));
    await this.#progress(true);
  }

  #take({ line, contact, refusals }: SettledRow): void {
    this.#counts.rows += 1;
    if (contact !== undefined) return void this.#batch.push({ line, contact });
    this.#counts.refused += 1;
    for (const refusal of refusals) this.#report(refusal);
  }

  #report(refusal: ImportRefusal): void {
    if (this.#reported >= MAX_REFUSALS) return;
    this.#reported += 1;
    this.#refusals.push(refusal);
  }

  async #save(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#savedBytes = this.#counts.bytes;
    const { merge, dryRun } = this.#settings;
    const outcomes = await this.#deps.store.saveContacts(batch.map(({ contact }) => contact), merge, { dryRun });
    for (const [index, outcome] of outcomes.entries()) {
      const { line, contact } = batch[index]!;
      this.#count(line, this.#seen === undefined ? outcome : this.#asIfSaved(outcome, contact));
    }
  }

  /** What a dry run would have found, had the rows before been saved: the same rules as those of the store. */
  #asIfSaved(outcome: SaveOutcome, { externalId, numbers }: NewContact): SaveOutcome {
    const seen = this.#seen!;
    const named = externalId !== undefined && seen.has(`id:${externalId}`);
    const taken = numbers.filter(({ number }) => seen.has(number) && !(externalId !== undefined && seen.has(`of:${externalId}:${number}`)));
    // A number of somebody without an external id is that of whoever comes with one.
    const conflict = externalId !== undefined && taken.some(({ number }) => named || !seen.has(`free:${number}`));
    if (outcome.kind === 'created' && conflict) return { kind: 'conflict', by: named ? 'number' : 'externalId' };
    for (const { number } of numbers) {
      seen.add(number);
      seen.add(externalId === undefined ? `free:${number}` : `of:${externalId}:${number}`);
    }
    if (externalId !== undefined) seen.add(`id:${externalId}`);
    if (outcome.kind !== 'created' || (!named && taken.length === 0)) return outcome;
    if (this.#settings.merge === 'refuse') return { kind: 'exists', by: named ? 'externalId' : 'number' };
    return { kind: this.#settings.merge === 'keep' ? 'kept' : 'updated', id: outcome.id };
  }

  #count(line: number, outcome: SaveOutcome): void {
    if ('id' in outcome) return void (this.#counts[outcome.kind] += 1);
    this.#counts.refused += 1;
    this.#report({ row: line, column: undefined, ...refusalOf(outcome) });
  }

  async #progress(now: boolean): Promise<void> {
    const { store, clock, onProgress } = this.#deps;
    if (!now && clock.monotonic() - this.#told < PROGRESS_MS && this.#refusals.length < BATCH) return;
    this.#told = clock.monotonic();
    const refusals = this.#refusals;
    this.#refusals = [];
    await store.saveImportProgress(this.#id, this.#counts, refusals, this.#found === undefined ? undefined : JSON.stringify(this.#found));
    onProgress?.(this.#id, { ...this.#counts }, 'running');
  }
}

/** In words that name nobody. */
export function refusalOf(outcome: Extract<SaveOutcome, { kind: 'exists' | 'conflict' }>): { readonly code: 'exists' | 'number_taken'; readonly reason: string } {
  const by = outcome.by === 'number' ? 'phone number' : 'external id';
  if (outcome.kind === 'exists') return { code: 'exists', reason: `a contact with this ${by} is there already` };
  return outcome.by === 'number'
    ? { code: 'number_taken', reason: 'one of its phone numbers is that of another contact' }
    : { code: 'number_taken', reason: 'its phone number is that of a contact with another external id' };
}
