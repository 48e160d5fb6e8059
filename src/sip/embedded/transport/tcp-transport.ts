import type { Server, Socket } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import { TrunklineError } from '../../../kernel/errors.js';
import type { Doors } from '../doors/doors.js';
import { sourceKey } from '../doors/source-key.js';
import { plainAddress } from './addresses.js';
import { listenError } from './listen-error.js';
import type { StreamSockets } from './stream-sockets.js';
import { TcpConnection } from './tcp-connection.js';
import type { TcpConnectionEvents, TcpLimits } from './tcp-connection.js';

/** The listener of TCP or TLS and every connection, ours and theirs. */
export class TcpTransport {
  readonly #sockets: StreamSockets;
  readonly #clock: Clock;
  readonly #limits: TcpLimits;
  readonly #events: Omit<TcpConnectionEvents, 'onClose'>;
  readonly #server: Server;
  readonly #connections = new Set<TcpConnection>();
  readonly #doors: Pick<Doors, 'admitsConnection' | 'trusts'> | undefined;
  readonly #perSource = new Map<string, number>();
  /** Connections of theirs whose sources are not trusted. */
  #strangers = 0;
  /** By `address:port` of the far end: what a new request may use instead of a new connection. */
  readonly #reusable = new Map<string, TcpConnection>();
  readonly #connecting = new Map<string, Promise<TcpConnection>>();
  readonly #half = new Set<Socket>();
  /** Connections of theirs before the end of the TLS handshake, by `address:port` of the far end. */
  readonly #greeting = new Map<string, Socket>();
  #nextId = 1;
  #closed = false;

