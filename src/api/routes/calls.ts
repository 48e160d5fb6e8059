import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiDeps } from '../deps.js';
import { partOf } from '../recording.js';
import type { RecordingFile } from '../../recording/vault.js';
import { recordingOf } from '../../store/recordings.js';
import { MAX_DESTINATION, parseDestination } from '../../outbound/destination.js';
import { IdParams, LiveCall, oneOf, pageOf, problems, strict } from '../schemas.js';
import { wireCall } from '../wire.js';

const RangeHeaders = Type.Object({ range: Type.Optional(Type.String({ maxLength: 100, description: 'One range of bytes.' })) });

const TransferBody = strict({
  to: Type.String({ minLength: 1, maxLength: MAX_DESTINATION, description: 'Phone number in E.164 or `sip:` URI.' }),
  mode: oneOf(['blind', 'attended'], '`blind`: the far end is asked to call there. `attended`: we call there first.'),
  from: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+_.-]{1,64}$', description: 'attended: caller number that the target sees.' })),
  ringTimeoutMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 180_000, description: 'How long the target may ring; default `sip.ring_timeout_ms`.' })),
});
const DigitsBody = strict({ digits: Type.String({ pattern: '^[0-9*#A-D]{1,64}$', description: '0-9, *, #, A-D.' }) });

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

  app.post<{ Params: Static<typeof IdParams>; Body: Static<typeof TransferBody> }>(
    '/v1/calls/:id(^[^:]+)::transfer',
    {
      config: { scope: 'calls:write' },
      schema: { operationId: 'transferCall', summary: 'Hand the call to somebody else; the outcome follows as the event call.transfer', tags, params: IdParams, body: TransferBody, response: { 202: strict({ id: Type.String() }), ...problems } },
    },
    (request, reply) => {
      const { to, ...order } = request.body;
      if (!calls.transfer(request.params.id, { ...order, to: parseDestination(to, 'to') })) throw noCall();
      return reply.status(202).send({ id: request.params.id });
    },
  );

  app.post<{ Params: Static<typeof IdParams>; Body: Static<typeof DigitsBody> }>(
    '/v1/calls/:id(^[^:]+)::dtmf',
    {
      config: { scope: 'calls:write' },
      schema: { operationId: 'sendDigits', summary: 'Send keys to the far end; answered when they were sent', tags, params: IdParams, body: DigitsBody, response: { 200: strict({ id: Type.String() }), ...problems } },
    },
    async (request) => {
      if (!(await calls.sendDigits(request.params.id, request.body.digits))) throw noCall();
      return { id: request.params.id };
    },
  );

  app.get<{ Params: Static<typeof IdParams>; Headers: Static<typeof RangeHeaders> }>(
    '/v1/calls/:id/recording',
    {
      config: { scope: 'results:read' },
      schema: {
        operationId: 'getRecording',
        summary: 'The stereo recording of a finished call (audio/wav); each reading is an event recording.read',
        tags,
        produces: ['audio/wav'],
        params: IdParams,
        headers: RangeHeaders,
        response: { 200: Type.Any(), 206: Type.Any(), 416: Type.Any(), ...problems },
      },
    },
    async (request, reply) => {
      const { file, callId } = await openRecording(deps, request.params.id);
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
      await deps.events.append('recording.read', { callId, keyId: request.caller.id });
      return reply.send(file.read(part.start, part.end));
    },
  );
}

/** TRK_NOT_FOUND; TRK_RECORDING_ELSEWHERE where another server has it. */
async function openRecording({ store, recordings }: ApiDeps, id: string): Promise<{ file: RecordingFile; callId: string }> {
  const call = await store.getResult(id);
  const name = call && recordingOf(call);
  const file = name === undefined ? undefined : await recordings.open(name);
  if (call !== undefined && file !== undefined) return { file, callId: call.callId };
  const { recordedIn: folder } = call ?? {};
  if (folder === undefined || recordings.folders.includes(folder)) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'recording of a call' } });
  throw new TrunklineError('TRK_RECORDING_ELSEWHERE', { params: { server: (await store.serverOfFolder(folder)) ?? folder } });
}
