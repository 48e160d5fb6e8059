import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiDeps, FoundTrace } from '../deps.js';
import { IdParams, oneOf, problems, strict } from '../schemas.js';

const Query = strict({ format: oneOf(['json', 'text', 'pcap'] as const, '`text`: a ladder of 100 columns; `pcap`: a capture file for Wireshark.') });
Query.properties.format.default = 'json';

const Sdp = strict({
  codecs: Type.Array(Type.String()),
  direction: oneOf(['sendrecv', 'sendonly', 'recvonly', 'inactive'], 'As its sender sees it.'),
  address: Type.String(),
  port: Type.Integer(),
  encrypted: Type.Boolean(),
});
const Line = Type.Union([
  strict({
    kind: Type.Literal('sip'),
    atMs: Type.Number({ description: 'Ms since the first line.' }),
    direction: oneOf(['in', 'out']),
    protocol: Type.String(),
    local: Type.String(),
    remote: Type.String(),
    sipCallId: Type.String(),
    method: Type.String({ description: 'Of the request, or of the one that a response answers.' }),
    status: Type.Optional(Type.Integer({ description: 'Of a response.' })),
    phrase: Type.Optional(Type.String()),
    cseq: Type.Optional(Type.Integer()),
    reason: Type.Optional(Type.String({ description: 'Reason header.' })),
    retransmission: Type.Boolean(),
    sdp: Type.Optional(Sdp),
    raw: Type.String({ description: 'The message; each character of a secret is an x.' }),
  }),
  strict({ kind: Type.Literal('event'), atMs: Type.Number({ description: 'Ms since the first line.' }), event: Type.String(), detail: Type.Optional(Type.String()) }),
]);

export const Trace = strict({
  callId: Type.Optional(Type.String({ description: 'Missing for SIP that belongs to no call.' })),
  sipCallIds: Type.Array(Type.String()),
  live: Type.Boolean(),
  startedAt: Type.String({ format: 'date-time', description: 'Of the first line.' }),
  leftOut: Type.Integer({ description: 'Messages and events in the middle that were given up.' }),
  rtpPackets: Type.Integer({ description: 'RTP headers that `format=pcap` has.' }),
  lines: Type.Array(Line),
});
export type Trace = Static<typeof Trace>;

export function traceRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['calls'];

  app.get<{ Params: Static<typeof IdParams>; Querystring: Static<typeof Query> }>(
    '/v1/calls/:id/trace',
    {
      config: { scope: 'calls:read' },
      schema: {
        operationId: 'getTrace',
        summary: 'The SIP messages and events of a live or lately ended call',
        description: 'By the id of the call, its task, attempt or result, or the SIP Call-ID. It shows telephone numbers: each reading is an event `trace.read`.',
        tags,
        produces: ['application/json', 'text/plain', 'application/vnd.tcpdump.pcap'],
        params: IdParams,
        querystring: Query,
        response: { 200: Type.Union([Trace, Type.String()]), ...problems },
      },
    },
    async (request, reply) => {
      const trace = await find(deps, request.params.id);
      const { format } = request.query;
      await deps.events.append('trace.read', { ...(trace.callId === undefined ? {} : { callId: trace.callId }), keyId: request.caller.id, format });
      if (format === 'text') return reply.type('text/plain; charset=utf-8').send(trace.text());
      if (format === 'json') return trace.json();
      const name = (trace.callId ?? 'trace').replace(/[^\w.-]/g, '_');
      return reply.type('application/vnd.tcpdump.pcap').header('content-disposition', `attachment; filename="${name}.pcap"`).send(Buffer.from(trace.pcap()));
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/calls/:id(^[^:]+)::capture',
    {
      config: { scope: 'calls:write' },
      schema: {
        operationId: 'captureCall',
        summary: 'Capture the RTP headers of a live call from now on; its trace as pcap has them',
        tags,
        params: IdParams,
        response: { 202: strict({ id: Type.String() }), ...problems },
      },
    },
    (request, reply) => {
      deps.traces.capture(request.params.id);
      return reply.status(202).send({ id: request.params.id });
    },
  );
}

/** TRK_NOT_FOUND; TRK_TRACE_GONE for a call that there was. */
async function find(deps: ApiDeps, id: string): Promise<FoundTrace> {
  const direct = deps.traces.find(id);
  if (direct !== undefined) return direct;
  const live = deps.calls.live().find((call) => call.id === id || call.taskId === id || call.attemptId === id);
  const known = live ?? (await deps.store.getResult(id)) ?? undefined;
  if (known === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'call' } });
  const callId = live?.id ?? ('callId' in known ? known.callId : '');
  const found = deps.traces.find(callId);
  if (found === undefined) throw new TrunklineError('TRK_TRACE_GONE');
  return found;
}