  constructor(sockets: StreamSockets, clock: Clock, limits: TcpLimits, events: Omit<TcpConnectionEvents, 'onClose'>, doors?: Pick<Doors, 'admitsConnection' | 'trusts'>) {
    this.#doors = doors;
    this.#sockets = sockets;
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
    this.#server = sockets.createServer(
      (socket) => this.#admit(socket),
      (socket) => this.#accept(socket),
    );
  }

  /** TRK_PORT_IN_USE, TRK_SIP_TRANSPORT. */
  listen(address: string, port: number, onError: (error: Error) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(listenError(error, port, this.#sockets.protocol.toUpperCase())));
      this.#server.listen({ host: address, port, exclusive: true }, () => {
        this.#server.removeAllListeners('error');
        this.#server.on('error', onError);
        resolve();
      });
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** TRK_SIP_TRANSPORT, TRK_SIP_CERTIFICATE, TRK_CLOSED. */
  async send(data: Buffer, address: string, port: number, serverName?: string): Promise<void> {
    const reusable = this.#reusable.get(key(address, port, serverName));
    const connection = reusable?.usable ? reusable : await this.#connect(address, port, serverName);
    await connection.write(data);
  }

  /**
   * Lets requests for `address:port` use this connection (RFC 5923 `alias`). Without TLS the
   * peer proves only its address, so an alias is taken for that address alone, and never from another connection.
   */
  alias(connection: TcpConnection, port: number): void {
    const name = key(connection.address, port);
    if (connection.usable && !this.#reusable.get(name)?.usable) this.#reusable.set(name, connection);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of [...this.#connections]) connection.destroy();
    for (const socket of [...this.#half, ...this.#greeting.values()]) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #admit(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? '');
    const source = sourceKey(address);
    const greeting = [...this.#greeting.values()].filter((other) => sourceKey(plainAddress(other.remoteAddress ?? '')) === source).length;
    const held = (this.#perSource.get(source) ?? 0) + greeting;
    const all = this.#connections.size + this.#greeting.size;
    if (this.#closed || all >= this.#limits.connections || held >= this.#limits.connectionsPerAddress) return false;
    if (this.#doors && !this.#doors.admitsConnection(address, held)) return false;
    // Half of the places are kept for those that we know.
    if (this.#doors?.trusts(address) === false && this.#strangers + this.#greeting.size >= this.#limits.connections / 2) return false;
    if (this.#sockets.protocol === 'tcp') return true;
    const name = key(address, socket.remotePort ?? 0);
    this.#greeting.set(name, socket);
    socket.once('close', () => this.#greeting.delete(name));
    // Node's own handshake timeout ends the TLS side; this one sees to it that the place is free again.
    this.#clock.after(this.#limits.connectMs, () => {
      if (this.#greeting.get(name) !== socket) return;
      this.#greeting.delete(name);
      socket.destroy();
    }, { keepAlive: false });
    return true;
  }

  #accept(socket: Socket): void {
    this.#greeting.delete(key(socket.remoteAddress ?? '', socket.remotePort ?? 0));
    if (this.#closed) return void socket.destroy();
    const connection = this.#adopt(socket, '');
    if (this.#doors?.trusts(connection.address) !== false) return;
    this.#strangers += 1;
    socket.once('close', () => (this.#strangers -= 1));
    connection.expectMessage(this.#limits.firstMessageMs);
  }

  /** `name`: what the peer proved; over TLS a request for its bare address must not use a connection that proved something else. */
  #adopt(socket: Socket, name: string): TcpConnection {
    const counted = sourceKey(plainAddress(socket.remoteAddress ?? ''));
    this.#perSource.set(counted, (this.#perSource.get(counted) ?? 0) + 1);
    const connection = new TcpConnection(this.#nextId++, socket, this.#clock, this.#limits, {
      ...this.#events,
      onClose: (closed) => {
        this.#connections.delete(closed);
        const left = (this.#perSource.get(counted) ?? 1) - 1;
        if (left > 0) this.#perSource.set(counted, left);
        else this.#perSource.delete(counted);
        for (const [name, one] of this.#reusable) if (one === closed) this.#reusable.delete(name);
      },
    });
    this.#connections.add(connection);
    this.#reusable.set(key(connection.address, connection.port, name), connection);
    return connection;
  }

  /** Requests that want the same peer at the same time share one attempt. */
  #connect(address: string, port: number, serverName: string | undefined): Promise<TcpConnection> {
    const name = key(address, port, serverName);
    const running = this.#connecting.get(name);
    if (running) return running;
    const attempt = this.#open(address, port, serverName).finally(() => this.#connecting.delete(name));
    this.#connecting.set(name, attempt);
    return attempt;
  }

  #open(address: string, port: number, serverName: string | undefined): Promise<TcpConnection> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new TrunklineError('TRK_CLOSED', { params: { what: 'The SIP transport' } }));
      if (this.#connections.size + this.#half.size >= this.#limits.connections) {
        return reject(new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: `too many ${this.#sockets.protocol.toUpperCase()} connections` } }));
      }
      const { socket, ready } = this.#sockets.connect(address, port, serverName);
      this.#half.add(socket);
      const timer = this.#clock.after(this.#limits.connectMs, () => socket.destroy(new Error('connect timed out')), { keepAlive: false });
      const settle = (): void => {
        timer.cancel();
        this.#half.delete(socket);
        for (const event of ['error', 'close', ready]) socket.removeAllListeners(event);
      };
      socket.once('error', (error) => {
        settle();
        // A late error of a socket that nobody listens to any more must not end the process.
        socket.on('error', () => undefined);
        reject(this.#sockets.failure(error));
      });
      socket.once('close', () => {
        settle();
        reject(this.#sockets.failure(undefined));
      });
      socket.once(ready, () => {
        settle();
        const connection = this.#adopt(socket, serverName ?? '');
        // `address` may be a name; the next request for it shall find this connection.
        this.#reusable.set(key(address, port, serverName), connection);
        resolve(connection);
      });
    });
  }
}

/** A connection whose peer proved one name must not carry requests for another (RFC 5923 8.1). */
function key(address: string, port: number, serverName = ''): string {
  return `${plainAddress(address)}:${port}:${serverName.toLowerCase()}`;
}
