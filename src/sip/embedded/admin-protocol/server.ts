import { createServer, type AddressInfo, type Server } from 'node:net';
import { TrunklineError } from '../../../kernel/errors.js';
import { Seats } from './seat.js';
import { AdminSession, type SessionOptions } from './session.js';

/** Connections at once; applications keep one each. */
const MAX_SESSIONS = 64;
const LOOPBACK = '127.0.0.1';

export interface AdminServer {
  readonly port: number;
  readonly sessions: number;
  close(): Promise<void>;
}

/** Listens on loopback only. `port` 0 takes any. TRK_PORT_IN_USE. */
export async function startAdminServer(options: Omit<SessionOptions, 'socket' | 'onClosed' | 'seats'> & { readonly port: number; /** How long a named application may stay away before its calls end, ms. */ readonly keepMs: number }): Promise<AdminServer> {
  const sessions = new Set<AdminSession>();
  const seats = new Seats(options.core, options.clock, options.keepMs);
  const server = createServer((socket) => {
    if (sessions.size >= MAX_SESSIONS) return socket.destroy();
    const session: AdminSession = new AdminSession({ ...options, seats, socket, onClosed: () => sessions.delete(session) });
    return sessions.add(session);
  });
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    get sessions() {
      return sessions.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of [...sessions]) session.close();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new TrunklineError('TRK_PORT_IN_USE', { params: { port, transport: 'tcp' }, cause: error }) : new TrunklineError('TRK_INTERNAL', { params: { reason: error.message }, cause: error }));
    });
    server.listen(port, LOOPBACK, () => resolve());
  });
}
