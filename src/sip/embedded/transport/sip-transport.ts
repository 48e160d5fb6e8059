import { isIP } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import { TrunklineError } from '../../../kernel/errors.js';
import { Lifetime } from '../../../kernel/lifetime.js';
import type { Logger } from '../../../kernel/log.js';
import { isLoopback } from '../../../kernel/loopback.js';
import type { Doors, Verdict } from '../doors/doors.js';
import { factsOfDatagram, factsOfMessage, NO_FACTS } from '../doors/message-facts.js';
import type { SipTap, TapPath } from '../../trace/trace.js';
import { serialize, topVia } from '../message/message.js';
import type { SipMessage } from '../message/message.js';
import { leadingEmptyLines, parseMessage } from '../message/parse.js';
import { SipParseError } from '../message/parse-error.js';
import { bareAddress } from '../message/via.js';
import type { Via } from '../message/via.js';
import { isAnyAddress, LocalAddresses, plainAddress } from './addresses.js';
import { Certificates } from './certificates.js';
import type { TlsFiles } from './certificates.js';
import { stampVia } from './stamp-via.js';
import { plainSockets } from './stream-sockets.js';
import { defaultTcpLimits } from './tcp-connection.js';
import type { TcpConnection, TcpConnectionEvents, TcpLimits } from './tcp-connection.js';
import { TcpTransport } from './tcp-transport.js';
import { TlsSockets } from './tls-sockets.js';
import { defaultPort } from './transport.js';
import type { Destination, Listener, SendOptions, SipConnection, SipProtocol, SipTransportLayer, Source } from './transport.js';
import { UdpSocket } from './udp-socket.js';

export interface SipTransportOptions {
  /** Address to listen on; `0.0.0.0` or `::` for all. */
  readonly address: string;
  /** The same for UDP and TCP; 0 lets the system choose. */
  readonly port: number;
  /** Address that peers off this host know us by. */
  readonly externalAddress?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tcp?: Partial<TcpLimits>;
  readonly tls?: TlsOptions | undefined;
  /** Default: everybody may come in. */
  readonly doors?: Doors | undefined;
  /** Sees every message that is read and every one that is sent, repeated ones too. */
  readonly tap?: SipTap | undefined;
}

export interface TlsOptions extends TlsFiles {
  /** 0 lets the system choose. */
  readonly port: number;
}

/** With port 0 the port that UDP got may be taken for TCP; then another one is tried. */
const PORT_ATTEMPTS = 20;

/** UDP and TCP on one address and port, TLS on a port of its own. */
export class SipTransport implements SipTransportLayer {
  readonly #options: SipTransportOptions;
  readonly #addresses: LocalAddresses;
  readonly #lifetime = new Lifetime();
  #udp: UdpSocket | undefined;
  #tcp: TcpTransport | undefined;
  #tls: TcpTransport | undefined;
  #certificates: Certificates | undefined;
  #port = 0;
  #tlsPort = 0;
  #onMessage: ((message: SipMessage, source: Source) => void) | undefined;
  #onParseFailure: ((error: SipParseError, source: Source) => void) | undefined;

  constructor(options: SipTransportOptions) {
    this.#options = options;
    this.#addresses = new LocalAddresses(options.clock);
  }

