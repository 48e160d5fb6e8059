import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { previewOf } from '../../outbound/audiences/preview.js';
import { parseFilter } from '../../outbound/audiences/parse-filter.js';
import type { ContactFilter } from '../../store/contact-filter.js';
import type { Audience } from '../../store/contacts.js';
import { isAllowed } from '../auth.js';
import { AudienceBody, AudienceItem, ContactItem, wireAudience, wireContact } from '../contact-schemas.js';
import type { ApiDeps } from '../deps.js';
import { IdParams, pageOf, pageQuery, problems, strict } from '../schemas.js';

const tags = ['audiences'];
const Preview = strict({
  count: Type.Integer({ description: 'Contacts in it now.' }),
  sample: Type.Optional(Type.Array(ContactItem, { description: 'Some of them, at most 10. Missing for a key without `contacts:read`.' })),
  ms: Type.Number({ description: 'How long counting and choosing took.' }),
});
const Page = strict(pageQuery);

export function audienceRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { store } = deps;
  const parse = async (filter: string): Promise<ContactFilter> => parseFilter(filter, new Map((await store.listAttributes()).map(({ name, type }) => [name, type])));
  const read = { scope: 'audiences:read' } as const;
  const write = { scope: 'audiences:write' } as const;

  app.post<{ Body: Static<typeof AudienceBody> }>(
    '/v1/audiences',
    { config: write, schema: { operationId: 'createAudience', summary: 'Save a choice of contacts', tags, body: AudienceBody, response: { 201: AudienceItem, ...problems } } },
    async (request, reply) => {
      await parse(request.body.filter);
      return reply.status(201).send(wireAudience(await store.createAudience(request.body)));
    },
  );

  app.get<{ Querystring: Static<typeof Page> }>(
    '/v1/audiences',
    { config: read, schema: { operationId: 'listAudiences', summary: 'Audiences, oldest first', tags, querystring: Page, response: { 200: pageOf(AudienceItem), ...problems } } },
    async (request) => {
      const page = await store.listAudiences(request.query);
      return { items: page.items.map(wireAudience), next: page.next };
    },
  );

  app.post<{ Body: { filter: string } }>(
    '/v1/audiences::preview',
    { config: read, schema: { operationId: 'previewFilter', summary: 'Who a filter would take, before it is saved', tags, body: strict({ filter: AudienceBody.properties.filter }), response: { 200: Preview, ...problems } } },
    async (request) => wirePreview(await previewOf(deps, { filter: await parse(request.body.filter) }, isAllowed(request.caller, 'contacts:read'))),
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/audiences/:id',
    { config: read, schema: { operationId: 'getAudience', summary: 'One audience', tags, params: IdParams, response: { 200: AudienceItem, ...problems } } },
    async (request) => wireAudience(found(await store.getAudience(request.params.id))),
  );

  app.put<{ Params: Static<typeof IdParams>; Body: Static<typeof AudienceBody> }>(
    '/v1/audiences/:id',
    { config: write, schema: { operationId: 'updateAudience', summary: 'Change it; another filter makes a frozen one live', tags, params: IdParams, body: AudienceBody, response: { 200: AudienceItem, ...problems } } },
    async (request) => {
      await parse(request.body.filter);
      return wireAudience(found(await store.updateAudience(request.params.id, request.body)));
    },
  );

  app.delete<{ Params: Static<typeof IdParams> }>(
    '/v1/audiences/:id',
    { config: write, schema: { operationId: 'deleteAudience', summary: 'Forget it; its contacts stay', tags, params: IdParams, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      if (!(await store.deleteAudience(request.params.id))) throw none();
      return reply.status(204).send();
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/audiences/:id(^[^:]+)::preview',
    { config: read, schema: { operationId: 'previewAudience', summary: 'How many are in it now, and some of them', tags, params: IdParams, response: { 200: Preview, ...problems } } },
    async (request) => {
      const audience = found(await store.getAudience(request.params.id));
      return wirePreview(await previewOf(deps, audience.kind === 'frozen' ? { frozenAudience: audience.id } : { filter: await parse(audience.filter) }, isAllowed(request.caller, 'contacts:read')));
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/audiences/:id(^[^:]+)::freeze',
    { config: write, schema: { operationId: 'freezeAudience', summary: 'Write down who is in it now', tags, params: IdParams, response: { 200: AudienceItem, ...problems } } },
    async (request) => {
      const { filter } = found(await store.getAudience(request.params.id));
      return wireAudience(found(await store.freezeAudience(request.params.id, await parse(filter), filter)));
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/audiences/:id(^[^:]+)::thaw',
    { config: write, schema: { operationId: 'thawAudience', summary: 'Live again', tags, params: IdParams, response: { 200: AudienceItem, ...problems } } },
    async (request) => wireAudience(found(await store.thawAudience(request.params.id))),
  );
}

const none = (): TrunklineError => new TrunklineError('TRK_NOT_FOUND', { params: { what: 'audience' } });

function found(audience: Audience | undefined): Audience {
  if (audience === undefined) throw none();
  return audience;
}

function wirePreview({ count, sample, ms }: Awaited<ReturnType<typeof previewOf>>) {
  return { count, sample: sample?.map(wireContact), ms };
}
