import type { CallService } from '../../call/call-service.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { CallResult, Disposition } from '../../store/store.js';
import type { EventLog } from '../event-log.js';
import { AbandonLedger, wasAbandoned } from './abandon-ledger.js';
import type { AbandonFigures, AbandonSettings } from './abandon-ledger.js';
import { AiPacing, ceilingOf } from './ai-pacing.js';
import { Brakes } from './brakes.js';
import type { BrakeName, BrakeSettings } from './brakes.js';

/** Party of all tasks that belong to no campaign. */
export const ALONE = '';

export interface PaceOptions {
  /** `ai`: what can be served decides, within `maxCalls`; `fixed`: `maxCalls` alone. Both within the brakes. */
  readonly mode: 'ai' | 'fixed';
  /** Outbound calls at once; 0 dials nothing. */
  readonly maxCalls: number;
  readonly brakes: BrakeSettings;
  readonly abandon: AbandonSettings;
}

export interface PaceParts {
  readonly calls: Pick<CallService, 'load' | 'onEvent'>;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The network's faults, not the callee's. */
const NETWORK_FAULTS: ReadonlySet<Disposition> = new Set<Disposition>(['congestion', 'unreachable', 'failed']);

/** How many calls may be up now, from what can be served and what is measured; and who may not dial at all. */
export class Pace {
  readonly #parts: PaceParts;
  readonly #options: PaceOptions;
  readonly #pacing = new AiPacing();
  readonly #brakes: Brakes;
  readonly #ledger: AbandonLedger;
  readonly #stopped = new Set<string>();

  constructor(parts: PaceParts, options: PaceOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#brakes = new Brakes(parts.clock, options.brakes);
    this.#ledger = new AbandonLedger(options.abandon);
    parts.calls.onEvent((event) => {
      if (event.type === 'call.transcript' && event.replyMs !== undefined) this.#brakes.replied(event.replyMs);
    });
  }

  /** Outbound calls that may be up now. */
  allowed(): number {
    const { mode, maxCalls } = this.#options;
    const { calls, clock } = this.#parts;
    const { limits, busyPercent } = calls.load();
    this.#brakes.busy(busyPercent);
    this.#look();
    const ceiling = mode === 'fixed' ? maxCalls : Math.min(maxCalls, ceilingOf(limits));
    return this.#pacing.allowed(clock.monotonic(), ceiling, this.#brakes.on.length > 0);
  }

  /** All that could serve a call serves one: it is not the settings that keep due tasks waiting. */
  full(running: number): boolean {
    return this.#options.maxCalls > 0 && running >= ceilingOf(this.#parts.calls.load().limits);
  }

  /** Brakes that are on. */
  get brakes(): readonly BrakeName[] {
    return this.#brakes.on;
  }

  get abandoned(): AbandonFigures {
    return this.#ledger.figures(this.#parts.clock.now());
  }

  /** In plain words, for the readiness; undefined if there is nothing to say. */
  get detail(): string | undefined {
    const said = [...this.#brakes.on.map((brake) => `brake ${brake}`), ...[...this.#stopped].map((party) => `stopped for abandoned calls: ${party === ALONE ? 'tasks of no campaign' : party}`)];
    return said.length === 0 ? undefined : said.join(', ');
  }

  /** Too many of this party's callees heard nothing. */
  stopped(party: string): boolean {
    const stopped = this.#ledger.stopped(this.#parts.clock.now(), party);
    if (stopped === this.#stopped.has(party)) return stopped;
    if (stopped) this.#stopped.add(party);
    else this.#stopped.delete(party);
    const { answered, abandoned } = this.#ledger.figures(this.#parts.clock.now(), party);
    const campaign = party === ALONE ? {} : { campaignId: party };
    if (stopped) this.#parts.log.error({ ...campaign, answered, abandoned }, 'answered calls were not served; nothing is dialled for them any more');
    void this.#parts.events.append(stopped ? 'dialer.stopped' : 'dialer.resumed', { ...campaign, answered, abandoned });
    return stopped;
  }

  /** An intent took this long to become durable, ms. */
  saved(ms: number): void {
    this.#brakes.saved(ms);
  }

  /** What the store knows of that minute: calls of other servers, and from before this process began, so that a restart is no amnesty. */
  learn(at: number, party: string, figures: AbandonFigures): void {
    this.#ledger.learn(at, party, figures);
  }

  /** True if the callee was abandoned. */
  ended(party: string, result: CallResult): boolean {
    this.#brakes.attempted(NETWORK_FAULTS.has(result.disposition));
    if (result.answeredAt === undefined) return false;
    const abandoned = wasAbandoned(result);
    this.#ledger.note(result.answeredAt, party, { answered: 1, abandoned: abandoned ? 1 : 0 });
    return abandoned;
  }

  #look(): void {
    for (const { brake, on, measured, limit } of this.#brakes.look()) {
      this.#parts.log.warn({ brake, measured, limit }, on ? 'dialling more slowly' : 'a brake came off');
      void this.#parts.events.append(on ? 'dialer.braked' : 'dialer.released', { brake, measured, limit });
    }
  }
}
