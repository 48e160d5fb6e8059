import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import type { Campaign as StoredCampaign } from '../../store/campaigns.js';
import { dialRules } from '../../store/rules.js';
import { Campaign, CampaignBody, campaignStateNames, settingsFrom, wireCampaign } from '../campaign-schemas.js';
import type { ApiDeps, CampaignDesk } from '../deps.js';
import { IdParams, Task, oneOf, pageOf, pageQuery, problems, strict, taskStateNames } from '../schemas.js';
import { timeOf, wireTask } from '../wire.js';

type Params = Static<typeof IdParams>;

const Seen = strict({ revision: Type.Optional(Type.Integer({ minimum: 1, description: 'As you have seen it; another one is TRK_CONFLICT. `If-Match` says the same.' })) });
type Seen = Static<typeof Seen>;
const Match = Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 40, description: 'Revision as you have seen it, e.g. `"7"`.' })) });
type Match = Static<typeof Match>;

const Count = Type.Integer({ minimum: 0 });
const Preview = strict({
  members: Type.Integer({ description: 'Of all audiences; who is in several counts in each.' }),
  judged: Type.Integer({ description: 'Contacts that were looked at; the counts below are of these.' }),
  sampled: Type.Boolean({ description: 'The audience is larger than what was judged.' }),
  callable: Type.Integer({ description: 'Would be called now.' }),
  blocked: strict(Object.fromEntries(dialRules.map((rule) => [rule, Type.Optional(Count)])), 'Would not be called now, by the rule that keeps them back.'),
  over: Type.Integer({ description: 'Their task of the round is over, or on the line.' }),
  skipped: strict({ noNumber: Count, variables: Type.Record(Type.String(), Count, { description: 'Without the attribute that this variable of the flow needs.' }) }),
  categories: Type.Record(Type.String(), Count),
  expectedFinish: Type.Optional(Type.String({ format: 'date-time' })),
  basis: strict({
    calls: Type.Integer({ description: 'Calls at once.' }),
    answerRate: Type.Number(),
    attemptMs: Type.Number({ description: 'From the dial to the end, on average.' }),
    assumed: Type.Boolean({ description: 'No calls of this campaign were seen yet.' }),
  }, 'What `expectedFinish` rests on.'),
});
const Skipped = strict({ contactId: Type.String(), round: Type.Integer(), reason: oneOf(['variable', 'no_number']), detail: Type.String({ description: 'Name of the variable.' }), at: Type.String({ format: 'date-time' }) });

const ListQuery = strict({ ...pageQuery, state: Type.Optional(oneOf(campaignStateNames)) });
const TaskQuery = strict({ ...pageQuery, state: Type.Optional(oneOf(taskStateNames)) });
const PageQuery = strict(pageQuery);

