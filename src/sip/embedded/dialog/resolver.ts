/** The questions that RFC 3263 asks the DNS, and the system's answers. */
import * as dns from 'node:dns/promises';

export interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

/** Each rejects, or is empty, where there is no such record. */
export interface Resolver {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  ipv4(name: string): Promise<readonly AddressRecord[]>;
  ipv6(name: string): Promise<readonly AddressRecord[]>;
  /** What the host's own table says; asked when the DNS knows no address. */
  hosts(name: string): Promise<readonly AddressRecord[]>;
}

/** The host's table tells no time to live; names of containers and laboratories move, s. */
const HOSTS_TTL = 30;

export const systemResolver: Resolver = {
  naptr: (name) => dns.resolveNaptr(name),
  srv: (name) => dns.resolveSrv(name),
  ipv4: (name) => dns.resolve4(name, { ttl: true }),
  ipv6: (name) => dns.resolve6(name, { ttl: true }),
  hosts: async (name) => (await dns.lookup(name, { all: true })).map(({ address }) => ({ address, ttl: HOSTS_TTL })),
};
