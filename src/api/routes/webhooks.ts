import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { checkWebhookSecret, newWebhookSecret } from '../../followup/webhook-signature.js';
import { testEntry } from '../../followup/webhooks.js';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { OutboxEntry, WebhookEndpoint } from '../../store/outbox.js';
import { isAllowed } from '../auth.js';
import type { Caller } from '../auth.js';
import type { ApiDeps, OutboxDesk } from '../deps.js';
import { eventSchemas } from '../events.js';
import { IdParams, oneOf, pageOf, pageQuery, problems, strict } from '../schemas.js';
import { timeOf } from '../wire.js';

/** How long the secret before a rotation stays valid, ms: receivers have a day to change theirs. */
const ROTATION_MS = 24 * 3_600_000;
const MAX_ENDPOINTS = 100;
/** Dead deliveries that one request brings back. */
const MAX_REPLAY = 10_000;
const states = ['pending', 'running', 'succeeded', 'retry_wait', 'dead'] as const;

const time = Type.String({ format: 'date-time' });
const settings = {
  url: Type.String({ maxLength: 2_000, description: '`https://...`; `http://` where the network is trusted. Redirects are not followed.' }),
  events: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 64, uniqueItems: true, description: 'Types of events, `task.*`, or `*`.' }),
  fullResult: Type.Boolean({ default: false, description: '`task.done` carries the whole result, with what was said; takes the scope `results:read` as well.' }),
  enabled: Type.Boolean({ default: true, description: 'false: nothing new is kept for it, and what waits goes on waiting.' }),
  description: Type.Optional(Type.String({ maxLength: 200 })),
};
const Endpoint = strict({ id: Type.String(), ...settings, previousSecretUntil: Type.Optional(time), createdAt: time, updatedAt: time });
const WithSecret = strict({ ...Endpoint.properties, secret: Type.String({ description: '`whsec_...`, shown this once.' }) });
const Body = strict({ ...settings, secret: Type.Optional(Type.String({ maxLength: 120, description: 'One of your own: `whsec_` and base64 of 24 to 64 bytes.' })) });
const Changes = Type.Partial(strict(settings), { additionalProperties: false, minProperties: 1 });
const Delivery = strict({
  id: Type.String(),
  type: Type.String(),
  state: oneOf(states),
  tries: Type.Integer(),
  nextTryAt: Type.Optional(time),
  lastError: Type.Optional(Type.String({ description: '`http_500`, `timeout`, `redirect_302`, `private_address`, `ECONNREFUSED`, ...' })),
  createdAt: time,
  doneAt: Type.Optional(time),
});
const DeliveryQuery = strict({ ...pageQuery, state: Type.Optional(oneOf(states)) });

