import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { TrunklineError } from '../../../kernel/errors.js';
import { plainAddress } from './addresses.js';
import { listenError } from './listen-error.js';

/** Bytes of the system's receive queue: 50 calls a second times the retransmissions of a bad second. The system may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** One bound UDP socket. */
export class UdpSocket {
  readonly #socket: Socket;
  #open = false;
  readonly #both: boolean;

  private constructor(socket: Socket, both: boolean) {
    this.#socket = socket;
    this.#both = both;
  }

  /** TRK_PORT_IN_USE, TRK_SIP_TRANSPORT. */
  static bind(address: string, port: number, onDatagram: (data: Buffer, address: string, port: number) => void, onError: (error: Error) => void): Promise<UdpSocket> {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' });
    const udp = new UdpSocket(socket, address === '::');
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(listenError(error, port, 'UDP'));
      });
      socket.bind({ address, port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        socket.on('error', onError);
        socket.on('message', (data, from) => onDatagram(data, plainAddress(from.address), from.port));
        udp.#open = true;
        try {
          socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
        } catch (error) {
          onError(error as Error);
        }
        resolve(udp);
      });
    });
  }

  get address(): string {
    return this.#socket.address().address;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(data: Buffer, port: number, address: string): Promise<void> {
    if (!this.#open) return Promise.reject(new TrunklineError('TRK_CLOSED', { params: { what: 'The SIP transport' } }));
    return new Promise((resolve, reject) => {
      const done = (error: Error | null): void => {
        if (error) reject(new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'UDP send failed' }, cause: error }));
        else resolve();
      };
      try {
        // A socket of both families takes IPv4 addresses only in their IPv6 clothes (RFC 4291 2.5.5.2).
        this.#socket.send(data, port, this.#both && isIPv4(address) ? `::ffff:${address}` : address, done);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#open = false;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