export function campaignRoutes(app: FastifyInstance, deps: ApiDeps, { service, timeZone }: CampaignDesk): void {
  const tags = ['campaigns'];
  const read = { scope: 'campaigns:read' } as const;
  const write = { scope: 'campaigns:write' } as const;

  app.post<{ Body: CampaignBody }>(
    '/v1/campaigns',
    { config: write, schema: { operationId: 'createCampaign', summary: 'Make a draft; nothing is called before it is started', tags, body: CampaignBody, response: { 201: Campaign, ...problems } } },
    async (request, reply) => reply.status(201).send(wireCampaign(await service.create(settingsFrom(request.body, timeZone)))),
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/v1/campaigns',
    { config: read, schema: { operationId: 'listCampaigns', summary: 'Campaigns, oldest first', tags, querystring: ListQuery, response: { 200: pageOf(Campaign), ...problems } } },
    async (request) => {
      const page = await deps.store.listCampaigns(request.query);
      return { items: page.items.map(wireCampaign), next: page.next };
    },
  );

  app.get<{ Params: Params }>(
    '/v1/campaigns/:id',
    { config: read, schema: { operationId: 'getCampaign', summary: 'One campaign, and what has become of it so far', tags, params: IdParams, response: { 200: Campaign, ...problems } } },
    async (request) => {
      const campaign = await service.get(request.params.id);
      const { meanAttemptMs, expectedFinish, ...progress } = await service.progress(campaign);
      const answerRate = progress.attempts === 0 ? undefined : Math.round((progress.answered / progress.attempts) * 1_000) / 1_000;
      return { ...wireCampaign(campaign), progress: { ...progress, answerRate, meanAttemptMs, expectedFinish: expectedFinish === undefined ? undefined : timeOf(expectedFinish) } };
    },
  );

  app.put<{ Params: Params; Body: CampaignBody; Headers: Match }>(
    '/v1/campaigns/:id',
    {
      config: write,
      schema: {
        operationId: 'putCampaign', summary: 'Change the settings', tags, params: IdParams, headers: Match, body: CampaignBody, response: { 200: Campaign, ...problems },
        description: 'All of a draft; of a campaign that was started, what no task holds a copy of. Another end or recurrence holds at once, for the round that is under way, too; a new priority for tasks that are made from then on.',
      },
    },
    async (request) => wireCampaign(await service.update(request.params.id, settingsFrom(request.body, timeZone), revisionOf(request.headers, {}))),
  );

  app.delete<{ Params: Params }>(
    '/v1/campaigns/:id',
    { config: write, schema: { operationId: 'deleteCampaign', summary: 'Delete a draft', tags, params: IdParams, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      if (!(await deps.store.deleteCampaign(request.params.id))) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'campaign' } });
      return reply.status(204).send();
    },
  );

  const moves = {
    start: 'Start it; it begins at `startsAt`',
    pause: 'Dial nothing of it any more, until it is resumed; calls that run go on',
    resume: 'Go on',
    stop: 'End it for good: what was not dialled is cancelled, calls that run go on',
  } as const;
  for (const [verb, summary] of Object.entries(moves) as [keyof typeof moves, string][]) {
    app.post<{ Params: Params; Body: Seen | null; Headers: Match }>(
      `/v1/campaigns/:id(^[^:]+)::${verb}`,
      {
        config: write,
        schema: {
          operationId: `${verb}Campaign`, summary, tags, params: IdParams, headers: Match, response: { 200: Campaign, ...problems },
          description: 'Of two people who do this at once one wins; the other gets TRK_CONFLICT with the state as it is now.',
          body: Type.Unsafe<Seen | null>({ ...Seen, type: ['object', 'null'] }),
        },
      },
      async (request): Promise<ReturnType<typeof wireCampaign>> => wireCampaign(await service[verb](request.params.id, revisionOf(request.headers, request.body ?? {}))),
    );
  }

  app.post<{ Params: Params }>(
    '/v1/campaigns/:id(^[^:]+)::preview',
    { config: read, schema: { operationId: 'previewCampaign', summary: 'How many would be called now, who is kept back by which rule, and when it would be done', tags, params: IdParams, response: { 200: Preview, ...problems } } },
    async (request) => {
      const preview = await service.preview(await service.get(request.params.id));
      return { ...preview, expectedFinish: preview.expectedFinish === undefined ? undefined : timeOf(preview.expectedFinish) };
    },
  );

  app.get<{ Params: Params; Querystring: Static<typeof TaskQuery> }>(
    '/v1/campaigns/:id/tasks',
    { config: { scope: 'tasks:read' }, schema: { operationId: 'listCampaignTasks', summary: 'Tasks of a campaign, oldest first', tags, params: IdParams, querystring: TaskQuery, response: { 200: pageOf(Task), ...problems } } },
    async (request) => {
      const { id } = await service.get(request.params.id);
      const page = await deps.store.listTasks({ ...request.query, campaignId: id });
      return { items: page.items.map(wireTask), next: page.next };
    },
  );

  app.get<{ Params: Params; Querystring: Static<typeof PageQuery> }>(
    '/v1/campaigns/:id/skipped',
    { config: read, schema: { operationId: 'listSkippedContacts', summary: 'Contacts that are not called because something about them is missing', tags, params: IdParams, querystring: PageQuery, response: { 200: pageOf(Skipped), ...problems } } },
    async (request) => {
      const { id }: StoredCampaign = await service.get(request.params.id);
      const page = await deps.store.listSkipped({ ...request.query, campaignId: id });
      return { items: page.items.map((one) => ({ ...one, at: timeOf(one.at) })), next: page.next };
    },
  );
}

/** RFC 9110 13.1.1: `*`, or a list of entity tags; ours is the revision, alone. */
function revisionOf(headers: Match, body: Seen): number | undefined {
  const match = headers['if-match'];
  if (match === undefined || match === '*') return body.revision;
  const revision = /^"?(\d{1,15})"?$/.exec(match)?.[1];
  if (revision === undefined) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'must be a revision, such as "7"' }, field: 'If-Match' });
  return Number(revision);
}
