/**
 * From a SIP URI to where a request goes: address literals, `localhost`, and
 * names by an A lookup (the part of RFC 3263 that needs no NAPTR or SRV).
 */
import { isIP } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import { SipParseError } from '../message/parse-error.js';
import { parseUri, unescape, type SipUri } from '../message/uri.js';
import { bareAddress } from '../message/via.js';
import { defaultPort, type Destination, type SipProtocol } from '../transport/transport.js';
import { Refusal } from './application-message.js';

/** IPv4 addresses of a host name; `dns.promises.resolve4` fits. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

/** How long an answer of the resolver is used again, ms. */
const CACHE_MS = 30_000;
const MAX_CACHED = 1_024;

type Target = Omit<Destination, 'address'> & { readonly host: string };

export class NextHops {
  private readonly cache = new Map<string, { readonly address: string; readonly until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly resolveHost: ResolveHost,
    /** What the server listens on. */
    private readonly protocols: () => ReadonlySet<SipProtocol>,
  ) {}

  /**
   * Calls back at once where no name has to be looked up, so that frames which
   * follow each other leave in their order. `Refusal` for what cannot be reached.
   */
  find(uri: string, done: (result: Destination | Refusal) => void): void {
    let target: Target;
    try {
      target = this.target(uri);
    } catch (error) {
      if (error instanceof Refusal) return done(error);
      throw error;
    }
    const { host, ...rest } = target;
    const known = this.literal(host);
    if (known !== undefined) return done({ ...rest, address: known });
    this.resolveHost(host).then(
      ([address]) => {
        if (address === undefined) return done(new Refusal('transport: host name has no address'));
        this.remember(host, address);
        return done({ ...rest, address });
      },
      () => done(new Refusal('transport: host name cannot be resolved')),
    );
  }

  private target(text: string): Target {
    const uri = readSipUri(text);
    const given = uri.params.get('transport')?.toLowerCase();
    // RFC 3261 26.2.2: sips means TLS on each hop; transport=tcp beside it names what TLS runs on.
    const wanted = uri.scheme === 'sips' && (given === undefined || given === 'tcp') ? 'tls' : given;
    if (wanted !== undefined && wanted !== 'udp' && wanted !== 'tcp' && wanted !== 'tls') throw new Refusal('no transport for the wanted protocol');
    if (uri.scheme === 'sips' && wanted !== 'tls') throw new Refusal('no transport for the wanted protocol');
    const protocol = wanted ?? 'udp';
    if (!this.protocols().has(protocol)) throw new Refusal('no transport for the wanted protocol');
    // RFC 3261 16.6 step 7: maddr, where given, says where to send.
    const host = unescape(uri.params.get('maddr') ?? uri.host);
    const proven = protocol === 'tls' ? { serverName: bareAddress(unescape(uri.host)) } : {};
    return { protocol, host, port: uri.port ?? defaultPort(protocol), protocolFixed: wanted !== undefined, ...proven };
  }

  private literal(host: string): string | undefined {
    const bare = bareAddress(host);
    if (isIP(bare) !== 0) return bare;
    if (host.toLowerCase() === 'localhost') return '127.0.0.1';
    const cached = this.cache.get(host.toLowerCase());
    return cached && cached.until > this.clock.monotonic() ? cached.address : undefined;
  }

  private remember(host: string, address: string): void {
    if (this.cache.size >= MAX_CACHED) this.cache.clear();
    this.cache.set(host.toLowerCase(), { address, until: this.clock.monotonic() + CACHE_MS });
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