  get listeners(): readonly Listener[] {
    if (!this.#udp || this.#lifetime.closed) return [];
    const { address } = this.#options;
    return [
      { protocol: 'udp', address, port: this.#port },
      { protocol: 'tcp', address, port: this.#port },
      ...(this.#tls ? [{ protocol: 'tls', address, port: this.#tlsPort } as const] : []),
    ];
  }

  async start(): Promise<void> {
    if (this.#udp || this.#lifetime.closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The SIP transport' } });
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#listen();
      } catch (error) {
        const again = this.#options.port === 0 && error instanceof TrunklineError && error.code === 'TRK_PORT_IN_USE' && attempt < PORT_ATTEMPTS;
        if (!again) throw error;
      }
    }
  }

  async #listen(): Promise<void> {
    const { address, port, clock, log, tls: tlsOptions } = this.#options;
    const onError = (error: Error): void => log.warn({ err: error }, 'SIP socket error');
    const secure = tlsOptions && this.#secure(tlsOptions);
    const udp = await UdpSocket.bind(address, port, (data, from, fromPort) => this.#receiveDatagram(data, from, fromPort), onError);
    const tcp = new TcpTransport(plainSockets, clock, this.#tcpLimits, this.#streamEvents('tcp'), this.#options.doors);
    try {
      await tcp.listen(address, udp.port, onError);
      await secure?.transport.listen(address, tlsOptions?.port ?? 0, onError);
    } catch (error) {
      secure?.certificates.close();
      await tcp.close();
      await udp.close();
      throw error;
    }
    this.#udp = udp;
    this.#tcp = tcp;
    this.#port = udp.port;
    this.#lifetime.onClose(() => udp.close());
    this.#lifetime.onClose(() => tcp.close());
    if (!secure) return;
    this.#tls = secure.transport;
    this.#tlsPort = secure.transport.port;
    this.#certificates = secure.certificates;
    this.#lifetime.onClose(() => secure.transport.close());
    this.#lifetime.onClose(() => secure.certificates.close());
  }

  /** Takes the certificate files as they are now; they are looked at once a minute anyway. False if nothing changed. TRK_SIP_CERTIFICATE: the old ones stay. */
  reloadCertificates(): boolean {
    return this.#certificates?.reload() ?? false;
  }

  #secure(options: TlsOptions): { transport: TcpTransport; certificates: Certificates } {
    const { clock, log } = this.#options;
    const limits = this.#tcpLimits;
    const certificates: Certificates = new Certificates(options, clock, log, (material) => sockets.renew(material));
    const sockets = new TlsSockets(() => certificates.material, limits.connectMs);
    return { certificates, transport: new TcpTransport(sockets, clock, limits, this.#streamEvents('tls'), this.#options.doors) };
  }

  get #tcpLimits(): TcpLimits {
    return { ...defaultTcpLimits, ...this.#options.tcp };
  }

  #streamEvents(protocol: 'tcp' | 'tls'): Omit<TcpConnectionEvents, 'onClose'> {
    return {
      onMessage: (message, connection) => this.#receiveOnConnection(message, connection, protocol),
      onParseFailure: (error, connection) => this.#failOnConnection(error, connection, protocol),
    };
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  onMessage(handler: (message: SipMessage, source: Source) => void): void {
    this.#onMessage = handler;
  }

  onParseFailure(handler: (error: SipParseError, source: Source) => void): void {
    this.#onParseFailure = handler;
  }

  async send(message: Buffer, destination: Destination, options: SendOptions = {}): Promise<void> {
    if (!this.#udp || !this.#tcp || this.#lifetime.closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The SIP transport' } });
    if (!options.untraced) this.#options.tap?.message('out', message, this.#pathTo(destination, options.connection));
    // The connections that we hand out are all of this class.
    if (options.connection?.open) return (options.connection as TcpConnection).write(message);
    if (destination.protocol === 'udp') return this.#udp.send(message, destination.port, destination.address);
    if (destination.protocol === 'tcp') return this.#tcp.send(message, destination.address, destination.port);
    if (!this.#tls) throw new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'TLS is not configured' } });
    return this.#tls.send(message, destination.address, destination.port, destination.serverName);
  }

  localAddressFor(destination: Destination): { readonly address: string; readonly port: number } {
    const { address, externalAddress } = this.#options;
    const port = this.#portOf(destination.protocol);
    if (externalAddress !== undefined && !isLoopback(destination.address)) return { address: externalAddress, port };
    return { address: isAnyAddress(address) ? this.#addresses.towards(destination.address) : address, port };
  }

  #portOf(protocol: SipProtocol): number {
    return protocol === 'tls' ? this.#tlsPort : this.#port;
  }

  isOwnSentBy(via: Via): boolean {
    const protocol = via.protocol === 'TLS' ? 'tls' : via.protocol === 'TCP' ? 'tcp' : 'udp';
    if ((via.port ?? defaultPort(protocol)) !== this.#portOf(protocol)) return false;
    const host = bareAddress(via.host);
    if (host === this.#options.externalAddress || host === this.#options.address) return true;
    return isAnyAddress(this.#options.address) && isIP(host) !== 0 && this.#addresses.has(host);
  }

  #receiveDatagram(data: Buffer, address: string, port: number): void {
    // RFC 5626 4.4.1 and older habits: empty lines, or a few zero bytes, keep a NAT open.
    if (data.length <= 4 && (leadingEmptyLines(data) === data.length || data.every((byte) => byte === 0))) return;
    const { doors } = this.#options;
    const verdict = doors?.judge(address, () => factsOfDatagram(data)) ?? 'pass';
    if (verdict === 'drop') return;
    const source: Source = { protocol: 'udp', address, port, localAddress: this.#localAddress(address), localPort: this.#port, ...refusal(verdict) };
    let message: SipMessage;
    try {
      message = parseMessage(data, { stream: false }).message;
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#fail(error, source);
      return;
    }
    // Who is refused has no call to be traced; a flood of them would push out those that have.
    if (!source.refused) this.#options.tap?.message('in', data, pathFrom(source));
    this.#deliver(message, source);
  }

  #receiveOnConnection(message: SipMessage, connection: TcpConnection, protocol: 'tcp' | 'tls'): void {
    const verdict = this.#options.doors?.judge(connection.address, () => factsOfMessage(message)) ?? 'pass';
    // Who is not answered needs no connection. A late answer may come over one that serves other calls.
    if (verdict === 'drop') return message.kind === 'request' ? connection.destroy() : undefined;
    if (verdict === 'pass') this.#options.tap?.message('in', serialize(message), pathFrom(streamSource(connection, protocol)));
    // RFC 5923 8.2: over TLS an alias needs a certificate of the client, which we do not ask for.
    if (message.kind === 'request' && protocol === 'tcp') {
      const via = topVia(message);
      if (via?.params.has('alias') && bareAddress(via.host) === connection.address) this.#tcp?.alias(connection, via.port ?? defaultPort('tcp'));
    }
    this.#deliver(message, { ...streamSource(connection, protocol), ...refusal(verdict) });
  }

  #failOnConnection(error: SipParseError, connection: TcpConnection, protocol: 'tcp' | 'tls'): void {
    const verdict = this.#options.doors?.judge(connection.address, () => NO_FACTS) ?? 'pass';
    this.#fail(error, { ...streamSource(connection, protocol), ...refusal(verdict === 'pass' ? 'pass' : 'refuse') });
    if (verdict === 'drop') connection.destroy();
  }

  #fail(error: SipParseError, source: Source): void {
    this.#options.doors?.failed(source.address, 'garbage');
    this.#guard(() => this.#onParseFailure?.(error, source));
  }

  #pathTo(destination: Destination, connection: SipConnection | undefined): TapPath {
    if (connection?.open) return pathFrom(streamSource(connection as TcpConnection, destination.protocol));
    const local = this.localAddressFor(destination);
    return { protocol: destination.protocol, localAddress: local.address, localPort: local.port, remoteAddress: destination.address, remotePort: destination.port };
  }

  #deliver(message: SipMessage, source: Source): void {
    if (message.kind === 'request') stampVia(message, source.address, source.port);
    this.#guard(() => this.#onMessage?.(message, source));
  }

  /** A fault in a handler costs one message, not the socket. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.log.error({ err: error }, 'handling a SIP message failed');
    }
  }

  #localAddress(peer: string): string {
    const { address } = this.#options;
    return isAnyAddress(address) ? this.#addresses.towards(peer) : plainAddress(address);
  }
}

function refusal(verdict: Verdict): { refused?: true } {
  return verdict === 'refuse' ? { refused: true } : {};
}

function pathFrom({ protocol, address, port, localAddress, localPort }: Source): TapPath {
  return { protocol, localAddress, localPort, remoteAddress: address, remotePort: port };
}

function streamSource(connection: TcpConnection, protocol: SipProtocol): Source {
  const { address, port, localAddress, localPort } = connection;
  return { protocol, address, port, localAddress, localPort, connection };
}
