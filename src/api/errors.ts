import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TrunklineError } from '../kernel/errors.js';

/** Whatever was thrown while a request was served, as the coded error that the client gets. */
export function asApiError(thrown: unknown, bodyLimit = 0): TrunklineError {
  if (thrown instanceof TrunklineError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new TrunklineError('TRK_TOO_LARGE', { params: { limit: bodyLimit }, cause: thrown });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: reasons[code ?? ''] ?? 'the body is malformed' }, cause: thrown });
  }
  // What broke inside is for the log; its message may hold anything.
  return new TrunklineError('TRK_INTERNAL', { params: { reason: 'see the log of the server' }, cause: thrown });
}

const reasons: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'this Content-Type is not taken here',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body does not have the announced length',
  FST_ERR_BAD_URL: 'the path is malformed',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long',
};

/** What is no HTTP request at all; there is no request object yet, only its socket. */
export function answerBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const known: Readonly<Record<string, string>> = { HPE_HEADER_OVERFLOW: 'its header is too large', ERR_HTTP_REQUEST_TIMEOUT: 'it did not arrive in time' };
  const answer = new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: known[error.code ?? ''] ?? 'it is not HTTP' } });
  const body = JSON.stringify({ error: answer.toJSON() });
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

export function sendError(reply: FastifyReply, error: TrunklineError): FastifyReply {
  if (error.code === 'TRK_RATE_LIMITED' && !reply.hasHeader('retry-after')) void reply.header('retry-after', '60');
  if (error.code === 'TRK_UNAUTHORIZED') void reply.header('www-authenticate', 'Bearer realm="trunkline"');
  return reply.status(error.status).type('application/json; charset=utf-8').send({ error: error.toJSON() });
}

export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler((thrown: unknown, request: FastifyRequest, reply) => {
    const error = asApiError(thrown, request.routeOptions.bodyLimit);
    const entry = { code: error.code, method: request.method, route: request.routeOptions.url, status: error.status };
    if (error.status >= 500) request.log.error({ ...entry, err: thrown }, 'request failed');
    else request.log.debug(entry, 'request refused');
    return sendError(reply, error);
  });
  app.setNotFoundHandler((_request, reply) => sendError(reply, new TrunklineError('TRK_NOT_FOUND', { params: { what: 'route' } })));
}
