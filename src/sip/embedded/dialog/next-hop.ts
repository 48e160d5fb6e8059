/** From a SIP URI to the places where a request may go, in the order in which they are tried (RFC 3263 4). */
import { isIP } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import type { Random } from '../../../kernel/random.js';
import { weightedOrder } from '../../trunk/weighted-order.js';
import { SipParseError } from '../message/parse-error.js';
import { parseUri, unescape, type SipUri } from '../message/uri.js';
import { bareAddress } from '../message/via.js';
import { defaultPort, type Destination, type SipProtocol } from '../transport/transport.js';
import { Refusal } from './application-message.js';
import type { AddressRecord, Resolver } from './resolver.js';

/** How long an answer is used again at least and at most, ms: a time to live of 0 must not mean a question per message. */
const MIN_CACHE_MS = 1_000;
const MAX_CACHE_MS = 300_000;
const MAX_CACHED = 1_024;
/** Places behind one name; a zone that lists more is cut. */
const MAX_DESTINATIONS = 8;
/** How long a place that failed stands behind the others, ms. */
export const AVOID_MS = 60_000;

const SERVICES: Readonly<Record<SipProtocol, string>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };
/** RFC 3263 4.1; `SIPS+D2T` is TLS. */
const NAPTR_SERVICES: Readonly<Record<string, SipProtocol>> = { 'SIP+D2U': 'udp', 'SIP+D2T': 'tcp', 'SIPS+D2T': 'tls' };

export interface NextHopOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly resolver: Resolver;
  /** What the server listens on. */
  readonly protocols: () => ReadonlySet<SipProtocol>;
  /** Whether it can send to addresses of this family. */
  readonly reaches: (family: 4 | 6) => boolean;
}

interface Target {
  readonly host: string;
  readonly port: number | undefined;
  /** What the URI asks for. */
  readonly wanted: SipProtocol | undefined;
  readonly serverName: string;
}

interface Found {
  readonly destinations: readonly Destination[];
  /** ms. */
  readonly ttl: number;
}

export class NextHops {
  private readonly cache = new Map<string, { readonly destinations: readonly Destination[]; readonly until: number }>();
  /** Places that failed, until when. */
  private readonly avoided = new Map<string, number>();

  /** Names that TLS peers were called by, by Call-ID and place. */
  private readonly called = new Map<string, string>();

  constructor(private readonly options: NextHopOptions) {}

  /** The first of `findAll`. */
  find(uri: string, done: (result: Destination | Refusal) => void): void {
    this.findAll(uri, (found) => done(found instanceof Refusal ? found : (found[0] ?? new Refusal('transport: host name has no address'))));
  }

  /**
   * Calls back at once where no name has to be looked up, so that frames which
   * follow each other leave in their order. `Refusal` for what cannot be reached.
   */
  findAll(uri: string, done: (result: readonly Destination[] | Refusal) => void): void {
    let target: Target;
    try {
      target = this.target(uri);
    } catch (error) {
      if (error instanceof Refusal) return done(error);
      throw error;
    }
    const literal = addressOf(target.host);
    if (literal !== undefined) {
      const protocol = target.wanted ?? 'udp';
      return done([destinationOf(target, protocol, literal, target.port ?? defaultPort(protocol))]);
    }
    const key = `${target.wanted ?? ''} ${target.host.toLowerCase()} ${target.port ?? ''}`;
    const cached = this.cache.get(key);
    if (cached && cached.until > this.options.clock.monotonic()) return done(this.inOrder(cached.destinations));
    this.lookUp(target).then(
      ({ destinations, ttl }) => {
        if (destinations.length === 0) return done(new Refusal('transport: host name cannot be resolved'));
        if (this.cache.size >= MAX_CACHED) this.cache.clear();
        this.cache.set(key, { destinations, until: this.options.clock.monotonic() + Math.min(Math.max(ttl, MIN_CACHE_MS), MAX_CACHE_MS) });
        return done(this.inOrder(destinations));
      },
      () => done(new Refusal('transport: host name cannot be resolved')),
    );
  }

  /** A request to it failed: for a while it is tried after the others (RFC 3263 4.3, RFC 3261 21.5.4). */
  avoid(destination: Destination): void {
    if (this.avoided.size >= MAX_CACHED) this.avoided.clear();
    this.avoided.set(placeOf(destination), this.options.clock.monotonic() + AVOID_MS);
  }

  /**
   * srf answers a challenge by a second request to the bare address that the first one went to.
   * Over TLS the peer still proves the name that was called, not that address.
   */
  asCalled(callId: string, destinations: readonly Destination[]): readonly Destination[] {
    return destinations.map((one) => {
      const called = this.called.get(`${callId} ${placeOf(one)}`);
      return called === undefined || isIP(one.serverName ?? '') === 0 ? one : { ...one, serverName: called };
    });
  }

  /** Takes note of the names of TLS peers that a request with this Call-ID goes to. */
  remember(callId: string, destinations: readonly Destination[]): void {
    for (const one of destinations) {
      if (one.serverName === undefined || isIP(one.serverName) !== 0) continue;
      if (this.called.size >= MAX_CACHED) this.called.clear();
      this.called.set(`${callId} ${placeOf(one)}`, one.serverName);
    }
  }

