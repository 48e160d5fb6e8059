import type { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { parseDestination } from '../../outbound/destination.js';
import { importSuppressions } from '../../outbound/rules/import-suppressions.js';
import type { Suppression as StoredSuppression } from '../../store/rules.js';
import { attended } from '../attended.js';
import { Country } from '../contact-schemas.js';
import type { ApiDeps } from '../deps.js';
import { IdParams, pageOf, pageQuery, problems, strict } from '../schemas.js';
import { timeOf } from '../wire.js';

const Scope = Type.String({ pattern: '^(?:all|camp_[0-9A-Z]{26})$', default: 'all', description: '`all`, or the id of a campaign.' });
const Source = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _.:-]{0,99}$', default: 'api', description: 'Where it comes from: `api`, `console`, the name of a list.' });
const Number = Type.String({ maxLength: 256, description: 'E.164, or a SIP URI; one that names a number stands for the number.' });
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });

const Body = strict({
  number: Type.Optional(Number),
  contactId: Type.Optional(Type.String({ pattern: '^con_[0-9A-Z]{26}$', description: 'A contact, by whatever number; instead of `number`.' })),
  scope: Scope,
  source: Source,
  reason: Type.Optional(Text('In words, for those who read it later.')),
  evidence: Type.Optional(Text('Id of the call or document that proves it; no name or number.')),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Default: never.' })),
});

const Suppression = strict({
  id: Type.String({ description: '`sup_...`' }),
  number: Type.Optional(Type.String({ description: 'Missing for a contact, and after the number was erased.' })),
  contactId: Type.Optional(Type.String()),
  scope: Type.String(),
  source: Type.String(),
  reason: Type.Optional(Type.String()),
  evidence: Type.Optional(Type.String()),
  expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
  createdAt: Type.String({ format: 'date-time' }),
});

const Imported = strict({
  read: Type.Integer({ description: 'Lines with something on them, without the header.' }),
  saved: Type.Integer(),
  refused: Type.Integer(),
  refusals: Type.Array(strict({ line: Type.Integer(), code: Type.String(), reason: Type.String() }), { description: 'The first 100.' }),
});

const Check = strict({ suppressed: Type.Boolean({ description: 'For every campaign.' }), items: Type.Array(Suppression, { description: 'Those in force, also for one campaign only.' }) });

const Query = strict({ ...pageQuery, number: Type.Optional(Number), contactId: Type.Optional(Type.String({ maxLength: 300 })), scope: Type.Optional(Type.String({ maxLength: 300 })) });
const CheckQuery = strict({ number: Number });
const ImportQuery = strict({ scope: Scope, source: Type.String({ ...Source, default: 'import' }), expiresAt: Body.properties.expiresAt, defaultCountry: Type.Optional(Country) });

const wire = (one: StoredSuppression) => ({ ...one, expiresAt: one.expiresAt === undefined ? undefined : timeOf(one.expiresAt), createdAt: timeOf(one.createdAt) });
const expiryOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** Who must not be called. What is added counts for every dial that is not decided yet, on every node. */
export function suppressionRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { store, clock } = deps;
  const tags = ['suppressions'];
  const check = async (number: string) => {
    const now = clock.now();
    const page = await store.listSuppressions({ number: parseDestination(number, 'number'), limit: 1_000 });
    const items = page.items.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
    return { suppressed: items.some(({ scope }) => scope === 'all'), items: items.map(wire) };
  };

  app.post<{ Body: Static<typeof Body> }>(
    '/v1/suppressions',
    { config: { scope: 'suppressions:write' }, schema: { operationId: 'addSuppression', summary: 'Add one; one that is there for the same scope lasts as long as the longer of both', tags, body: Body, response: { 201: Suppression, ...problems } } },
    async ({ body }, reply) => {
      if ((body.number === undefined) === (body.contactId === undefined)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'either a number or a contact' }, field: 'number' });
      const number = body.number === undefined ? undefined : parseDestination(body.number, 'number');
      const [saved] = await store.addSuppressions([{ number, contactId: body.contactId, scope: body.scope, source: body.source, reason: body.reason, evidence: body.evidence, expiresAt: expiryOf(body.expiresAt) }]);
      return reply.status(201).send(wire(saved!));
    },
  );

  app.get<{ Querystring: Static<typeof Query> }>(
    '/v1/suppressions',
    { config: { scope: 'suppressions:read' }, schema: { operationId: 'listSuppressions', summary: 'Suppressions, oldest first, ended ones too', tags, querystring: Query, response: { 200: pageOf(Suppression), ...problems } } },
    async ({ query }) => {
      const page = await store.listSuppressions({ ...query, ...(query.number === undefined ? {} : { number: parseDestination(query.number, 'number') }) });
      return { items: page.items.map(wire), next: page.next };
    },
  );

  app.get<{ Querystring: Static<typeof CheckQuery> }>(
    '/v1/suppressions::check',
    { config: { scope: 'suppressions:read' }, schema: { operationId: 'checkSuppression', summary: 'Is this number suppressed now?', tags, querystring: CheckQuery, response: { 200: Check, ...problems } } },
    async ({ query }) => check(query.number),
  );

  app.post<{ Body: Static<typeof CheckQuery> }>(
    '/v1/suppressions::check',
    { config: { scope: 'suppressions:read' }, schema: { operationId: 'askSuppression', summary: 'The same; the number stands in no address, and so in no log of a proxy', tags, body: CheckQuery, response: { 200: Check, ...problems } } },
    async ({ body }) => check(body.number),
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/suppressions/:id',
    { config: { scope: 'suppressions:read' }, schema: { operationId: 'getSuppression', summary: 'One suppression', tags, params: IdParams, response: { 200: Suppression, ...problems } } },
    async ({ params }) => {
      const found = await store.getSuppression(params.id);
      if (found === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'suppression' } });
      return wire(found);
    },
  );

  app.delete<{ Params: Static<typeof IdParams> }>(
    '/v1/suppressions/:id',
    { config: { scope: 'suppressions:write' }, schema: { operationId: 'deleteSuppression', summary: 'Take one away; the compliance log says so', tags, params: IdParams, response: { 204: Type.Null(), ...problems } } },
    async ({ params }, reply) => {
      if (!(await store.deleteSuppression(params.id))) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'suppression' } });
      return reply.status(204).send();
    },
  );
}

/** In a scope of its own: its bodies are streams of lines, of any length. */
export function suppressionImportRoute(app: FastifyInstance, deps: ApiDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['text/plain', 'text/csv', 'application/octet-stream'], (_request, payload, done) => done(null, payload));
  app.post<{ Body: Readable; Querystring: Static<typeof ImportQuery> }>(
    '/v1/suppressions::import',
    {
      config: { scope: 'suppressions:write', streams: true },
      bodyLimit: 2 ** 40,
      schema: {
        operationId: 'importSuppressions',
        summary: 'Add a list as it streams in: a number a line, or CSV with a column `number` and perhaps `reason`',
        tags: ['suppressions'],
        querystring: ImportQuery,
        body: { content: { 'text/plain': { schema: Type.Unknown() }, 'text/csv': { schema: Type.Unknown() } } },
        response: { 200: Imported, ...problems },
      },
    },
    async ({ body, query }) => importSuppressions(attended(body, deps.clock), { scope: query.scope, source: query.source, expiresAt: expiryOf(query.expiresAt) }, query.defaultCountry, (batch) => deps.store.addSuppressions(batch)),
  );
}
