import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { TrunklineError } from '../../kernel/errors.js';
import { erasePerson, recordingsOf } from '../../outbound/contacts/people.js';
import { ContactItem, wireContact } from '../contact-schemas.js';
import type { ApiDeps } from '../deps.js';
import { Result, Task, problems, strict } from '../schemas.js';
import { timeOf, wireResult, wireTask } from '../wire.js';

const Who = strict({
  contactId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  externalId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  number: Type.Optional(Type.String({ pattern: '^\\+[1-9]\\d{6,14}$', description: 'E.164; finds the calls to it, also without a contact.' })),
});
const Attempt = strict({ id: Type.String(), taskId: Type.String(), number: Type.Integer(), callId: Type.String(), startedAt: Type.String({ format: 'date-time' }), endedAt: Type.Optional(Type.String({ format: 'date-time' })) });
const Person = strict({
  contacts: Type.Array(ContactItem),
  numbers: Type.Array(Type.String()),
  tasks: Type.Array(Task),
  attempts: Type.Array(Attempt),
  results: Type.Array(Result, { description: 'With transcripts and slots.' }),
  suppressions: Type.Array(strict({ id: Type.String(), scope: Type.String(), source: Type.String(), reason: Type.Optional(Type.String()), evidence: Type.Optional(Type.String()), expiresAt: Type.Optional(Type.String({ format: 'date-time' })), createdAt: Type.String({ format: 'date-time' }) })),
  outcomes: Type.Array(Result, { description: 'What attempts came to after which their task was dialled again; with transcripts and slots.' }),
  recordings: Type.Array(Type.String(), { description: 'Names; `/v1/calls/{callId}/recording` has the sound.' }),
});
const Proof = strict({
  erased: Type.Boolean({ description: 'False: nothing was kept of this person (any more).' }),
  id: Type.Optional(Type.String({ description: '`era_...`: the entry that proves it; it names nobody.' })),
  contacts: Type.Integer(),
  tasks: Type.Integer(),
  results: Type.Integer(),
  recordings: Type.Integer({ description: 'Removed, or to be removed by the server that has them.' }),
  recordingsWaiting: Type.Integer({ description: 'Of these, on other servers: each goes when its server looks, every minute.' }),
  at: Type.Optional(Type.String({ format: 'date-time' })),
});
const tags = ['people'];

/** What the law gives to a person: to see all that is kept, and to be forgotten. */
export function peopleRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post<{ Body: Static<typeof Who> }>(
    '/v1/people::export',
    { config: { scope: 'admin' }, schema: { operationId: 'exportPerson', summary: 'Everything that is kept of one person; each export is an event person.exported', tags, body: Who, response: { 200: Person, ...problems } } },
    async (request) => {
      const found = await deps.store.personRecords(named(request.body));
      await deps.events.append('person.exported', { contactIds: found.contacts.map(({ id }) => id), keyId: request.caller.id });
      return {
        contacts: found.contacts.map(wireContact),
        numbers: found.numbers,
        tasks: found.tasks.map(wireTask),
        attempts: found.attempts.map(({ id, taskId, number, callId, startedAt, endedAt }) => ({ id, taskId, number, callId, startedAt: timeOf(startedAt), endedAt: endedAt === undefined ? undefined : timeOf(endedAt) })),
        results: found.results.map(wireResult),
        outcomes: found.outcomes.map(wireResult),
        suppressions: found.suppressions.map(({ id, scope, source, reason, evidence, expiresAt, createdAt }) => ({ id, scope, source, reason, evidence, expiresAt: expiresAt === undefined ? undefined : timeOf(expiresAt), createdAt: timeOf(createdAt) })),
        recordings: recordingsOf(found),
      };
    },
  );

  app.post<{ Body: Static<typeof Who> }>(
    '/v1/people::erase',
    { config: { scope: 'admin' }, schema: { operationId: 'erasePerson', summary: 'Forget one person everywhere; twice does no harm', tags, body: Who, response: { 200: Proof, ...problems } } },
    async (request) => {
      const erasure = await erasePerson(deps, named(request.body));
      if (erasure === undefined) return { erased: false, contacts: 0, tasks: 0, results: 0, recordings: 0, recordingsWaiting: 0 };
      void deps.events.append('person.erased', { erasureId: erasure.id });
      return { erased: true, ...erasure, at: timeOf(erasure.at) };
    },
  );
}

function named(who: Static<typeof Who>): Static<typeof Who> {
  if (Object.values(who).filter((value) => value !== undefined).length === 1) return who;
  throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'exactly one of contactId, externalId and number says who' } });
}
