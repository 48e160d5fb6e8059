import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { CompiledFlow } from '../../dialogue/dialogue.js';
import type { ApiDeps } from '../deps.js';
import { FlowId, FlowVersion, pageOf, problems, strict } from '../schemas.js';
import { wireFlow } from '../wire.js';

const Params = strict({ id: FlowId });
const VersionParams = strict({ id: FlowId, version: Type.Integer({ minimum: 1 }) });
const Query = strict({ version: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: the newest.' })) });
const Checked = strict({
  id: FlowId,
  language: Type.String(),
  voice: Type.Optional(Type.String()),
  requiredVariables: Type.Array(Type.String(), { description: 'Variables that each task must bring.' }),
});
const Source = { content: { 'application/yaml': { schema: Type.String() }, 'application/json': { schema: Type.Unknown() } } };

/** Flow files as they are written: YAML, or JSON, which is YAML as well. Nothing is saved that does not compile. */
export function flowRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['flows'];

  // The source is kept as it was given, comments included, so it is never parsed here.
  app.removeContentTypeParser('application/json');
  for (const type of ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml']) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  }

  const save = async (flow: CompiledFlow, text: string) => {
    const before = await deps.store.getFlow(flow.id);
    const record = await deps.store.putFlow(flow.id, text);
    if (record.version !== before?.version) {
      await deps.flows.saved?.(record, flow);
      void deps.events.append('flow.saved', { flow: record.id, version: record.version });
    }
    return wireFlow(record);
  };
  const answers = { 200: FlowVersion, ...problems };

  app.post<{ Body: unknown }>(
    '/v1/flows',
    { config: { scope: 'flows:write' }, schema: { operationId: 'createFlow', summary: 'Save a flow under the id that it states', tags, body: Source, response: { 201: FlowVersion, ...problems } } },
    async (request, reply) => {
      const text = sourceOf(request.body);
      return reply.status(201).send(await save(await deps.flows.check(text), text));
    },
  );

  app.post<{ Body: unknown }>(
    '/v1/flows::check',
    { config: { scope: 'flows:read' }, schema: { operationId: 'checkFlow', summary: 'Find mistakes without saving', tags, body: Source, response: { 200: Checked, ...problems } } },
    async (request) => {
      const flow = await deps.flows.check(sourceOf(request.body));
      return { id: flow.id, language: flow.language, voice: flow.voice, requiredVariables: flow.requiredVariables };
    },
  );

  app.put<{ Params: Static<typeof Params>; Body: unknown }>(
    '/v1/flows/:id',
    {
      config: { scope: 'flows:write' },
      schema: { operationId: 'putFlow', summary: 'Save a new version, unless the source equals the newest', tags, body: Source, params: Params, response: answers },
    },
    async (request) => {
      const text = sourceOf(request.body);
      const flow = await deps.flows.check(text);
      if (flow.id !== request.params.id) throw new TrunklineError('TRK_FLOW_INVALID', { params: { reason: 'its id is not the id in the path' }, field: 'id' });
      return await save(flow, text);
    },
  );

  app.get(
    '/v1/flows',
    { config: { scope: 'flows:read' }, schema: { operationId: 'listFlows', summary: 'The newest version of each flow', tags, response: { 200: pageOf(FlowVersion), ...problems } } },
    async () => ({ items: (await deps.store.listFlows()).map(wireFlow) }),
  );

  const get = async (id: string, version: number | undefined) => {
    const record = await deps.store.getFlow(id, version);
    if (record === undefined) throw new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id } });
    return wireFlow(record);
  };
  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof Query> }>(
    '/v1/flows/:id',
    { config: { scope: 'flows:read' }, schema: { operationId: 'getFlow', summary: 'One flow', tags, params: Params, querystring: Query, response: answers } },
    (request) => get(request.params.id, request.query.version),
  );
  app.get<{ Params: Static<typeof VersionParams> }>(
    '/v1/flows/:id/versions/:version',
    { config: { scope: 'flows:read' }, schema: { operationId: 'getFlowVersion', summary: 'One version of a flow', tags, params: VersionParams, response: answers } },
    (request) => get(request.params.id, request.params.version),
  );
}

function sourceOf(body: unknown): string {
  if (typeof body === 'string' && body.trim() !== '') return body;
  throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'the body must be a flow' } });
}
