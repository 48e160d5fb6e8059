import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiDeps } from '../deps.js';
import { openRecording, partOf } from '../recording.js';
import { IdParams, LiveCall, pageOf, problems, strict } from '../schemas.js';
import { wireCall } from '../wire.js';

const RangeHeaders = Type.Object({ range: Type.Optional(Type.String({ maxLength: 100, description: 'One range of bytes.' })) });

export function callRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { calls } = deps;
  const tags = ['calls'];
  const noCall = () => new TrunklineError('TRK_NOT_FOUND', { params: { what: 'live call' } });

  app.get(
    '/v1/calls',
    { config: { scope: 'calls:read' }, schema: { operationId: 'listCalls', summary: 'Live calls', tags, response: { 200: pageOf(LiveCall), ...problems } } },
    () => ({ items: calls.live().map(wireCall) }),
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/calls/:id',
    { config: { scope: 'calls:read' }, schema: { operationId: 'getCall', summary: 'One live call with its transcript so far', tags, params: IdParams, response: { 200: LiveCall, ...problems } } },
    (request) => {
      const call = calls.get(request.params.id);
      if (call === undefined) throw noCall();
      return wireCall(call);
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/calls/:id(^[^:]+)::hangup',
    {
      config: { scope: 'calls:write' },
      schema: { operationId: 'hangUpCall', summary: 'Hang up; the result follows as an event', tags, params: IdParams, response: { 202: strict({ id: Type.String() }), ...problems } },
    },
    (request, reply) => {
      if (!calls.hangup(request.params.id)) throw noCall();
      return reply.status(202).send({ id: request.params.id });
    },
  );

  app.get<{ Params: Static<typeof IdParams>; Headers: Static<typeof RangeHeaders> }>(
    '/v1/calls/:id/recording',
    {
      config: { scope: 'results:read' },
      schema: {
        operationId: 'getRecording',
        summary: 'The stereo recording of a finished call (audio/wav)',
        tags,
        produces: ['audio/wav'],
        params: IdParams,
        headers: RangeHeaders,
        response: { 200: Type.Any(), 206: Type.Any(), 416: Type.Any(), ...problems },
      },
    },
    async (request, reply) => {
      const result = await deps.store.getResult(request.params.id);
      const file = result?.recording === undefined ? undefined : await openRecording(deps.recordingsDir, result.recording);
      if (file === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'recording of a call' } });
      void reply.header('accept-ranges', 'bytes').type('audio/wav');
      const part = partOf(request.headers.range, file.size);
      if (part === 'unsatisfiable') {
        // RFC 9110 section 15.5.17: a 416 "SHOULD ... generate a Content-Range header field with an unsatisfied-range value".
        await file.close();
        return reply.status(416).header('content-range', `bytes */${file.size}`).send();
      }
      void reply.header('content-length', part.end - part.start + 1);
      if (part.partial) void reply.status(206).header('content-range', `bytes ${part.start}-${part.end}/${file.size}`);
      if (file.size === 0 || request.method === 'HEAD') {
        await file.close();
        return reply.send();
      }
      return reply.send(file.read(part.start, part.end));
    },
  );
}
