import type { BlockList } from 'node:net';
import { isIPv4 } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/log.js';
import { BanList } from './ban-list.js';
import type { Ban } from './ban-list.js';
import type { MessageFacts } from './message-facts.js';
import { sourceKey } from './source-key.js';
import { SourceTable } from './source-table.js';

export type { Ban } from './ban-list.js';

/** What happens to new requests of sources that belong to no trunk. `drop`: nothing at all is answered. */
export type UnknownSourcePolicy = 'accept' | 'reject' | 'drop';

export interface DoorsSettings {
  /** Per source that is no trunk; 0 is no limit. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** All such sources together, because a UDP source can be forged; 0 is no limit. */
  readonly totalPerSecond: number;
  /** Failures in a minute; 0 bans nobody. */
  readonly banAfter: number;
  readonly banMs: number;
  /** Sources, and bans, that are remembered. */
  readonly maxSources: number;
  /** TCP and TLS connections of one source that is no trunk. */
  readonly connectionsPerSource: number;
  /** Neither limited nor banned, though still no trunks. */
  readonly allow: BlockList;
}

/**
 * What an address is to us. `claimed`: it may be a trunk's, but that is proved by a password only:
 * let in, yet limited and banned as a stranger is, or anybody could guess at that password.
 */
export type Standing = 'trunk' | 'claimed' | 'stranger';

/** Who belongs to a trunk. `version` changes with the trunks. */
export interface KnownSources {
  readonly version: number;
  readonly policy: UnknownSourcePolicy;
  standing(address: string): Standing;
}

/** What the server itself is busy with. */
export interface LiveTraffic {
  /** A request of ours with this branch and method waits for its answer. */
  expects(branch: string, method: string): boolean;
  /** A dialog, or a request of theirs, with this Call-ID lives. */
  inProgress(callId: string): boolean;
  /** Addresses of peers of dialogs and of requests that wait. */
  peers(): Iterable<string>;
}

/** `refuse`: to be answered 403 without a transaction. */
export type Verdict = 'pass' | 'refuse' | 'drop';

/** Why a source failed. */
export type Failure = 'garbage' | 'credentials' | '403' | '404';

/** What was dropped, by reason; these only grow. `unknown` is the policy, `total` the limit of all strangers together, `stray` an answer to nothing. */
export interface DoorsCounters {
  banned: number;
  rate: number;
  total: number;
  unknown: number;
  stray: number;
  refused: number;
  connections: number;
  bans: number;
}

export interface DoorsOptions {
  readonly settings: DoorsSettings;
  /** In force until the trunks are known. */
  readonly policy: UnknownSourcePolicy;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onBan?: (ban: Ban) => void;
}

/** How long it is remembered whose an address is, ms: a trunk's names may get other addresses at any time. */
const REMEMBER_MS = 1_000;
/** Bans that are told of: each event is a write to disk, and a flood of sources must not become a flood of these. */
const TOLD = { perSecond: 0.2, burst: 3, maxSources: 1 };
/** The key under which all strangers are counted together. */
const ALL = '*';

