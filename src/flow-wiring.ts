import type { FlowLibrary } from './call/flow-library.js';
import type { Config } from './config/schema.js';
import { asTrunklineError } from './kernel/errors.js';
import type { Logger } from './kernel/log.js';

/** The flows that calls will need, made before the first caller waits for them. */
export class FirstFlows {
  #ready = false;

  constructor(
    private readonly flows: Pick<FlowLibrary, 'get'>,
    private readonly config: Pick<Config, 'inbound'>,
    private readonly log: Logger,
  ) {}

  get ready(): boolean {
    return this.#ready;
  }

  /**
   * Those that `load` brings, and those that inbound numbers lead to. One of these that
   * is not there yet, or cannot be made, is told of and refused when its call comes.
   * Rejects as `load` does.
   */
  async make(load: () => Promise<void>): Promise<void> {
    await load();
    for (const id of new Set(this.config.inbound.map((rule) => rule.flow))) {
      await this.flows.get(id).catch((error: unknown) => this.log.warn({ code: asTrunklineError(error).code, flow: id }, 'flow of an inbound number is not ready'));
    }
    this.#ready = true;
  }
}