  private inOrder(destinations: readonly Destination[]): readonly Destination[] {
    const now = this.options.clock.monotonic();
    const shunned = (one: Destination): boolean => (this.avoided.get(placeOf(one)) ?? -Infinity) > now;
    return [...destinations.filter((one) => !shunned(one)), ...destinations.filter(shunned)];
  }

  private target(text: string): Target {
    const uri = readSipUri(text);
    const given = uri.params.get('transport')?.toLowerCase();
    // RFC 3261 26.2.2: sips means TLS on each hop; transport=tcp beside it names what TLS runs on.
    const wanted = uri.scheme === 'sips' && (given === undefined || given === 'tcp') ? 'tls' : given;
    if (wanted !== undefined && wanted !== 'udp' && wanted !== 'tcp' && wanted !== 'tls') throw new Refusal('no transport for the wanted protocol');
    if (uri.scheme === 'sips' && wanted !== 'tls') throw new Refusal('no transport for the wanted protocol');
    if (!this.options.protocols().has(wanted ?? 'udp')) throw new Refusal('no transport for the wanted protocol');
    // RFC 3261 16.6 step 7: maddr, where given, says where to send; RFC 5922 7.3: what is proven is still the domain.
    return { wanted, host: unescape(uri.params.get('maddr') ?? uri.host), port: uri.port, serverName: bareAddress(unescape(uri.host)) };
  }

  private async lookUp(target: Target): Promise<Found> {
    const { wanted, port, host } = target;
    // RFC 3263 4.2: a port that is given says that no SRV is wanted.
    if (port !== undefined) return this.addresses(target, wanted ?? 'udp', host, port);
    for (const { protocol, name } of await this.services(target)) {
      const records = weightedOrder(await answered(this.options.resolver.srv(name)), this.options.random);
      // RFC 2782: the one target "." says that there is no such service.
      const usable = records.filter((record) => record.name !== '' && record.name !== '.').slice(0, MAX_DESTINATIONS);
      const found = await Promise.all(usable.map((record) => this.addresses(target, protocol, record.name, record.port)));
      const destinations = found.flatMap((one) => one.destinations).slice(0, MAX_DESTINATIONS);
      if (destinations.length > 0) return { destinations, ttl: Math.min(...found.map((one) => one.ttl)) };
    }
    const protocol = wanted ?? 'udp';
    return this.addresses(target, protocol, host, defaultPort(protocol));
  }

  /** RFC 3263 4.1: which protocols to ask for, by NAPTR where the domain has such records. */
  private async services({ wanted, host }: Target): Promise<ReadonlyArray<{ protocol: SipProtocol; name: string }>> {
    if (wanted !== undefined) return [{ protocol: wanted, name: `${SERVICES[wanted]}.${host}` }];
    const ours = this.options.protocols();
    const records = [...(await answered(this.options.resolver.naptr(host)))].sort((a, b) => a.order - b.order || a.preference - b.preference);
    const named = records.flatMap(({ flags, service, replacement }) => {
      const protocol = NAPTR_SERVICES[service.toUpperCase()];
      return protocol && ours.has(protocol) && flags.toLowerCase() === 's' ? [{ protocol, name: replacement }] : [];
    });
    if (named.length > 0) return named;
    return (['udp', 'tcp'] as const).filter((protocol) => ours.has(protocol)).map((protocol) => ({ protocol, name: `${SERVICES[protocol]}.${host}` }));
  }

  private async addresses(target: Target, protocol: SipProtocol, host: string, port: number): Promise<Found> {
    const { resolver, reaches } = this.options;
    const none: readonly AddressRecord[] = [];
    const [v4, v6] = await Promise.all([reaches(4) ? answered(resolver.ipv4(host)) : none, reaches(6) ? answered(resolver.ipv6(host)) : none]);
    let records = [...v4, ...v6];
    if (records.length === 0) records = (await answered(resolver.hosts(host))).filter(({ address }) => reaches(isIP(address) === 6 ? 6 : 4));
    return {
      destinations: records.slice(0, MAX_DESTINATIONS).map(({ address }) => destinationOf(target, protocol, address, port)),
      ttl: 1000 * Math.min(MAX_CACHE_MS, ...records.map(({ ttl }) => ttl)),
    };
  }
}

function destinationOf(target: Target, protocol: SipProtocol, address: string, port: number): Destination {
  return { protocol, address, port, protocolFixed: target.wanted !== undefined, ...(protocol === 'tls' ? { serverName: target.serverName } : {}) };
}

function placeOf({ protocol, address, port }: Destination): string {
  return `${protocol} ${address} ${port}`;
}

function addressOf(host: string): string | undefined {
  const bare = bareAddress(host);
  if (isIP(bare) !== 0) return bare;
  return host.toLowerCase() === 'localhost' ? '127.0.0.1' : undefined;
}

/** No such record and a server that does not answer are the same to us: nowhere to send to. */
async function answered<T>(question: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await question;
  } catch {
    return [];
  }
}

function readSipUri(text: string): SipUri {
  try {
    const uri = parseUri(text);
    if (uri.kind === 'sip') return uri;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    throw new Refusal(`URI does not parse: ${error.reason}`);
  }
  throw new Refusal('URI scheme cannot be sent to');
}
