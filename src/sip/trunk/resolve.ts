import { isIP } from 'node:net';
import type { TrunkAddress } from '../../config/trunk-schema.js';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import { weightedOrder } from './weighted-order.js';

/** One place where a request can be sent. */
export interface Target {
  /** As declared: names the target in records. */
  readonly address: TrunkAddress;
  /** Address literal, without brackets; for TLS the name, because its certificate is checked against it. */
  readonly host: string;
  readonly port: number;
}

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The questions to the DNS. Each rejects, or is empty, if there is no answer; `dns.promises` fits. */
export interface Dns {
  resolveSrv(name: string): Promise<readonly SrvRecord[]>;
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
}

/** How long an answer is used again, ms. */
const CACHE_MS = 30_000;
const MAX_CACHED = 256;
/** Targets of one address; a zone that lists more is cut. */
const MAX_TARGETS = 8;

function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** `host:port`, IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** From a declared address to the places behind it, in the order in which they are tried (RFC 3263 4). */
export class TargetResolver {
  readonly #dns: Dns;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #cache = new Map<string, { readonly until: number; readonly targets: readonly Target[] }>();

  constructor(parts: { dns: Dns; clock: Clock; random: Random }) {
    this.#dns = parts.dns;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** TRK_TRUNK_UNRESOLVED. */
  async resolve(address: TrunkAddress): Promise<readonly Target[]> {
    const host = bareHost(address.host);
    const port = address.port ?? (address.transport === 'tls' ? 5061 : 5060);
    if (isIP(host) !== 0) return [{ address, host, port }];
    if (host.toLowerCase() === 'localhost') return [{ address, host: '127.0.0.1', port }];
    const key = `${address.transport} ${host.toLowerCase()} ${address.port ?? ''}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined && cached.until > this.#clock.monotonic()) return cached.targets.map((target) => ({ ...target, address }));
    const targets = (await this.#lookUp(address, host, port)).slice(0, MAX_TARGETS);
    if (targets.length === 0) throw new TrunklineError('TRK_TRUNK_UNRESOLVED', { params: { host } });
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(key, { until: this.#clock.monotonic() + CACHE_MS, targets });
    return targets;
  }

  async #lookUp(address: TrunkAddress, host: string, port: number): Promise<Target[]> {
    // RFC 3263 4.2: a port that is given says that no SRV is wanted.
    if (address.port === undefined) {
      const service = address.transport === 'tls' ? '_sips._tcp' : `_sip._${address.transport}`;
      const records = weightedOrder(await answered(this.#dns.resolveSrv(`${service}.${host}`)), this.#random);
      const targets = await Promise.all(records.slice(0, MAX_TARGETS).map((record) => this.#addresses(address, record.name, record.port)));
      if (records.length > 0) return targets.flat();
    }
    return await this.#addresses(address, host, port);
  }

  async #addresses(address: TrunkAddress, host: string, port: number): Promise<Target[]> {
    const [v4, v6] = await Promise.all([answered(this.#dns.resolve4(host)), answered(this.#dns.resolve6(host))]);
    const found = [...v4, ...v6];
    if (address.transport === 'tls' && found.length > 0) return [{ address, host, port }];
    return found.map((literal) => ({ address, host: literal, port }));
  }
}

/** No such record and no such zone are the same to us: nothing to send to. */
async function answered<T>(question: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await question;
  } catch {
    return [];
  }
}
