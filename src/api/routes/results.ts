import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiDeps } from '../deps.js';
import type { CallResult, Store } from '../../store/store.js';
import { csvHead, csvRows } from '../result-csv.js';
import { FlowId, IdParams, Result, dispositionNames, oneOf, pageOf, pageQuery, problems, strict } from '../schemas.js';
import { wireResult } from '../wire.js';

const EXPORT_PAGE = 200;

const Query = strict({
  ...pageQuery,
  flow: Type.Optional(FlowId),
  disposition: Type.Optional(oneOf(dispositionNames)),
  campaign: Type.Optional(Type.String({ maxLength: 64, description: 'Id of a campaign.' })),
  verdict: Type.Optional(oneOf(['continue', 'end', 'redial_at', 'follow_up', 'handoff'])),
  format: oneOf(['json', 'ndjson', 'csv'] as const, '`ndjson`: everything from the cursor on, one result a line, `limit` not looked at; `csv`: the same for spreadsheets.'),
});
Query.properties.format.default = 'json';

type Filter = Omit<Parameters<Store['listResults']>[0], 'limit'>;

export function resultRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['results'];

  app.get<{ Querystring: Static<typeof Query> }>(
    '/v1/results',
    {
      config: { scope: 'results:read' },
      schema: { operationId: 'listResults', summary: 'Results, oldest first', tags, produces: ['application/json', 'application/x-ndjson', 'text/csv'], querystring: Query, response: { 200: pageOf(Result), ...problems } },
    },
    async (request, reply) => {
      const { format, limit, ...filter } = request.query;
      if (format !== 'json') {
        // The first page is read before the answer begins: a bad cursor is still a 400.
        const first = await deps.store.listResults({ ...filter, limit: EXPORT_PAGE });
        if (format === 'csv') {
          // The mark tells spreadsheets that it is UTF-8.
          void reply.header('content-disposition', 'attachment; filename="results.csv"').type('text/csv; charset=utf-8');
          return reply.send(Readable.from(withHead(`\uFEFF${csvHead()}`, pages(deps.store, filter, first, (results) => csvPage(deps.store, results)))));
        }
        return reply.type('application/x-ndjson').send(Readable.from(pages(deps.store, filter, first, async (results) => results.map((result) => `${JSON.stringify(wireResult(result))}\n`).join(''))));
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

/** A page at a time, as fast as the client reads. */
async function* pages(store: Store, filter: Filter, first: Awaited<ReturnType<Store['listResults']>>, write: (results: readonly CallResult[]) => Promise<string>): AsyncGenerator<string> {
  let page = first;
  for (;;) {
    if (page.items.length > 0) yield await write(page.items);
    if (page.next === undefined) return;
    page = await store.listResults({ ...filter, cursor: page.next, limit: EXPORT_PAGE });
  }
}

async function* withHead(head: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

async function csvPage(store: Store, results: readonly CallResult[]): Promise<string> {
  const ids = results.flatMap(({ taskId }) => taskId ?? []);
  const tasks = new Map((await store.getTasks(ids)).map((task) => [task.id, task]));
  return csvRows(results.map((result) => ({ result, task: tasks.get(result.taskId ?? '') })));
}
