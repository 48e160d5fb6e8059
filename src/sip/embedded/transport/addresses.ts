import { networkInterfaces } from 'node:os';
import { isIP, isIPv4 } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import { isLoopback } from '../../../kernel/loopback.js';

/** How long a list of interfaces is trusted, ms: asking the system for each message would cost more than the message. */
const REFRESH_MS = 10_000;

interface Interface {
  readonly address: string;
  readonly netmask: string;
  readonly family: 4 | 6;
  readonly internal: boolean;
}

/** `::ffff:192.0.2.1` as 192.0.2.1; zone index taken off. */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone < 0 ? address : address.slice(0, zone);
  return bare.startsWith('::ffff:') && isIPv4(bare.slice(7)) ? bare.slice(7) : bare;
}

/** An address of no one in particular: 0.0.0.0 or ::. */
export function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '';
}

/** Finds out by which of this host's addresses a peer reaches us. */
export class LocalAddresses {
  readonly #clock: Clock;
  #interfaces: Interface[] = [];
  #readAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Address of the interface in the peer's network, else of the first that is not loopback; loopback for a peer on this host. */
  towards(peer: string): string {
    const family = isIP(peer) === 6 ? 6 : 4;
    if (isLoopback(peer)) return family === 6 ? '::1' : '127.0.0.1';
    const candidates = this.#list().filter((one) => one.family === family && !one.internal);
    const near = family === 4 && isIPv4(peer) ? candidates.find((one) => (toNumber(one.address) & toNumber(one.netmask)) === (toNumber(peer) & toNumber(one.netmask))) : undefined;
    return (near ?? candidates[0])?.address ?? (family === 6 ? '::1' : '127.0.0.1');
  }

  has(address: string): boolean {
    return isLoopback(address) || this.#list().some((one) => one.address === address);
  }

  #list(): Interface[] {
    const now = this.#clock.monotonic();
    if (now - this.#readAt < REFRESH_MS) return this.#interfaces;
    this.#readAt = now;
    this.#interfaces = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? [])
        // Link-local IPv6 addresses mean nothing without their interface.
        .filter((info) => !info.address.startsWith('fe80:'))
        .map((info) => ({ address: info.address, netmask: info.netmask, family: info.family === 'IPv6' ? 6 : 4, internal: info.internal })),
    );
    return this.#interfaces;
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0);
}
