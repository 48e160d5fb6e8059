import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import { TrunklineError } from '../../../kernel/errors.js';
import { listenError } from './listen-error.js';
import { TcpConnection } from './tcp-connection.js';
import type { TcpConnectionEvents, TcpLimits } from './tcp-connection.js';

/** The TCP listener and every connection, ours and theirs. */
export class TcpTransport {
  readonly #clock: Clock;
  readonly #limits: TcpLimits;
  readonly #events: Omit<TcpConnectionEvents, 'onClose'>;
  readonly #server: Server;
  readonly #connections = new Set<TcpConnection>();
  readonly #perAddress = new Map<string, number>();
  /** By `address:port` of the far end: what a new request may use instead of a new connection. */
  readonly #reusable = new Map<string, TcpConnection>();
  readonly #connecting = new Map<string, Promise<TcpConnection>>();
  readonly #half = new Set<Socket>();
  #nextId = 1;
  #closed = false;

  constructor(clock: Clock, limits: TcpLimits, events: Omit<TcpConnectionEvents, 'onClose'>) {
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** TRK_PORT_IN_USE, TRK_SIP_TRANSPORT. */
  listen(address: string, port: number, onError: (error: Error) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(listenError(error, port, 'TCP')));
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

  async send(data: Buffer, address: string, port: number): Promise<void> {
    const reusable = this.#reusable.get(key(address, port));
    const connection = reusable?.usable ? reusable : await this.#connect(address, port);
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
    for (const socket of this.#half) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const held = this.#perAddress.get(socket.remoteAddress ?? '') ?? 0;
    if (this.#closed || this.#connections.size >= this.#limits.connections || held >= this.#limits.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.#adopt(socket);
  }

  #adopt(socket: Socket): TcpConnection {
    const counted = socket.remoteAddress ?? '';
    this.#perAddress.set(counted, (this.#perAddress.get(counted) ?? 0) + 1);
    const connection = new TcpConnection(this.#nextId++, socket, this.#clock, this.#limits, {
      ...this.#events,
      onClose: (closed) => {
        this.#connections.delete(closed);
        const left = (this.#perAddress.get(counted) ?? 1) - 1;
        if (left > 0) this.#perAddress.set(counted, left);
        else this.#perAddress.delete(counted);
        for (const [name, one] of this.#reusable) if (one === closed) this.#reusable.delete(name);
      },
    });
    this.#connections.add(connection);
    this.#reusable.set(key(connection.address, connection.port), connection);
    return connection;
  }

  /** Requests that want the same peer at the same time share one attempt. */
  #connect(address: string, port: number): Promise<TcpConnection> {
    const name = key(address, port);
    const running = this.#connecting.get(name);
    if (running) return running;
    const attempt = this.#open(address, port).finally(() => this.#connecting.delete(name));
    this.#connecting.set(name, attempt);
    return attempt;
  }

  #open(address: string, port: number): Promise<TcpConnection> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void => reject(new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason }, cause }));
      if (this.#closed) return reject(new TrunklineError('TRK_CLOSED', { params: { what: 'The SIP transport' } }));
      if (this.#connections.size + this.#half.size >= this.#limits.connections) return fail('too many TCP connections');
      const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
      this.#half.add(socket);
      const timer = this.#clock.after(this.#limits.connectMs, () => socket.destroy(new Error('connect timed out')), { keepAlive: false });
      const settle = (): void => {
        timer.cancel();
        this.#half.delete(socket);
        socket.removeAllListeners();
      };
      socket.once('error', (error) => {
        settle();
        // A late error of a socket that nobody listens to any more must not end the process.
        socket.on('error', () => undefined);
        fail('TCP connection failed', error);
      });
      socket.once('close', () => {
        settle();
        fail('TCP connection failed');
      });
      socket.once('connect', () => {
        settle();
        const connection = this.#adopt(socket);
        // `address` may be a name; the next request for it shall find this connection.
        this.#reusable.set(key(address, port), connection);
        resolve(connection);
      });
    });
  }
}

function key(address: string, port: number): string {
  return `${address}:${port}`;
}
