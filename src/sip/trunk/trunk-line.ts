import { BlockList, isIP } from 'node:net';
import { addNetwork } from '../../config/trunk-schema.js';
import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import type { Signalling } from '../signalling.js';
import { KeepAlive } from './keep-alive.js';
import { Registration } from './registration.js';
import type { Target, TargetResolver } from './resolve.js';
import { labelOf } from './target-uri.js';
import { TokenBucket } from './token-bucket.js';
import type { TrunkLease, TrunkStatus } from './trunks.js';
import { weightedOrder } from './weighted-order.js';

export interface LineParts {
  readonly signalling: Pick<Signalling, 'request'>;
  readonly resolver: TargetResolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onState: (line: TrunkLine, state: TrunkStatus['state'], reason: string | undefined) => void;
  readonly onTalked: (line: TrunkLine, ms: number) => void;
}

/** A place that failed a call stands behind the others for this time, ms; keep-alive says more in the end. */
const SUSPECT_MS = 30_000;

/** One trunk while the server runs: its places, channels, health and registration. */
export class TrunkLine {
  readonly settings: TrunkSettings;
  /** Shared with the line that it replaces, whose calls go on. */
  readonly channels: { used: number };
  readonly #parts: LineParts;
  readonly #bucket: TokenBucket;
  readonly #keepAlive: KeepAlive;
  readonly #registration: Registration;
  readonly #networks = new BlockList();
  readonly #suspects = new Map<string, number>();
  /** Addresses of its places, once they were looked up: calls may come from there. */
  #addresses: ReadonlySet<string>;
  #told: TrunkStatus['state'];
  #begun = false;

  constructor(parts: LineParts, settings: TrunkSettings, channels: { used: number } = { used: 0 }) {
    this.#parts = parts;
    this.channels = channels;
    this.settings = settings;
    this.#bucket = new TokenBucket(parts.clock, settings.calls_per_second);
    const shared = { ...parts, targets: () => this.targets(), onChange: () => this.#changed() };
    this.#keepAlive = new KeepAlive(shared, settings);
    this.#registration = new Registration(shared, settings);
    for (const network of settings.acl) addNetwork(this.#networks, network);
    this.#addresses = new Set(settings.addresses.map(({ host }) => host.replace(/^\[|\]$/g, '')).filter((host) => isIP(host) !== 0));
    this.#told = this.state;
  }

  /** Once; `stop` before it keeps it from starting. */
  start(): void {
    if (!this.settings.enabled || this.#begun) return;
    this.#begun = true;
    this.#keepAlive.start();
    if (this.settings.register.enabled) this.#registration.start();
    // Calls may come from a trunk that is never asked anything.
    else if (this.settings.keepalive_s === 0) void this.targets().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#begun = true;
    this.#keepAlive.stop();
    await this.#registration.stop();
  }

  get state(): TrunkStatus['state'] {
    if (!this.settings.enabled) return 'disabled';
    const health = this.#keepAlive.state;
    if (health === 'down') return 'down';
    if (this.settings.register.enabled) {
      if (this.#registration.state === 'registered') return 'up';
      return this.#registration.state === 'failed' ? 'down' : 'registering';
    }
    return health === 'up' ? 'up' : 'unchecked';
  }

  get reason(): string | undefined {
    if (this.state !== 'down') return undefined;
    return this.#keepAlive.state === 'down' ? this.#keepAlive.reason : this.#registration.error?.code;
  }

  get #full(): boolean {
    const { max_channels: limit } = this.settings;
    return limit > 0 && this.channels.used >= limit;
  }

  /** A channel and a start for an outbound call. */
  take(): TrunkLease | undefined {
    if ((this.state !== 'up' && this.state !== 'unchecked') || this.#full || !this.#bucket.take()) return undefined;
    return this.#lease();
  }

  takeInbound(): TrunkLease | undefined {
    return this.#full || !this.settings.enabled ? undefined : this.#lease();
  }

  #lease(): TrunkLease {
    this.channels.used += 1;
    let held = true;
    return {
      trunk: this.settings,
      release: (talkedMs = 0) => {
        if (!held) return;
        held = false;
        this.channels.used -= 1;
        if (talkedMs > 0) this.#parts.onTalked(this, talkedMs);
      },
    };
  }

  /** Places by priority and weight; those that are down or failed a call lately come last. TRK_TRUNK_UNRESOLVED if none of its names has an address. */
  async targets(): Promise<readonly Target[]> {
    const { resolver, random, clock } = this.#parts;
    const ordered = weightedOrder(this.settings.addresses, random);
    const found = await Promise.allSettled(ordered.map((address) => resolver.resolve(address)));
    const targets = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const failure = found.find((result) => result.status === 'rejected');
    if (targets.length === 0 && failure !== undefined) throw failure.reason;
    this.#addresses = new Set(targets.map(({ host }) => host));
    const doubtful = (target: Target): boolean => this.#keepAlive.health(target).state === 'down' || (this.#suspects.get(labelOf(target)) ?? 0) > clock.monotonic();
    return [...targets.filter((target) => !doubtful(target)), ...targets.filter(doubtful)];
  }

  suspect(target: Target): void {
    this.#suspects.set(labelOf(target), this.#parts.clock.monotonic() + SUSPECT_MS);
  }

  /** Its calls may come from `address`: by its ACL, or, without one, from its own places. */
  knows(address: string): boolean {
    if (!this.settings.enabled) return false;
    const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const version = isIP(bare);
    if (version === 0) return false;
    if (this.settings.acl.length > 0) return this.#networks.check(bare, version === 4 ? 'ipv4' : 'ipv6');
    return this.#addresses.has(bare);
  }

  status(talkedMsToday: number): TrunkStatus {
    const { state, expiresAt, error } = this.#registration;
    return {
      name: this.settings.name,
      state: this.state,
      reason: this.reason,
      channels: this.channels.used,
      talkedMsToday,
      targets: [...this.#keepAlive.all].map(([target, health]) => ({ target, state: health.state, last: health.last })),
      registration: { state, expiresAt, error: error?.code },
    };
  }

  #changed(): void {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    this.#parts.onState(this, state, this.reason);
  }
}
