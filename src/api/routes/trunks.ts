import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { InboundAuth, TrunkName, TrunkSchema, checkTrunk } from '../../config/trunk-schema.js';
import type { TrunkSettings } from '../../config/trunk-schema.js';
import { withFormerSecrets, withoutSecrets } from '../../config/trunk-secrets.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { TrunkStatus } from '../../sip/trunk/trunks.js';
import type { ApiDeps, TrunkDesk } from '../deps.js';
import { oneOf, pageOf, problems, strict } from '../schemas.js';
import { timeOf } from '../wire.js';

const Params = strict({ name: TrunkName });

const Status = strict({
  state: oneOf(['up', 'down', 'registering', 'unchecked', 'disabled'], '`unchecked`: nothing was asked yet, or nothing is to be asked; it carries calls.'),
  reason: Type.Optional(Type.String({ description: 'Status or code that says why it is down.' })),
  channels: Type.Integer({ description: 'Calls now.' }),
  talkedMsToday: Type.Number({ description: 'Outbound talk of this UTC day, ms.' }),
  lastHour: strict(
    {
      attempts: Type.Integer({ description: 'INVITEs with their final response.' }),
      answered: Type.Integer(),
      asr: Type.Optional(Type.Number({ description: 'Answer-seizure ratio: answered / attempts, 0 to 1.' })),
      ner: Type.Optional(Type.Number({ description: 'Network effectiveness: answered or refused by the callee / attempts (RFC 6076 4.7), 0 to 1.' })),
      acdMs: Type.Optional(Type.Number({ description: 'Average duration of answered calls that ended, ms.' })),
      pddMs: Type.Optional(Type.Number({ description: 'Average post-dial delay, ms.' })),
    },
    'Outbound calls of the last 60 minutes; missing where nothing was counted.',
  ),
  targets: Type.Array(strict({ target: Type.String(), state: oneOf(['unknown', 'up', 'down']), last: Type.Optional(Type.String({ description: 'Last answer to OPTIONS.' })) })),
  registration: strict({ state: oneOf(['off', 'registering', 'registered', 'failed']), expiresAt: Type.Optional(Type.String({ format: 'date-time' })), error: Type.Optional(Type.String()) }),
});
const Trunk = strict({
  ...Type.Omit(TrunkSchema, ['password', 'inbound_auth']).properties,
  inbound_auth: Type.Optional(Type.Omit(InboundAuth, ['password'], { additionalProperties: false })),
  has_password: Type.Boolean({ description: 'The password itself is never shown.' }),
  source: oneOf(['config', 'api'], 'Those of the configuration file are changed there.'),
  status: Status,
});
const Step = strict({ step: oneOf(['resolve', 'options', 'challenge', 'credentials', 'register']), target: Type.String(), ok: Type.Boolean(), answer: Type.String(), ms: Type.Number(), code: Type.Optional(Type.String()) });
const Report = strict({
  trunk: Type.String(),
  ok: Type.Boolean(),
  steps: Type.Array(Step),
  problem: Type.Optional(strict({ code: Type.String(), message: Type.String(), field: Type.Optional(Type.String()), docs: Type.String() })),
});

