import type { CompiledFlow } from '../dialogue/dialogue.js';
import { TrunklineError } from '../kernel/errors.js';
import type { FlowVersionRecord } from '../store/store.js';
import type { ApiDeps } from './deps.js';

/** Compiled versions kept; published versions never change. */
const KEPT = 100;

export interface StoredFlow {
  readonly record: FlowVersionRecord;
  readonly compiled: CompiledFlow;
}

/** Finds a stored flow and remembers what it compiled to. */
export class FlowLookup {
  readonly #deps: Pick<ApiDeps, 'store' | 'flows'>;
  readonly #compiled = new Map<string, CompiledFlow>();

  constructor(deps: Pick<ApiDeps, 'store' | 'flows'>) {
    this.#deps = deps;
  }

  /** TRK_FLOW_UNKNOWN, with `field`. */
  async find(id: string, version: number | undefined, field: string): Promise<StoredFlow> {
    const record = await this.#deps.store.getFlow(id, version);
    if (record === undefined) throw new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id }, field });
    const key = `${record.id}@${record.version}`;
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      compiled = await this.#deps.flows.check(record.source);
      this.#compiled.set(key, compiled);
      const oldest = this.#compiled.keys().next();
      if (this.#compiled.size > KEPT && oldest.done !== true) this.#compiled.delete(oldest.value);
    }
    return { record, compiled };
  }
}
