import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import { TrunklineError } from '../../kernel/errors.js';
import type { Authenticator } from '../auth.js';
import type { ApiDeps } from '../deps.js';
import { EventStream } from '../event-stream.js';
import { EventMessage } from '../events.js';
import { problems, strict } from '../schemas.js';

/** Clients at once. */
const MAX_CLIENTS = 200;
/** Those that have not shown a key yet: counted apart, so that strangers shut nobody out. */
const MAX_STRANGERS = 50;
/** The first message, where the key comes in it, must be here in this time, ms. */
const KEY_WITHIN_MS = 5_000;

const Query = strict({ cursor: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Go on after this event; default: only new ones.' })) });

export function eventRoutes(app: FastifyInstance, deps: ApiDeps, authenticator: Authenticator): void {
  let clients = 0;
  let strangers = 0;
  app.route<{ Querystring: Static<typeof Query> }>({
    method: 'GET',
    url: '/v1/events',
    config: { scope: 'events:read', keyInMessage: true },
    schema: {
      operationId: 'events',
      summary: 'WebSocket of events, one JSON text message each',
      description: 'The key comes in the Authorization header, or as the first message: {"authorization": "Bearer trk_..."}.',
      tags: ['events'],
      querystring: Query,
      response: { 101: EventMessage, ...problems },
    },
    handler: () => {
      throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'this is a WebSocket' }, field: 'Upgrade' });
    },
    wsHandler: (socket, request) => {
      const header = request.headers.authorization;
      let key = header;
      const stream = new EventStream(socket, { ...deps, authorize: () => authenticator.authorize(key, 'events:read', request.ip) });
      const admit = async (): Promise<void> => {
        if (socket.readyState !== socket.OPEN) return;
        if (clients >= MAX_CLIENTS) return stream.fail(new TrunklineError('TRK_RATE_LIMITED'));
        clients++;
        socket.once('close', () => clients--);
        await stream.start(request.query.cursor);
      };
      if (header !== undefined || !authenticator.required) return void admit();
      if (strangers >= MAX_STRANGERS) return stream.fail(new TrunklineError('TRK_RATE_LIMITED'));
      strangers++;
      firstMessage(socket, deps)
        .then(async (text) => {
          key = keyOf(text);
          await authenticator.authorize(key, 'events:read', request.ip);
          await admit();
        })
        .catch((error: unknown) => stream.fail(error))
        .finally(() => strangers--);
    },
  });
}

/** TRK_UNAUTHORIZED if none comes in time. */
function firstMessage(socket: WebSocket, deps: ApiDeps): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = deps.clock.after(KEY_WITHIN_MS, () => reject(new TrunklineError('TRK_UNAUTHORIZED')));
    socket.once('close', () => {
      timer.cancel();
      reject(new TrunklineError('TRK_UNAUTHORIZED'));
    });
    socket.once('message', (data: RawData) => {
      timer.cancel();
      resolve(Buffer.isBuffer(data) ? data.toString('utf8') : '');
    });
  });
}

function keyOf(text: string): string | undefined {
  try {
    const message = JSON.parse(text) as { authorization?: unknown } | null;
    return typeof message?.authorization === 'string' ? message.authorization : undefined;
  } catch {
    return undefined;
  }
}