/** The same form as in the configuration file, hence its spelling of names. */
export function trunkRoutes(app: FastifyInstance, deps: ApiDeps, desk: TrunkDesk): void {
  const tags = ['trunks'];
  const config = { scope: 'admin' } as const;

  app.get('/v1/trunks', { config, schema: { operationId: 'listTrunks', summary: 'All trunks with their states', tags, response: { 200: pageOf(Trunk), ...problems } } }, async () => {
    const all = await every(deps, desk);
    return { items: all.map((one) => wireTrunk(one, desk)) };
  });

  app.get<{ Params: Static<typeof Params> }>(
    '/v1/trunks/:name',
    { config, schema: { operationId: 'getTrunk', summary: 'One trunk with its state', tags, params: Params, response: { 200: Trunk, ...problems } } },
    async (request) => wireTrunk(await existing(deps, desk, request.params.name), desk),
  );

  app.put<{ Params: Static<typeof Params>; Body: TrunkSettings }>(
    '/v1/trunks/:name',
    {
      config,
      schema: {
        operationId: 'putTrunk',
        summary: 'Make a trunk, or replace it; running calls go on',
        description: 'Without `password`, the one that is there stays as long as `username` stays; so does that of `inbound_auth`.',
        tags,
        params: Params,
        body: TrunkSchema,
        response: { 200: Trunk, ...problems },
      },
    },
    async (request) => {
      const { name } = request.params;
      if (request.body.name !== name) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'it is not the name in the path' }, field: 'name' });
      refuseConfigured(desk, name);
      const before = (await deps.store.getTrunk(name))?.settings;
      const settings = withFormerSecrets(request.body, before);
      checkTrunk(settings);
      const record = await deps.store.putTrunk(settings);
      desk.changed(record.settings);
      return wireTrunk({ settings: record.settings, source: 'api' }, desk);
    },
  );

  app.delete<{ Params: Static<typeof Params> }>(
    '/v1/trunks/:name',
    { config, schema: { operationId: 'deleteTrunk', summary: 'Remove a trunk; running calls go on', tags, params: Params, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      const { name } = request.params;
      refuseConfigured(desk, name);
      if (!(await deps.store.deleteTrunk(name))) throw unknown();
      desk.removed(name);
      return reply.status(204).send();
    },
  );

  app.post<{ Params: Static<typeof Params> }>(
    '/v1/trunks/:name(^[^:]+)::test',
    { config, schema: { operationId: 'testTrunk', summary: 'Try names, OPTIONS and credentials, and say what came back', tags, params: Params, response: { 200: Report, ...problems } } },
    async (request) => desk.test((await existing(deps, desk, request.params.name)).settings),
  );
}

interface Known {
  readonly settings: TrunkSettings;
  readonly source: 'config' | 'api';
}

async function every(deps: ApiDeps, desk: TrunkDesk): Promise<Known[]> {
  const configured = desk.configured.map((settings): Known => ({ settings, source: 'config' }));
  const names = new Set(desk.configured.map(({ name }) => name));
  const stored = (await deps.store.listTrunks()).filter(({ settings }) => !names.has(settings.name));
  return [...configured, ...stored.map(({ settings }): Known => ({ settings, source: 'api' }))].sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1));
}

async function existing(deps: ApiDeps, desk: TrunkDesk, name: string): Promise<Known> {
  const found = (await every(deps, desk)).find(({ settings }) => settings.name === name);
  if (found === undefined) throw unknown();
  return found;
}

function refuseConfigured(desk: TrunkDesk, name: string): void {
  if (desk.configured.some((trunk) => trunk.name === name)) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This trunk is declared in the configuration file and is changed there.' }, field: 'name' });
}

function statusOf(desk: TrunkDesk, name: string): TrunkStatus | undefined {
  return desk.status().find((status) => status.name === name);
}

function unknown(): TrunklineError {
  return new TrunklineError('TRK_NOT_FOUND', { params: { what: 'trunk' } });
}

function wireTrunk({ settings, source }: Known, desk: TrunkDesk) {
  const status = statusOf(desk, settings.name);
  const { attempts, answered, asr, ner, acdMs, pddMs } = desk.lastHour(settings.name);
  const registration = status?.registration;
  return {
    ...withoutSecrets(settings),
    has_password: settings.password !== undefined,
    source,
    status: {
      state: status?.state ?? 'disabled',
      reason: status?.reason,
      channels: status?.channels ?? 0,
      talkedMsToday: status?.talkedMsToday ?? 0,
      lastHour: { attempts, answered, asr: rounded(asr), ner: rounded(ner), acdMs, pddMs },
      targets: status?.targets ?? [],
      registration: { state: registration?.state ?? 'off', error: registration?.error, expiresAt: registration?.expiresAt === undefined ? undefined : timeOf(registration.expiresAt) },
    },
  };
}

function rounded(ratio: number | undefined): number | undefined {
  return ratio === undefined ? undefined : Math.round(ratio * 1_000) / 1_000;
}