/**
 * Decides on each message by its source, before anything is spent on it. Trunks, and
 * networks on the list, always pass; so do messages that we wait for, whoever sends them.
 */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #sources: SourceTable;
  readonly #total: SourceTable;
  readonly #told: SourceTable;
  readonly #bans: BanList;
  readonly #standings = new Map<string, Standing>();
  #standingsUntil = 0;
  #standingsVersion = -1;
  #known: KnownSources | undefined;
  #live: LiveTraffic | undefined;
  #peers: ReadonlySet<string> = new Set();
  #peersUntil = -1;
  readonly #counters: DoorsCounters = { banned: 0, rate: 0, total: 0, unknown: 0, stray: 0, refused: 0, connections: 0, bans: 0 };

  constructor(options: DoorsOptions) {
    const { settings, clock } = options;
    this.#options = options;
    this.#sources = new SourceTable({ perSecond: settings.requestsPerSecond, burst: settings.burst, maxSources: settings.maxSources }, clock);
    this.#total = new SourceTable({ perSecond: settings.totalPerSecond, burst: settings.totalPerSecond, maxSources: 1 }, clock);
    this.#told = new SourceTable(TOLD, clock);
    this.#bans = new BanList({ clock, firstMs: settings.banMs, max: settings.maxSources });
  }

  get counters(): Readonly<DoorsCounters> {
    return this.#counters;
  }

  /** The trunks are known from now on. */
  know(sources: KnownSources): void {
    this.#known = sources;
  }

  /** For the server. */
  watch(live: LiveTraffic): void {
    this.#live = live;
  }

  /** `facts` is asked only of strangers. */
  judge(address: string, facts: () => MessageFacts): Verdict {
    const standing = this.#standing(address);
    if (standing === 'trunk') return 'pass';
    const key = sourceKey(address);
    const peer = this.#isPeer(address);
    // A forged flood from a peer's address must not cut its call off, so a peer outlives its ban.
    if (!peer && this.#bans.holds(key)) return this.#drop('banned');
    const message = facts();
    if (this.#awaited(message, peer)) return 'pass';
    if (message.response) return this.#drop('stray');
    const policy = this.#known?.policy ?? this.#options.policy;
    if (policy === 'drop' && standing === 'stranger') return this.#drop('unknown');
    if (!this.#sources.take(key)) return this.#drop('rate');
    if (!this.#total.take(ALL)) return this.#drop('total');
    // Before the trunks are known, nobody can say who is a stranger: the server itself answers 503.
    if (standing === 'claimed' || policy === 'accept' || this.#known === undefined) return 'pass';
    this.#counters.refused += 1;
    return 'refuse';
  }

  /** Whether one more connection of a source that has `held` may come in. */
  admitsConnection(address: string, held: number): boolean {
    if (this.trusts(address)) return true;
    if ((this.#bans.holds(sourceKey(address)) && !this.#isPeer(address)) || held >= this.#options.settings.connectionsPerSource) {
      this.#counters.connections += 1;
      return false;
    }
    return true;
  }

  /** A trunk, or on the list: no limit holds. */
  trusts(address: string): boolean {
    return this.#standing(address) === 'trunk';
  }

  #standing(address: string): Standing {
    const now = this.#options.clock.monotonic();
    const version = this.#known?.version ?? -1;
    if (now >= this.#standingsUntil || version !== this.#standingsVersion || this.#standings.size >= this.#options.settings.maxSources) {
      this.#standings.clear();
      this.#standingsUntil = now + REMEMBER_MS;
      this.#standingsVersion = version;
    }
    const remembered = this.#standings.get(address);
    if (remembered !== undefined) return remembered;
    const allowed = this.#options.settings.allow.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
    const standing = allowed ? 'trunk' : (this.#known?.standing(address) ?? 'stranger');
    this.#standings.set(address, standing);
    return standing;
  }

  /** What came from `address` was refused, or could not be read. */
  failed(address: string, failure: Failure): void {
    const { settings, log, onBan } = this.#options;
    if (settings.banAfter === 0 || this.trusts(address)) return;
    const key = sourceKey(address);
    // What was under way when the ban began is no further offence.
    if (this.#bans.holds(key) || this.#sources.fail(key) < settings.banAfter) return;
    this.#sources.forget(key);
    const ban = this.#bans.add(key, failure);
    this.#counters.bans += 1;
    if (!this.#told.take(ALL)) return;
    log.warn({ source: key, reason: failure, times: ban.times, banMs: ban.until - ban.since }, 'source is banned');
    onBan?.(ban);
  }

  bans(): Ban[] {
    return this.#bans.list();
  }

  /** `source` as in the list, or any address of it. False if it was not banned. */
  lift(source: string): boolean {
    const key = source.endsWith('/64') ? source : sourceKey(source);
    this.#sources.forget(key);
    return this.#bans.lift(key);
  }

  #awaited(message: MessageFacts, peer: boolean): boolean {
    if (message.callId !== undefined && this.#live?.inProgress(message.callId) === true) return true;
    if (!message.response) return false;
    // What a peer answers is matched to our requests a step later anyway.
    return peer || (message.branch !== undefined && message.method !== undefined && this.#live?.expects(message.branch, message.method) === true);
  }

  #isPeer(address: string): boolean {
    const now = this.#options.clock.monotonic();
    if (now >= this.#peersUntil) {
      this.#peersUntil = now + REMEMBER_MS;
      this.#peers = new Set(this.#live?.peers());
    }
    return this.#peers.has(address);
  }

  #drop(reason: 'banned' | 'rate' | 'total' | 'unknown' | 'stray'): 'drop' {
    this.#counters[reason] += 1;
    return 'drop';
  }
}
