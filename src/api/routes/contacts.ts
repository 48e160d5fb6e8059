import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { parseFilter } from '../../outbound/audiences/parse-filter.js';
import { draftOf, keyReader } from '../../outbound/contacts/objects.js';
import { refusalOf } from '../../outbound/contacts/importer.js';
import type { AttributeType } from '../../store/contact-filter.js';
import type { ContactQuery, NewContact, SaveOutcome } from '../../store/contacts.js';
import { ContactItem, Country, Merge, NewContactBody, wireContact } from '../contact-schemas.js';
import type { ApiDeps } from '../deps.js';
import { IdParams, oneOf, pageOf, pageQuery, problems, strict } from '../schemas.js';

const MAX_BATCH = 1_000;
const BATCH_BODY_FACTOR = 8;

const Batch = strict({ contacts: Type.Array(NewContactBody, { minItems: 1, maxItems: MAX_BATCH }) });
// `if` keeps the errors of the branch that was meant; a union would report all of both.
const Body = Type.Unsafe<NewContactBody | Static<typeof Batch>>({ type: 'object', if: { properties: { contacts: {} }, required: ['contacts'] }, then: Batch, else: NewContactBody });
const SaveQuery = strict({ merge: Type.Optional(Merge), defaultCountry: Type.Optional(Country) });
const ListQuery = strict({
  ...pageQuery,
  filter: Type.Optional(Type.String({ maxLength: 4_000, description: 'An expression as of an audience.' })),
  audience: Type.Optional(Type.String({ maxLength: 100, description: 'Members of this audience.' })),
  number: Type.Optional(Type.String({ maxLength: 20, description: 'E.164.' })),
  externalId: Type.Optional(Type.String({ maxLength: 200 })),
});
const Outcome = strict({ outcome: oneOf(['created', 'updated', 'kept', 'refused']), id: Type.Optional(Type.String()), code: Type.Optional(Type.String()), reason: Type.Optional(Type.String()) });
const types = ['text', 'number', 'boolean', 'date'] as const;
const Attribute = strict({ name: Type.String({ pattern: '^[\\p{L}_][\\p{L}\\p{N}_]{0,63}$' }), type: oneOf(types) });
const AttributeItem = strict({ ...Attribute.properties, indexed: Type.Boolean({ description: 'False: all columns are taken, filters by it are slower.' }) });

const tags = ['contacts'];

export function contactRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { store } = deps;
  const targetOf = keyReader({});

  app.post<{ Body: Static<typeof Body>; Querystring: Static<typeof SaveQuery> }>(
    '/v1/contacts',
    {
      bodyLimit: deps.config.body_limit_bytes * BATCH_BODY_FACTOR,
      config: { scope: 'contacts:write' },
      schema: { operationId: 'saveContacts', summary: 'Create or change one contact, or up to 1,000 as {"contacts": [...]}', tags, querystring: SaveQuery, body: Body, response: { 200: Type.Union([ContactItem, strict({ items: Type.Array(Outcome) })]), 201: ContactItem, ...problems } },
    },
    async (request, reply) => {
      const { body } = request;
      const batch = 'contacts' in body;
      const known = new Map<string, AttributeType>((await store.listAttributes()).map(({ name, type }) => [name, type]));
      const context = { defaultCountry: request.query.defaultCountry, now: deps.clock.now(), source: 'api', evidence: undefined, typeOf: (name: string) => known.get(name) };
      const given = (batch ? body.contacts : [body]).map((one, index): NewContact => {
        const draft = draftOf(one, context, targetOf);
        const contact = draft.finish();
        if (contact !== undefined) return contact;
        const problem = draft.problems[0]!;
        const field = `${batch ? `contacts[${index}].` : ''}${problem.column ?? 'numbers'}`;
        throw problem.code.startsWith('number_') ? new TrunklineError('TRK_NUMBER_INVALID', { field }) : new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: problem.reason }, field });
      });
      const outcomes = await store.saveContacts(given, request.query.merge ?? 'update');
      if (batch) return { items: outcomes.map(wireOutcome) };
      const outcome = outcomes[0]!;
      if (!('id' in outcome)) throw new TrunklineError('TRK_CONFLICT', { params: { reason: sentence(refusalOf(outcome).reason) }, field: outcome.by === 'number' ? 'numbers' : 'externalId' });
      const saved = await store.getContact(outcome.id);
      return await reply.status(outcome.kind === 'created' ? 201 : 200).send(saved && wireContact(saved));
    },
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/v1/contacts',
    { config: { scope: 'contacts:read' }, schema: { operationId: 'listContacts', summary: 'Contacts, oldest first', tags, querystring: ListQuery, response: { 200: pageOf(ContactItem), ...problems } } },
    async (request) => {
      const page = await store.listContacts(await contactQuery(deps, request.query));
      return { items: page.items.map(wireContact), next: page.next };
    },
  );

  app.get(
    '/v1/contacts/attributes',
    { config: { scope: 'contacts:read' }, schema: { operationId: 'listAttributes', summary: 'What is known of contacts besides the fields of every one', tags, response: { 200: strict({ items: Type.Array(AttributeItem) }), ...problems } } },
    async () => ({ items: await store.listAttributes() }),
  );

  app.post<{ Body: { attributes: Static<typeof Attribute>[] } }>(
    '/v1/contacts/attributes',
    {
      config: { scope: 'contacts:write' },
      schema: { operationId: 'declareAttributes', summary: 'Declare attributes before an import infers their types', tags, body: strict({ attributes: Type.Array(Attribute, { minItems: 1, maxItems: 500 }) }), response: { 200: strict({ items: Type.Array(AttributeItem) }), ...problems } },
    },
    async (request) => ({ items: await store.declareAttributes(request.body.attributes) }),
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/contacts/:id',
    { config: { scope: 'contacts:read' }, schema: { operationId: 'getContact', summary: 'One contact', tags, params: IdParams, response: { 200: ContactItem, ...problems } } },
    async (request) => {
      const contact = await store.getContact(request.params.id);
      if (contact === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'contact' } });
      return wireContact(contact);
    },
  );
}

/** What a list is asked by; of a frozen audience its members, of a live one its filter. */
async function contactQuery(deps: ApiDeps, query: Static<typeof ListQuery>): Promise<ContactQuery> {
  const { limit, cursor, number, externalId } = query;
  const known = new Map((await deps.store.listAttributes()).map(({ name, type }) => [name, type]));
  const own = query.filter === undefined ? undefined : parseFilter(query.filter, known);
  const audience = query.audience === undefined ? undefined : await deps.store.getAudience(query.audience);
  if (query.audience !== undefined && audience === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'audience' }, field: 'audience' });
  const live = audience?.kind === 'live' ? parseFilter(audience.filter, known, 'audience') : undefined;
  return {
    limit,
    cursor,
    number,
    externalId,
    filter: own !== undefined && live !== undefined ? { kind: 'and', parts: [own, live] } : (own ?? live),
    frozenAudience: audience?.kind === 'frozen' ? audience.id : undefined,
  };
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

function wireOutcome(outcome: SaveOutcome) {
  return 'id' in outcome ? { outcome: outcome.kind, id: outcome.id } : { outcome: 'refused', ...refusalOf(outcome) };
}
