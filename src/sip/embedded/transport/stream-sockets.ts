import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { TrunklineError } from '../../../kernel/errors.js';

/** How sockets of a stream transport are made; what flows through them is the same for TCP and TLS. */
export interface StreamSockets {
  readonly protocol: 'tcp' | 'tls';
  /**
   * Not yet listening. `admit` sees each connection before anything is spent on it and
   * says whether it may stay; `onSocket` gets it when messages can flow.
   */
  createServer(admit: (socket: Socket) => boolean, onSocket: (socket: Socket) => void): Server;
  /** A connection to `address`; `ready` is the event after which messages can flow. `serverName` is the name that the peer must prove to have. */
  connect(address: string, port: number, serverName: string | undefined): { readonly socket: Socket; readonly ready: 'connect' | 'secureConnect' };
  /** What a failed attempt means. */
  failure(error: Error | undefined): TrunklineError;
}

export const plainSockets: StreamSockets = {
  protocol: 'tcp',
  createServer: (admit, onSocket) =>
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (admit(socket)) onSocket(socket);
      else socket.destroy();
    }),
  connect: (address, port) => ({ socket: connect({ host: address, port, allowHalfOpen: true, noDelay: true }), ready: 'connect' }),
  failure: (error) => new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'TCP connection failed' }, cause: error }),
};
