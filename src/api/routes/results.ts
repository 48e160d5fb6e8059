import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiDeps } from '../deps.js';
import type { Store } from '../../store/store.js';
import { FlowId, IdParams, Result, dispositionNames, oneOf, pageOf, pageQuery, problems, strict } from '../schemas.js';
import { wireResult } from '../wire.js';

const EXPORT_PAGE = 200;

const Query = strict({
  ...pageQuery,
  flow: Type.Optional(FlowId),
  disposition: Type.Optional(oneOf(dispositionNames)),
  format: oneOf(['json', 'ndjson'] as const, '`ndjson`: everything from the cursor on, one result a line, `limit` not looked at.'),
});
Query.properties.format.default = 'json';

type Filter = Omit<Parameters<Store['listResults']>[0], 'limit'>;

export function resultRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['results'];

  app.get<{ Querystring: Static<typeof Query> }>(
    '/v1/results',
    {
      config: { scope: 'results:read' },
      schema: { operationId: 'listResults', summary: 'Results, oldest first', tags, produces: ['application/json', 'application/x-ndjson'], querystring: Query, response: { 200: pageOf(Result), ...problems } },
    },
    async (request, reply) => {
      const { format, limit, ...filter } = request.query;
      if (format === 'ndjson') {
        // The first page is read before the answer begins: a bad cursor is still a 400.
        const first = await deps.store.listResults({ ...filter, limit: EXPORT_PAGE });
        return reply.type('application/x-ndjson').send(Readable.from(lines(deps.store, filter, first)));
      }
      const page = await deps.store.listResults({ ...filter, limit });
      return { items: page.items.map(wireResult), next: page.next };
    },
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/results/:id',
    {
      config: { scope: 'results:read' },
      schema: { operationId: 'getResult', summary: 'One result, by its own id or that of its task, attempt or call', tags, params: IdParams, response: { 200: Result, ...problems } },
    },
    async (request) => {
      const result = await deps.store.getResult(request.params.id);
      if (result === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'result' } });
      return wireResult(result);
    },
  );
}

/** A page of lines at a time, as fast as the client reads. */
async function* lines(store: Store, filter: Filter, first: Awaited<ReturnType<Store['listResults']>>): AsyncGenerator<string> {
  let page = first;
  for (;;) {
    if (page.items.length > 0) yield page.items.map((result) => `${JSON.stringify(wireResult(result))}\n`).join('');
    if (page.next === undefined) return;
    page = await store.listResults({ ...filter, cursor: page.next, limit: EXPORT_PAGE });
  }
}
