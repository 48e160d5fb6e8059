import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { DialNow } from '../../outbound/dialer.js';
import type { ApiDeps, CampaignDesk } from '../deps.js';
import { IdParams, Task, problems, strict } from '../schemas.js';
import { wireTask } from '../wire.js';

/** A person looks at a task for so long, ms, before somebody else may have it. */
const LEASE_MS = 5 * 60_000;

const Person = strict({ person: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Who looks at it, where several people share an API key.' })) });
type Person = Static<typeof Person>;
const Body = Type.Unsafe<Person | null>({ ...Person, type: ['object', 'null'] });

/** Preview mode: nothing is dialled but what a person has looked at and wants to be dialled. */
export function previewDialingRoutes(app: FastifyInstance, deps: ApiDeps, { service }: Pick<CampaignDesk, 'service'>): void {
  const { store } = deps;
  const config = { scope: 'tasks:write' } as const;
  const tags = ['tasks'];
  type Params = Static<typeof IdParams>;

  app.post<{ Params: Params; Body: Person | null }>(
    '/v1/campaigns/:id(^[^:]+)::next',
    {
      config,
      schema: {
        operationId: 'nextTask', summary: 'The next task for a person to look at (preview mode)', tags, params: IdParams, body: Body, response: { 200: Task, 204: Type.Null(), ...problems },
        description: 'It is this person\'s for five minutes; asked again meanwhile, it is the same one. 204: none is due now.',
      },
    },
    async (request, reply) => {
      const campaign = await service.get(request.params.id);
      if (campaign.pacing.mode !== 'preview') throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign dials by itself: its pacing mode is "${campaign.pacing.mode}".` }, field: 'pacing.mode' });
      const task = await store.claimTask(campaign.id, personOf(request), LEASE_MS);
      return task === undefined ? reply.status(204).send() : wireTask(task);
    },
  );

  app.post<{ Params: Params; Body: Person | null }>(
    '/v1/tasks/:id(^[^:]+)::dial',
    {
      config,
      schema: {
        operationId: 'dialTask', summary: 'Dial the task that this person looks at', tags, params: IdParams, body: Body, response: { 202: Task, ...problems },
        description: 'The rules are asked as for every call: TRK_DIAL_REFUSED names the one that keeps it back. TRK_DIAL_FULL: it stays this person\'s, try again.',
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const task = await existing(id);
      if (deps.dialNow === undefined) throw new TrunklineError('TRK_DIAL_FULL');
      complain(await deps.dialNow(task, personOf(request)));
      return reply.status(202).send(wireTask(await existing(id)));
    },
  );

  app.post<{ Params: Params; Body: Person | null }>(
    '/v1/tasks/:id(^[^:]+)::skip',
    {
      config,
      schema: { operationId: 'skipTask', summary: 'Give back the task that this person looks at; it goes behind those that are due now', tags, params: IdParams, body: Body, response: { 200: Task, ...problems } },
    },
    async (request) => {
      const { id } = request.params;
      await existing(id);
      if (!(await store.skipTask(id, personOf(request)))) throw notTheirs();
      return wireTask(await existing(id));
    },
  );

  async function existing(id: string) {
    const task = await store.getTask(id);
    if (task === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'task' } });
    return task;
  }
}

function personOf(request: FastifyRequest<{ Body: Person | null }>): string {
  return `${request.caller.id}:${request.body?.person ?? ''}`;
}

const notTheirs = (): TrunklineError => new TrunklineError('TRK_CONFLICT', { params: { reason: 'Nobody by this name looks at the task now, or it was dialled already; ask the campaign for the next one.' } });

function complain(became: DialNow): void {
  switch (became.kind) {
    case 'begun':
      return;
    case 'gone':
      throw notTheirs();
    case 'blocked':
      throw new TrunklineError('TRK_DIAL_REFUSED', { params: { rule: became.rule } });
    case 'full':
      throw new TrunklineError('TRK_DIAL_FULL');
    case 'stopped':
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'Too many people who answered calls of this campaign heard nothing; nothing more is dialled for it.' } });
  }
}
