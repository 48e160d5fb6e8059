import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { fraction } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';
import type { Signalling } from '../signalling.js';
import { unreachable } from './register-exchange.js';
import type { Target } from './resolve.js';
import { labelOf, nextHopOf, uriAt } from './target-uri.js';
import { within } from './within.js';

export interface PingParts {
  readonly signalling: Pick<Signalling, 'request'>;
  readonly clock: Clock;
}

/** An OPTIONS without an answer counts as lost after this time, ms: a far end that needs longer serves no calls either. */
export const PING_MS = 5_000;
/** One lost OPTIONS is weather; so many in a row are a dead far end. */
const LOST_UNTIL_DOWN = 2;
/** After a loss the next one follows soon, so that a dead far end is known within seconds. */
const CONFIRM_MS = 1_000;

/** OPTIONS once; the status that came. TRK_TRUNK_UNREACHABLE, TRK_SIP_NOT_CONNECTED. */
export async function ping(parts: PingParts, settings: TrunkSettings, target: Target): Promise<number> {
  try {
    const request = parts.signalling.request('OPTIONS', uriAt(settings, target), { nextHop: nextHopOf(target) });
    const { status } = await within(parts.clock, PING_MS, request, () => new TrunklineError('TRK_SIP_TIMEOUT'));
    return status;
  } catch (error) {
    throw unreachable(settings.name, error);
  }
}

/** RFC 3261 11.2: any answer shows a living far end, but 503 says that it serves nobody (21.5.4). */
export function serves(status: number): boolean {
  return status !== 503;
}

export interface Health {
  readonly state: 'unknown' | 'up' | 'down';
  /** Last answer, or the code of the error. */
  readonly last: string | undefined;
}

export interface KeepAliveParts extends PingParts {
  readonly random: Random;
  readonly targets: () => Promise<readonly Target[]>;
  readonly onChange: () => void;
}

/** Asks each place of a trunk again and again whether it lives. */
export class KeepAlive {
  readonly #parts: KeepAliveParts;
  readonly #settings: TrunkSettings;
  readonly #seen = new Map<string, Health & { readonly lost: number }>();
  #unresolved: TrunklineError | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(parts: KeepAliveParts, settings: TrunkSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  start(): void {
    if (this.#settings.keepalive_s > 0) void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  health(target: Target): Health {
    return this.#seen.get(labelOf(target)) ?? { state: 'unknown', last: undefined };
  }

  /** By place. */
  get all(): ReadonlyMap<string, Health> {
    return this.#seen;
  }

  /** Down only if no place is left; unknown before the first round. */
  get state(): 'unknown' | 'up' | 'down' {
    if (this.#unresolved !== undefined) return 'down';
    const states = [...this.#seen.values()].map(({ state }) => state);
    if (states.includes('up')) return 'up';
    return states.length > 0 && states.every((state) => state === 'down') ? 'down' : 'unknown';
  }

  /** Why it is down. */
  get reason(): string {
    return this.#unresolved?.code ?? [...this.#seen.values()].map(({ last }) => last).find((last) => last !== undefined) ?? '';
  }

  async #round(): Promise<void> {
    const { clock, random, onChange } = this.#parts;
    try {
      const targets = await this.#parts.targets();
      this.#unresolved = undefined;
      const labels = new Set(targets.map(labelOf));
      for (const label of this.#seen.keys()) if (!labels.has(label)) this.#seen.delete(label);
      await Promise.all(targets.map((target) => this.#ask(target)));
    } catch (error) {
      this.#unresolved = unreachable(this.#settings.name, error);
    }
    if (this.#stopped) return;
    onChange();
    const doubtful = [...this.#seen.values()].some(({ lost }) => lost > 0 && lost < LOST_UNTIL_DOWN);
    // Many trunks of one carrier must not ask in step.
    const regular = this.#settings.keepalive_s * 1_000 * (0.9 + 0.2 * fraction(random));
    this.#timer = clock.after(doubtful ? Math.min(CONFIRM_MS, regular) : regular, () => void this.#round(), { keepAlive: false });
  }

  async #ask(target: Target): Promise<void> {
    const label = labelOf(target);
    const before = this.#seen.get(label);
    let last: string;
    let alive = false;
    try {
      const status = await ping(this.#parts, this.#settings, target);
      alive = serves(status);
      last = String(status);
    } catch (error) {
      const { code } = error as TrunklineError;
      // Our own SIP server is away: that says nothing about the trunk.
      if (code === 'TRK_SIP_NOT_CONNECTED') return;
      last = code;
    }
    const lost = alive ? 0 : (before?.lost ?? 0) + 1;
    const state = alive ? 'up' : lost >= LOST_UNTIL_DOWN ? 'down' : (before?.state ?? 'unknown');
    this.#seen.set(label, { state, last, lost });
  }
}