export function webhookRoutes(app: FastifyInstance, deps: ApiDeps, desk: OutboxDesk): void {
  const tags = ['webhooks'];
  const read = { scope: 'webhooks:read' } as const;
  const write = { scope: 'webhooks:write' } as const;
  const { store, clock, random } = deps;
  const found = (endpoint: WebhookEndpoint | undefined): WebhookEndpoint => {
    if (endpoint === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'webhook' } });
    return endpoint;
  };
  const existing = async (id: string): Promise<WebhookEndpoint> => found(await store.getWebhook(id));
  const change = async (...given: Parameters<typeof store.changeWebhook>): Promise<WebhookEndpoint> => found(await store.changeWebhook(...given));

  app.post<{ Body: Static<typeof Body> }>(
    '/v1/webhooks',
    { config: write, schema: { operationId: 'createWebhook', summary: 'Be told of events by POST, signed as Standard Webhooks says', tags, body: Body, response: { 201: WithSecret, ...problems } } },
    async (request, reply) => {
      const { secret, ...body } = request.body;
      check(desk, body);
      mayRead(request.caller, body);
      if ((await store.listWebhooks()).length >= MAX_ENDPOINTS) throw new TrunklineError('TRK_CONFLICT', { params: { reason: `There are ${MAX_ENDPOINTS} webhooks already.` } });
      const now = clock.now();
      const endpoint: WebhookEndpoint = {
        ...body,
        id: newId('hook', clock, random),
        secret: secret === undefined ? newWebhookSecret(random) : checkWebhookSecret(secret, 'secret'),
        previousSecret: undefined,
        previousUntil: undefined,
        description: body.description,
        sinceCursor: await store.lastEventCursor(),
        createdAt: now,
        updatedAt: now,
      };
      await store.addWebhook(endpoint);
      return reply.status(201).header('cache-control', 'no-store').send({ ...wireEndpoint(endpoint), secret: endpoint.secret });
    },
  );

  app.get('/v1/webhooks', { config: read, schema: { operationId: 'listWebhooks', summary: 'All webhooks, without their secrets', tags, response: { 200: pageOf(Endpoint), ...problems } } }, async () => ({
    items: (await store.listWebhooks()).map(wireEndpoint),
  }));

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/webhooks/:id',
    { config: read, schema: { operationId: 'getWebhook', summary: 'One webhook', tags, params: IdParams, response: { 200: Endpoint, ...problems } } },
    async (request) => wireEndpoint(await existing(request.params.id)),
  );

  app.patch<{ Params: Static<typeof IdParams>; Body: Static<typeof Changes> }>(
    '/v1/webhooks/:id',
    { config: write, schema: { operationId: 'changeWebhook', summary: 'Change what is given; the rest stays', tags, params: IdParams, body: Changes, response: { 200: Endpoint, ...problems } } },
    async (request) => {
      const changed = await change(request.params.id, (before) => {
        const wanted = { ...before, ...request.body };
        check(desk, wanted);
        mayRead(request.caller, wanted);
        return { ...request.body, updatedAt: clock.now() };
      });
      desk.changed();
      return wireEndpoint(changed);
    },
  );

  app.delete<{ Params: Static<typeof IdParams> }>(
    '/v1/webhooks/:id',
    { config: write, schema: { operationId: 'deleteWebhook', summary: 'Remove a webhook and what waits for it', tags, params: IdParams, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      if (!(await store.deleteWebhook(request.params.id))) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'webhook' } });
      return reply.status(204).send();
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/webhooks/:id(^[^:]+)::rotate',
    { config: write, schema: { operationId: 'rotateWebhookSecret', summary: 'A new secret; for a day both sign', tags, params: IdParams, response: { 200: WithSecret, ...problems } } },
    async (request, reply) => {
      const secret = newWebhookSecret(random);
      const now = clock.now();
      const endpoint = await change(request.params.id, (before) => ({ secret, previousSecret: before.secret, previousUntil: now + ROTATION_MS, updatedAt: now }));
      return reply.header('cache-control', 'no-store').send({ ...wireEndpoint(endpoint), secret: endpoint.secret });
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/webhooks/:id(^[^:]+)::test',
    { config: write, schema: { operationId: 'testWebhook', summary: 'Send a `webhook.test`; the deliveries tell what came of it', tags, params: IdParams, response: { 202: strict({ eventId: Type.String() }), ...problems } } },
    async (request, reply) => {
      const endpoint = await existing(request.params.id);
      const eventId = newId('evt', clock, random);
      await store.addOutbox([testEntry(endpoint, eventId, clock.now())]);
      desk.changed();
      return reply.status(202).send({ eventId });
    },
  );

  app.get<{ Params: Static<typeof IdParams>; Querystring: Static<typeof DeliveryQuery> }>(
    '/v1/webhooks/:id/deliveries',
    { config: read, schema: { operationId: 'listDeliveries', summary: 'What was sent to it, or waits, oldest first', tags, params: IdParams, querystring: DeliveryQuery, response: { 200: pageOf(Delivery), ...problems } } },
    async (request) => {
      const { id: target } = await existing(request.params.id);
      const page = await store.listOutbox({ channel: 'webhook', target, ...request.query });
      return { items: page.items.map(wireDelivery), next: page.next };
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/webhooks/:id(^[^:]+)::replay',
    {
      config: write,
      schema: { operationId: 'replayWebhook', summary: `Send its dead deliveries again, at most ${MAX_REPLAY}`, tags, params: IdParams, response: { 202: strict({ count: Type.Integer() }), ...problems } },
    },
    async (request, reply) => {
      const { id: target } = await existing(request.params.id);
      let count = 0;
      for (let cursor: string | undefined; count < MAX_REPLAY; ) {
        const page = await store.listOutbox({ channel: 'webhook', target, state: 'dead', limit: 200, ...(cursor === undefined ? {} : { cursor }) });
        for (const { id } of page.items) if (await store.requeueOutbox(id)) count++;
        if (page.next === undefined) break;
        cursor = page.next;
      }
      desk.changed();
      return reply.status(202).send({ count });
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/deliveries/:id(^[^:]+)::redeliver',
    { config: write, schema: { operationId: 'redeliver', summary: 'Send one delivery that ended again, with the same `webhook-id`', tags, params: IdParams, response: { 202: Delivery, ...problems } } },
    async (request, reply) => {
      const { id } = request.params;
      const entry = await store.getOutbox(id);
      if (entry?.channel !== 'webhook') throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'delivery' } });
      if (!(await store.requeueOutbox(id))) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'It waits to be sent already.' } });
      desk.changed();
      return reply.status(202).send(wireDelivery((await store.getOutbox(id)) ?? entry));
    },
  );
}

/** Whole results go only to where somebody sends them who may read them. */
function mayRead(caller: Caller, { fullResult }: { fullResult: boolean }): void {
  if (fullResult && !isAllowed(caller, 'results:read')) throw new TrunklineError('TRK_FORBIDDEN', { params: { scope: 'results:read' }, field: 'fullResult' });
}

function check(desk: OutboxDesk, { url, events }: { url: string; events: readonly string[] }): void {
  const refuse = (field: string, reason: string): never => {
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason }, field });
  };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) return refuse('url', 'an address begins with https:// or http://');
  if (parsed.username !== '' || parsed.password !== '') refuse('url', 'credentials do not belong in an address: the signature proves who sends');
  if (!desk.mayReach(parsed.hostname)) refuse('url', 'it leads into a network that is not public; webhooks.allow in the configuration opens one');
  const types = Object.keys(eventSchemas);
  events.forEach((wanted, index) => {
    const known = wanted === '*' || types.includes(wanted) || (wanted.endsWith('.*') && types.some((type) => type.startsWith(wanted.slice(0, -1))));
    if (!known) refuse(`events[${index}]`, 'no event has this type');
  });
}

function wireEndpoint(endpoint: WebhookEndpoint) {
  const { id, url, events, fullResult, enabled, description, previousUntil } = endpoint;
  return { id, url, events, fullResult, enabled, description, previousSecretUntil: previousUntil === undefined ? undefined : timeOf(previousUntil), createdAt: timeOf(endpoint.createdAt), updatedAt: timeOf(endpoint.updatedAt) };
}

function wireDelivery(entry: OutboxEntry) {
  const { id, type, state, tries, lastError } = entry;
  const waits = state === 'pending' || state === 'retry_wait';
  return { id, type, state, tries, lastError, nextTryAt: waits ? timeOf(Math.max(entry.nextAt, entry.createdAt)) : undefined, createdAt: timeOf(entry.createdAt), doneAt: entry.doneAt === undefined ? undefined : timeOf(entry.doneAt) };
}
