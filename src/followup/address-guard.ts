import { BlockList, isIP } from 'node:net';
import { networkList } from '../config/doors-schema.js';

/**
 * Which addresses a webhook may be sent to. Whoever may add an endpoint could otherwise
 * make this server call what only it can reach: its own API, a neighbour, a cloud's
 * metadata. Judged is the address that the connection is made to, after the name was
 * looked up, so a name that changes its mind in between gains nothing.
 */
const NOT_PUBLIC: readonly [string, number][] = [
  // IANA special-purpose registries, RFC 6890 and its updates.
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24],
  ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
  ['::', 128], ['::1', 128], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20], ['5f00::', 16], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8],
];

export class AddressGuard {
  readonly #closed = new BlockList();
  readonly #open: BlockList;

  /** `allowed`: networks that may be reached although they are not public; checked with the configuration. */
  constructor(allowed: readonly string[]) {
    for (const [address, prefix] of NOT_PUBLIC) this.#closed.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
    const list = networkList(allowed);
    this.#open = typeof list === 'number' ? new BlockList() : list;
  }

  /** Whether an endpoint may be given this host: names are judged when they are looked up, addresses at once. */
  mayName(host: string): boolean {
    const plain = host.replace(/^\[|\]$/g, '');
    if (isIP(plain) !== 0) return this.allows(plain);
    return (host !== 'localhost' && !host.endsWith('.localhost')) || this.allows('127.0.0.1');
  }

  /** False for text that is no address. */
  allows(address: string): boolean {
    const plain = unmapped(address);
    const family = isIP(plain);
    if (family === 0) return false;
    const kind = family === 6 ? 'ipv6' : 'ipv4';
    return this.#open.check(plain, kind) || !this.#closed.check(plain, kind);
  }
}

/** `::ffff:10.0.0.1` reaches 10.0.0.1 (RFC 4291 section 2.5.5.2), in both of its spellings. */
function unmapped(address: string): string {
  if (isIP(address) !== 6) return address;
  const full = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(full);
  if (mapped === null) return full;
  const high = parseInt(mapped[1]!, 16);
  const low = parseInt(mapped[2]!, 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
