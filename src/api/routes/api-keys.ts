import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiDeps } from '../deps.js';
import { createApiKey, scopes } from '../keys.js';
import { IdParams, oneOf, pageOf, problems, strict } from '../schemas.js';
import { wireApiKey } from '../wire.js';

const Name = Type.String({ minLength: 1, maxLength: 100, description: 'Who uses it.' });
const ApiKey = strict({
  id: Type.String(),
  name: Name,
  scopes: Type.Array(oneOf(scopes)),
  createdAt: Type.String({ format: 'date-time' }),
  revokedAt: Type.Optional(Type.String({ format: 'date-time' })),
});
const Body = strict({ name: Name, scopes: Type.Array(oneOf(scopes), { minItems: 1, uniqueItems: true }) });

export function apiKeyRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['api-keys'];
  app.post<{ Body: Static<typeof Body> }>(
    '/v1/api-keys',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createApiKey',
        summary: 'Create a key; its secret is shown this once',
        tags,
        body: Body,
        response: { 201: strict({ ...ApiKey.properties, secret: Type.String({ description: '`trk_...`' }) }), ...problems },
      },
    },
    async (request, reply) => {
      const { record, secret } = await createApiKey(deps, request.body);
      return reply.status(201).header('cache-control', 'no-store').send({ ...wireApiKey(record), secret });
    },
  );

  app.get(
    '/v1/api-keys',
    { config: { scope: 'admin' }, schema: { operationId: 'listApiKeys', summary: 'All keys, without their secrets', tags, response: { 200: pageOf(ApiKey), ...problems } } },
    async () => ({ items: (await deps.store.listApiKeys()).map(wireApiKey) }),
  );

  app.delete<{ Params: Static<typeof IdParams> }>(
    '/v1/api-keys/:id',
    {
      config: { scope: 'admin' },
      schema: { operationId: 'revokeApiKey', summary: 'Revoke a key at once', tags, params: IdParams, response: { 204: Type.Null(), ...problems } },
    },
    async (request, reply) => {
      if (!(await deps.store.revokeApiKey(request.params.id))) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'usable API key' } });
      return reply.status(204).send();
    },
  );
}
