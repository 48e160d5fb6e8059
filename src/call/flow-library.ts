import type { CompiledFlow } from '../dialogue/dialogue.js';
import { parseFlow } from '../dialogue/flow/parse.js';
import { TrunklineError } from '../kernel/errors.js';
import type { CallNeeds } from './call-service.js';
import type { FlowVersionRecord, Store } from '../store/store.js';
import type { RenderedPrompts } from './speaker.js';

/** A version of a flow that calls can run: compiled, its fixed words rendered. */
export interface PublishedFlow {
  readonly compiled: CompiledFlow;
  readonly version: number;
  readonly prompts: RenderedPrompts;
}

export interface FlowLibraryParts {
  readonly store: Store;
  /** TRK_FLOW_INVALID. */
  readonly compile: (source: string) => CompiledFlow | Promise<CompiledFlow>;
  /** Renders every fixed text; what is rendered already costs nothing. */
  readonly render: (flow: CompiledFlow) => Promise<RenderedPrompts>;
}

/** Versions kept ready. A task may name an older one, which is made again when it is needed. */
const KEPT = 64;

/** Flows by id and version. A version never changes, so what was made once stays good. */
export class FlowLibrary {
  readonly #parts: FlowLibraryParts;
  readonly #ready = new Map<string, Promise<PublishedFlow>>();
  readonly #needs = new Map<string, CallNeeds>();

  constructor(parts: FlowLibraryParts) {
    this.#parts = parts;
  }

  /** Checks, renders and saves. Nothing is saved when one of the steps fails. TRK_FLOW_INVALID, TRK_WORKER_LOST, TRK_STORE. */
  async publish(source: string): Promise<{ record: FlowVersionRecord; flow: PublishedFlow }> {
    const compiled = await this.#parts.compile(source);
    const prompts = await this.#parts.render(compiled);
    const record = await this.#parts.store.putFlow(compiled.id, source);
    const flow: PublishedFlow = { compiled, version: record.version, prompts };
    this.#keep(`${record.id}@${record.version}`, Promise.resolve(flow));
    return { record, flow };
  }

  /** Newest version if none is named. TRK_FLOW_UNKNOWN. */
  async get(id: string, version?: number): Promise<PublishedFlow> {
    const known = version === undefined ? undefined : this.#ready.get(`${id}@${version}`);
    if (known) return known;
    const record = await this.#parts.store.getFlow(id, version);
    if (!record) throw new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: version === undefined ? id : `${id} version ${version}` }, field: 'flow' });
    const key = `${id}@${record.version}`;
    const ready = this.#ready.get(key) ?? this.#make(record);
    this.#keep(key, ready);
    // A failed making is tried again by the next call.
    ready.catch(() => this.#ready.delete(key));
    return ready;
  }

  /** What a call of a version of a flow needs, without making it; nothing if there is no such flow. TRK_STORE. */
  async needsOf(id: string, version?: number): Promise<CallNeeds> {
    const kept = version === undefined ? undefined : this.#needs.get(`${id}@${version}`);
    if (kept !== undefined) return kept;
    const record = await this.#parts.store.getFlow(id, version);
    if (!record) return {};
    const key = `${id}@${record.version}`;
    const needs = this.#needs.get(key) ?? needsOf(record.source);
    if (this.#needs.size > 4 * KEPT) this.#needs.clear();
    this.#needs.set(key, needs);
    return needs;
  }

  async #make(record: FlowVersionRecord): Promise<PublishedFlow> {
    const compiled = await this.#parts.compile(record.source);
    return { compiled, version: record.version, prompts: await this.#parts.render(compiled) };
  }

  #keep(key: string, flow: Promise<PublishedFlow>): void {
    this.#ready.delete(key);
    this.#ready.set(key, flow);
    for (const oldest of this.#ready.keys()) {
      if (this.#ready.size <= KEPT) return;
      this.#ready.delete(oldest);
    }
  }
}

function needsOf(source: string): CallNeeds {
  const { flow } = parseFlow(source);
  const queues = Object.values(flow?.nodes ?? {}).flatMap((node) => ('transfer' in node ? [node.queue] : []));
  return { language: flow?.language, people: [...new Set(queues)] };
}
