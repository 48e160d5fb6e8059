import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { teamTopics } from '../../store/outbox.js';
import type { Team as StoredTeam } from '../../store/outbox.js';
import type { ApiDeps } from '../deps.js';
import { oneOf, pageOf, problems, strict } from '../schemas.js';
import { timeOf } from '../wire.js';

const Name = Type.String({ pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N} _.-]{0,63}$' });
const Params = strict({ name: Name });

const Person = strict({
  email: Type.String({ format: 'email', maxLength: 254 }),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  language: oneOf(['en', 'zh'], 'Of the mails.'),
  about: Type.Array(oneOf(teamTopics), { maxItems: 50, default: [], description: 'What mails are about; empty is all. `digest` is the one of every day.' }),
});
const Body = strict({ people: Type.Array(Person, { maxItems: 200 }) });
const Team = strict({ name: Type.String(), people: Type.Array(Person), createdAt: Type.String({ format: 'date-time' }), updatedAt: Type.String({ format: 'date-time' }) });

/** People who are mailed about the campaigns that their team owns. */
export function teamRoutes(app: FastifyInstance, { store }: ApiDeps): void {
  const tags = ['teams'];
  const read = { scope: 'campaigns:read' } as const;
  const write = { scope: 'campaigns:write' } as const;
  const unknown = (): TrunklineError => new TrunklineError('TRK_NOT_FOUND', { params: { what: 'team' } });

  app.get('/v1/teams', { config: read, schema: { operationId: 'listTeams', summary: 'Teams, by name', tags, response: { 200: pageOf(Team), ...problems } } }, async () => ({ items: (await store.listTeams()).map(wireTeam) }));

  app.get<{ Params: Static<typeof Params> }>(
    '/v1/teams/:name',
    { config: read, schema: { operationId: 'getTeam', summary: 'One team', tags, params: Params, response: { 200: Team, ...problems } } },
    async (request) => {
      const team = await store.getTeam(request.params.name);
      if (team === undefined) throw unknown();
      return wireTeam(team);
    },
  );

  app.put<{ Params: Static<typeof Params>; Body: Static<typeof Body> }>(
    '/v1/teams/:name',
    { config: write, schema: { operationId: 'putTeam', summary: 'Make a team, or replace its people', tags, params: Params, body: Body, response: { 200: Team, ...problems } } },
    async (request) => {
      const { people } = request.body;
      const twice = people.findIndex(({ email }, index) => people.findIndex((other) => other.email.toLowerCase() === email.toLowerCase()) < index);
      if (twice >= 0) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'this address is there twice' }, field: `people[${twice}].email` });
      return wireTeam(await store.putTeam({ name: request.params.name, people: people.map(({ email, name, language, about }) => ({ email, name, language, about })) }));
    },
  );

  app.delete<{ Params: Static<typeof Params> }>(
    '/v1/teams/:name',
    { config: write, schema: { operationId: 'deleteTeam', summary: 'Remove a team; nobody is mailed about its campaigns then', tags, params: Params, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      if (!(await store.deleteTeam(request.params.name))) throw unknown();
      return reply.status(204).send();
    },
  );
}

function wireTeam(team: StoredTeam) {
  return { name: team.name, people: team.people, createdAt: timeOf(team.createdAt), updatedAt: timeOf(team.updatedAt) };
}
