import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { isEncoding } from '../../outbound/contacts/encoding.js';
import { countryCode } from '../../outbound/contacts/countries.js';
import { IMPORT_SILENCE_MS, runImport } from '../../outbound/contacts/importer.js';
import type { ImportSettings } from '../../outbound/contacts/importer.js';
import { reportRows } from '../../outbound/contacts/report.js';
import type { ContactImport } from '../../store/contacts.js';
import { attended } from '../attended.js';
import { Country, ImportItem, Merge, NewImportBody, wireImport } from '../contact-schemas.js';
import type { ApiDeps } from '../deps.js';
import { IdParams, oneOf, pageOf, pageQuery, problems, strict } from '../schemas.js';

const tags = ['contacts'];
/** Files read at once by this server: each large one takes a process of its own. */
const MOST_AT_ONCE = 4;

const OneShot = strict({
  format: oneOf(['csv', 'ndjson'] as const),
  encoding: NewImportBody.properties.encoding,
  delimiter: NewImportBody.properties.delimiter,
  map: Type.Optional(Type.Unsafe<string | string[]>({ anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string', maxLength: 300 }, maxItems: 500 }], description: '`header=field`, as often as needed.' })),
  defaultCountry: Type.Optional(Country),
  merge: Type.Optional(Merge),
  dryRun: Type.Optional(Type.Boolean()),
  tag: Type.Optional(Type.String({ maxLength: 64, pattern: '^[^|]+$', description: 'Given to every contact.' })),
});

export function contactImportRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { store, clock } = deps;
  const nodeId = newId('node', clock, deps.random);
  const existing = async (id: string): Promise<ContactImport> => {
    await store.interruptImports(clock.now() - IMPORT_SILENCE_MS);
    const found = await store.getImport(id);
    if (found === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'import' } });
    return found;
  };
  let reading = 0;
  const receive = async (toFill: () => Promise<ContactImport>, request: FastifyRequest, reply: FastifyReply) => {
    if (reading >= MOST_AT_ONCE) {
      void reply.header('connection', 'close').header('retry-after', '10');
      throw new TrunklineError('TRK_RATE_LIMITED');
    }
    reading += 1;
    try {
      const made = await toFill();
      const settings = JSON.parse(made.settings) as ImportSettings;
      void deps.events.append('import.started', { importId: made.id, dryRun: settings.dryRun });
      return wireImport(await runImport({ store, clock, log: deps.log, nodeId, onProgress: ended }, made, settings, attended(request.raw, clock)));
    } catch (error) {
      // What is still being sent is for nobody.
      void reply.header('connection', 'close');
      throw error;
    } finally {
      reading -= 1;
    }
  };
  const ended: NonNullable<Parameters<typeof runImport>[0]['onProgress']> = (importId, { rows, created, updated, kept, refused }, state) => {
    if (state !== 'running') void deps.events.append('import.ended', { importId, state, rows, created, updated, kept, refused });
  };

  app.post<{ Body: NewImportBody }>(
    '/v1/contacts/imports',
    { config: { scope: 'contacts:write' }, schema: { operationId: 'createImport', summary: 'Begin an import; its file comes next', tags, body: NewImportBody, response: { 201: ImportItem, ...problems } } },
    async (request, reply) => reply.status(201).send(wireImport(await store.createImport(JSON.stringify(checked(request.body))))),
  );

  app.get<{ Querystring: Static<typeof Page> }>(
    '/v1/contacts/imports',
    { config: { scope: 'contacts:read' }, schema: { operationId: 'listImports', summary: 'Imports, oldest first', tags, querystring: Page, response: { 200: pageOf(ImportItem), ...problems } } },
    async (request) => {
      await store.interruptImports(clock.now() - IMPORT_SILENCE_MS);
      const page = await store.listImports(request.query);
      return { items: page.items.map(wireImport), next: page.next };
    },
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/contacts/imports/:id',
    { config: { scope: 'contacts:read' }, schema: { operationId: 'getImport', summary: 'How far an import is', tags, params: IdParams, response: { 200: ImportItem, ...problems } } },
    async (request) => wireImport(await existing(request.params.id)),
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/contacts/imports/:id/report',
    { config: { scope: 'contacts:read' }, schema: { operationId: 'getImportReport', summary: 'What was refused, as CSV: row, column, code, reason', tags, params: IdParams, response: { 200: Type.String(), ...problems } } },
    async (request, reply) => {
      const { id } = await existing(request.params.id);
      return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${id}.csv"`).send(Readable.from(reportRows(store, id)));
    },
  );

  // The file itself, whatever its type is said to be, as a stream: nothing here holds it whole.
  void app.register(async (files) => {
    files.removeAllContentTypeParsers();
    files.addContentTypeParser('*', (_request, _payload, done) => done(null));
    files.put<{ Params: Static<typeof IdParams> }>(
      '/v1/contacts/imports/:id/content',
      { config: { scope: 'contacts:write', streams: true }, schema: { operationId: 'putImportContent', summary: 'The file of an import; the answer comes when all is read', tags, params: IdParams, response: { 200: ImportItem, ...problems } } },
      async (request, reply) => receive(() => existing(request.params.id), request, reply),
    );
    files.post<{ Querystring: Static<typeof OneShot> }>(
      '/v1/contacts::import',
      { config: { scope: 'contacts:write', streams: true }, schema: { operationId: 'importContacts', summary: 'Import a file in one request', tags, querystring: OneShot, response: { 200: ImportItem, ...problems } } },
      async (request, reply) => {
        const { map, tag, ...rest } = request.query;
        const settings = checked({ ...rest, map: pairs(map), ...(tag === undefined ? {} : { tags: [tag] }) });
        return receive(() => store.createImport(JSON.stringify(settings)), request, reply);
      },
    );
  });
}

const Page = strict(pageQuery);

function pairs(map: string | readonly string[] | undefined): Record<string, string> {
  const all = map === undefined ? [] : typeof map === 'string' ? [map] : map;
  return Object.fromEntries(
    all.map((pair) => {
      const at = pair.lastIndexOf('=');
      if (at < 1) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'expected header=field' }, field: 'map' });
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function checked(body: NewImportBody): ImportSettings {
  const { format, encoding, delimiter, defaultCountry } = body;
  if (encoding !== undefined && !isEncoding(encoding)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'this encoding is not known' }, field: 'encoding' });
  if (defaultCountry !== undefined && countryCode(defaultCountry) === undefined) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'there is no such country' }, field: 'defaultCountry' });
  if (delimiter !== undefined && /["\r\n]/.test(delimiter)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'this cannot be a delimiter' }, field: 'delimiter' });
  return { format, encoding, delimiter, defaultCountry, map: body.map ?? {}, merge: body.merge ?? 'update', dryRun: body.dryRun ?? false, tags: body.tags ?? [] };
}
