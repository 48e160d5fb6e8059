import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { Task as StoredTask } from '../../store/store.js';
import type { ApiDeps } from '../deps.js';
import type { FlowLookup } from '../flow-lookup.js';
import { checkNewTasks, requestHash } from '../new-tasks.js';
import { Attempt, IdParams, NewTaskBody, Task, oneOf, pageOf, pageQuery, problems, strict, taskStateNames } from '../schemas.js';
import { wireAttempt, wireTask } from '../wire.js';

/** Tasks of one request. */
const MAX_BATCH = 10_000;
/** A batch may be this many times larger than other bodies. */
const BATCH_BODY_FACTOR = 16;

const Batch = strict({ tasks: Type.Array(NewTaskBody, { minItems: 1, maxItems: MAX_BATCH }) });
// `if` keeps the errors of the branch that was meant; a union would report all of both.
const Body = Type.Unsafe<NewTaskBody | Static<typeof Batch>>({ type: 'object', if: { properties: { tasks: {} }, required: ['tasks'] }, then: Batch, else: NewTaskBody });
const Headers = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'The same key with the same body makes the tasks once; remembered for 7 days.' })) });
const Resolution = strict({ as: oneOf(['called', 'redial'], '`called`: its result stays; `redial`: it is taken back and the task queued, unless its campaign is over.') });
const Query = strict({ ...pageQuery, state: Type.Optional(oneOf(taskStateNames)) });

export function taskRoutes(app: FastifyInstance, deps: ApiDeps, flows: FlowLookup): void {
  const { store, clock } = deps;

  app.post<{ Body: Static<typeof Body>; Headers: Static<typeof Headers> }>(
    '/v1/tasks',
    {
      bodyLimit: deps.config.body_limit_bytes * BATCH_BODY_FACTOR,
      config: { scope: 'tasks:write' },
      schema: {
        operationId: 'createTasks',
        summary: 'Create one task, or a batch of up to 10,000 as {"tasks": [...]}: all or none',
        tags: ['tasks'],
        headers: Headers,
        body: Body,
        response: { 201: Type.Union([Task, strict({ items: Type.Array(Task) })]), ...problems },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const batch = 'tasks' in body;
      const key = request.headers['idempotency-key'];
      const idempotency = key === undefined ? undefined : { key: `${request.caller.id}:${key}`, requestHash: requestHash(body) };
      // A request that was answered before gets that answer even if it would not be
      // valid any more: an empty batch only looks the key up.
      let made = await store.createTasks([], idempotency);
      if (!made.replayed) {
        const tasks = await checkNewTasks(batch ? body.tasks : [body], (index) => (batch ? `tasks[${index}].` : ''), flows, clock);
        made = await store.createTasks(tasks, idempotency);
      }
      if (made.replayed) void reply.header('idempotency-replayed', 'true');
      else deps.tasksCreated?.();
      const items = made.tasks.map(wireTask);
      return reply.status(201).send(batch ? { items } : items[0]);
    },
  );

  app.get<{ Querystring: Static<typeof Query> }>(
    '/v1/tasks',
    {
      config: { scope: 'tasks:read' },
      schema: { operationId: 'listTasks', summary: 'Tasks, oldest first', tags: ['tasks'], querystring: Query, response: { 200: pageOf(Task), ...problems } },
    },
    async (request) => {
      const page = await store.listTasks(request.query);
      return { items: page.items.map(wireTask), next: page.next };
    },
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/tasks/:id',
    { config: { scope: 'tasks:read' }, schema: { operationId: 'getTask', summary: 'One task', tags: ['tasks'], params: IdParams, response: { 200: Task, ...problems } } },
    async (request) => wireTask(await existing(deps, request.params.id)),
  );

  app.get<{ Params: Static<typeof IdParams> }>(
    '/v1/tasks/:id/attempts',
    { config: { scope: 'tasks:read' }, schema: { operationId: 'listAttempts', summary: 'Every dial of a task, the first one first', tags: ['tasks'], params: IdParams, response: { 200: strict({ items: Type.Array(Attempt) }), ...problems } } },
    async (request) => {
      const { id } = await existing(deps, request.params.id);
      return { items: (await store.listAttempts(id)).map(wireAttempt) };
    },
  );

  app.post<{ Params: Static<typeof IdParams>; Body: Static<typeof Resolution> }>(
    '/v1/tasks/:id(^[^:]+)::resolve',
    {
      config: { scope: 'tasks:write' },
      schema: {
        operationId: 'resolveTask',
        summary: 'Say what became of a task that is unknown: it was called, or it shall be dialled again',
        tags: ['tasks'],
        params: IdParams,
        body: Resolution,
        response: { 200: Task, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const task = await existing(deps, id);
      if (!(await store.resolveTask(id, request.body.as))) {
        throw new TrunklineError('TRK_CONFLICT', { params: { reason: `A task in state ${task.state} is not unknown.` } });
      }
      if (request.body.as === 'redial') deps.tasksCreated?.();
      return wireTask(await existing(deps, id));
    },
  );

  app.post<{ Params: Static<typeof IdParams> }>(
    '/v1/tasks/:id(^[^:]+)::cancel',
    {
      config: { scope: 'tasks:write' },
      schema: { operationId: 'cancelTask', summary: 'Cancel a task that was not dialled yet', tags: ['tasks'], params: IdParams, response: { 200: Task, ...problems } },
    },
    async (request) => {
      const { id } = request.params;
      const task = await existing(deps, id);
      if (!(await store.cancelTask(id))) {
        throw new TrunklineError('TRK_CONFLICT', { params: { reason: `A task in state ${task.state} cannot be cancelled; a running call can be hung up.` } });
      }
      return wireTask(await existing(deps, id));
    },
  );
}

async function existing(deps: ApiDeps, id: string): Promise<StoredTask> {
  const task = await deps.store.getTask(id);
  if (task === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'task' } });
  return task;
}
