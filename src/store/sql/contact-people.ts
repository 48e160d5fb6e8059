import { sql } from 'kysely';
import type { ExpressionBuilder } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { ERASED_DESTINATION } from '../contacts.js';
import type { Erasure, PersonQuery, PersonRecords } from '../contacts.js';
import type { NewEvent } from '../event-payloads.js';
import type { CallResult } from '../store.js';
import type { Tables } from '../tables.js';
import { statesThatTake } from '../task-states.js';
import { appendCompliance, lockRules } from './compliance.js';
import { fullContacts } from './contacts.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { tell } from './events.js';
import { forgetOutbox } from './outbox.js';
import { outcomesOf } from './outcomes.js';
import { orderRemovals } from './recordings.js';
import { cancelled, endUncalled } from './results.js';
import { attemptOf, resultOf, taskOf } from './rows.js';
import { forgetSuppressedNumbers, putSuppressions, suppressionOf } from './suppressions.js';
import { moveTask } from './task-moves.js';
import { nameTasks } from './task-subjects.js';

/** What is told of a person is read at once; nobody has been called more often than this. */
const MAX_RECORDS = 10_000;

interface Found {
  readonly seqs: readonly number[];
  readonly contactIds: readonly string[];
  readonly numbers: readonly string[];
}

/** Contact and numbers lead to each other: who is asked for by one number is found with all. */
async function find({ dialect }: Pick<StoreContext, 'dialect'>, db: Db, { contactId, number, externalId }: PersonQuery): Promise<Found> {
  const rows = await db
    .selectFrom('contacts')
    .select(['seq', 'id'])
    .where((contact) =>
      contact.or([
        ...(contactId === undefined ? [] : [contact('id', '=', contactId)]),
        ...(externalId === undefined ? [] : [contact('external_id', '=', externalId)]),
        ...(number === undefined ? [] : [contact('seq', 'in', contact.selectFrom('contact_numbers').select('contact_seq').where('number', '=', number))]),
      ]),
    )
    .execute();
  const seqs = rows.map(({ seq }) => seq);
  const known = seqs.length === 0 ? [] : (await fullContacts({ dialect }, db, seqs)).flatMap(({ contact }) => contact.numbers.map((one) => one.number));
  return { seqs, contactIds: rows.map(({ id }) => id), numbers: [...new Set([...(number === undefined ? [] : [number]), ...known])] };
}

/**
 * Tasks of the contact, whatever its number was then, and those to the numbers, however they
 * are written: the keyed hash of whom a task calls finds it also by a SIP URI, and where the
 * number was forgotten. Tasks of before version 20 have none: `nameTasks` gives it to SIP
 * URIs, a number finds itself, and to one that was forgotten the hash of its dials leads.
 */
async function tasksOf({ dialect, subjects }: StoreContext, db: Db, { contactIds, numbers }: Found) {
  const hashes = numbers.map((number) => subjects.number(number));
  const ofNumbers = dialect.isIn(sql.ref('dials.subject'), hashes);
  const dialled = await db.selectFrom('dials').innerJoin('attempts', 'attempts.id', 'dials.attempt_id').select('attempts.task_id').distinct().where(ofNumbers).execute();
  return {
    all: db
      .selectFrom('tasks')
      .selectAll()
      .where((task) =>
        task.or([
          dialect.isIn(sql.ref('tasks.subject'), hashes),
          dialect.isIn(sql.ref('destination'), numbers),
          dialect.isIn(sql.ref('contact_id'), contactIds),
          // No index serves this expression, so that a database does not look at all whose number is forgotten.
          task.and([dialect.isIn(sql.ref('id'), dialled.map(({ task_id }) => task_id)), sql<boolean>`coalesce(destination, '') = ''`]),
        ]),
      )
      .orderBy('seq'),
  };
}

/** Results of their tasks, and of calls that came from their numbers. */
function ofPerson({ dialect, subjects }: StoreContext, taskIds: readonly string[], numbers: readonly string[]) {
  return (where: ExpressionBuilder<Tables, 'results'>) =>
    where.or([dialect.isIn(sql.ref('task_id'), taskIds), dialect.isIn(sql.ref('number'), numbers), dialect.isIn(sql.ref('subject'), numbers.map((number) => subjects.number(number)))]);
}

export async function personRecords(context: StoreContext, who: PersonQuery): Promise<PersonRecords> {
  const { db, dialect } = context;
  await nameTasks(context);
  const found = await find(context, db, who);
  const contacts = found.seqs.length === 0 ? [] : await fullContacts(context, db, found.seqs);
  const tasks = await (await tasksOf(context, db, found)).all.limit(MAX_RECORDS).execute();
  const ids = tasks.map(({ id }) => id);
  const attempts = ids.length === 0 ? [] : await db.selectFrom('attempts').selectAll().where(dialect.isIn(sql.ref('task_id'), ids)).orderBy('started_at').execute();
  const results = await db.selectFrom('results').selectAll().where(ofPerson(context, ids, found.numbers)).orderBy('seq').limit(MAX_RECORDS).execute();
  const suppressions = await db
    .selectFrom('suppressions')
    .selectAll()
    .where((one) => one.or([dialect.isIn(sql.ref('number'), found.numbers), dialect.isIn(sql.ref('contact_id'), found.contactIds)]))
    .orderBy('seq')
    .execute();
  return { suppressions: suppressions.map(suppressionOf), contacts: contacts.map(({ contact }) => contact), numbers: found.numbers, tasks: tasks.map(taskOf), attempts: attempts.map(attemptOf), results: results.map(resultOf), outcomes: await outcomesOf(context, db, ids) };
}

/**
 * Forgets a person in one transaction: the contact is deleted; open tasks are cancelled; of
 * tasks, results and events stays what names nobody. Recordings are files: the same
 * transaction writes down that they are to be removed, and wherever they lie they are.
 *
 * TRK_CONFLICT while a call to one of the numbers is under way. Undefined if nothing is kept.
 */
export async function erasePerson(context: StoreContext, who: PersonQuery): Promise<Erasure | undefined> {
  const { db, dialect, clock, random } = context;
  await nameTasks(context);
  return await db.transaction().execute(async (trx) => {
    await lockRules(context, trx);
    await dialect.lock(trx, 'contacts');
    const found = await find(context, trx, who);
    const tasks = await (await tasksOf(context, trx, found)).all.forUpdate().execute();
    if (tasks.some(({ state }) => state === 'dialing' || state === 'in_call')) {
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This person is being called; try again when the call has ended.' } });
    }
    const ids = tasks.map(({ id }) => id);
    const called = await trx.selectFrom('results').select('id').where(ofPerson(context, ids, found.numbers)).limit(1).execute();
    if (found.seqs.length === 0 && tasks.length === 0 && called.length === 0) return undefined;
    const ended: NewEvent[] = [];
    for (const { id, state } of tasks) {
      if (!statesThatTake('cancel').includes(state)) continue;
      const row = await moveTask(context, trx, id, 'cancel');
      if (row === undefined) continue;
      const result = await endUncalled(context, trx, row, 'cancelled', cancelled);
      ended.push({ type: 'task.cancelled', data: { taskId: id, resultId: result.id } });
    }
    const erasureId = newId('era', clock, random);
    const { results, recordings } = await blankCalls(context, trx, ids, found.numbers, erasureId);
    await keepRefusals(context, trx, found);
    await deleteContacts(context, trx, found);
    const erasure = { id: erasureId, contacts: found.seqs.length, tasks: tasks.length, results, recordings, at: clock.now() };
    await trx.insertInto('erasures').values(erasure).execute();
    await appendCompliance(context, trx, found.numbers.map((number) => ({ kind: 'erased', subject: context.subjects.number(number), body: { erasure: erasure.id } })));
    await tell(context, trx, ...ended);
    return erasure;
  });
}

/**
 * Who said no stays uncalled though nothing else is known of them: a suppression of the
 * person, or a consent that was refused, goes over to the numbers, of which only the keyed
 * hash stays.
 */
async function keepRefusals(context: StoreContext, trx: Db, { seqs, contactIds, numbers }: Found): Promise<void> {
  const { dialect } = context;
  if (contactIds.length > 0) {
    const ofContact = await trx.selectFrom('suppressions').selectAll().where(dialect.isIn(sql.ref('contact_id'), contactIds)).execute();
    const refused = await trx.selectFrom('contact_consents').select('purpose').where(dialect.isIn(sql.ref('contact_seq'), seqs)).where('granted', '=', 0).executeTakeFirst();
    const noes = ofContact.map(suppressionOf).map(({ scope, source, reason, evidence, expiresAt }) => ({ scope, source, reason, evidence, expiresAt }));
    if (refused !== undefined) noes.push({ scope: 'all', source: 'erasure', reason: 'consent_refused', evidence: undefined, expiresAt: undefined });
    await putSuppressions(context, trx, numbers.flatMap((number) => noes.map((no) => ({ ...no, number, contactId: undefined }))));
    await trx.updateTable('suppressions').set({ contact_id: null }).where(dialect.isIn(sql.ref('contact_id'), contactIds)).execute();
  }
  await forgetSuppressedNumbers(trx, numbers);
}

async function blankCalls(context: StoreContext, trx: Db, taskIds: readonly string[], numbers: readonly string[], erasureId: string): Promise<{ results: number; recordings: number }> {
  const { dialect } = context;
  await trx.updateTable('tasks').set({ destination: ERASED_DESTINATION, subject: null, variables: '{}', metadata: '{}' }).where(dialect.isIn(sql.ref('id'), taskIds)).execute();
  const results = (await trx.selectFrom('results').select('body').where(ofPerson(context, taskIds, numbers)).execute()).map(resultOf);
  const outcomes = await outcomesOf(context, trx, taskIds);
  const recordings = await orderRemovals(context, trx, [...results, ...outcomes], erasureId);
  for (const result of results) await trx.updateTable('results').set({ number: null, subject: null, body: JSON.stringify(withoutPerson(result)) }).where('id', '=', result.id).execute();
  for (const outcome of outcomes) await trx.updateTable('outcomes').set({ body: JSON.stringify(withoutPerson(outcome)) }).where('id', '=', outcome.id).execute();
  // Words that were said, and to whom a call was handed over, stand in events too, and in what waits to be sent of them.
  const known = new Set([...taskIds, ...[...results, ...outcomes].map(({ callId }) => callId)]);
  known.delete('');
  for (const { cursor, type, data } of await trx.selectFrom('events').select(['cursor', 'type', 'data']).where('type', 'in', ['call.transcript', 'call.transfer']).execute()) {
    const event = JSON.parse(data) as CallEvent;
    if (![event.taskId, event.callId, event.call?.taskId, event.call?.id].some((id) => id !== undefined && known.has(id))) continue;
    const blanked = type === 'call.transcript' ? { ...event, line: { ...event.line, text: '' } } : { ...event, transfer: { ...event.transfer, to: ERASED_DESTINATION } };
    await trx.updateTable('events').set({ data: JSON.stringify(blanked) }).where('cursor', '=', cursor).execute();
  }
  await forgetOutbox(context, trx, [...known]);
  return { results: results.length, recordings };
}

/** What is looked at in an event that may name somebody. */
interface CallEvent {
  readonly taskId?: string;
  readonly callId?: string;
  readonly call?: { readonly id?: string; readonly taskId?: string };
  readonly line?: object;
  readonly transfer?: object;
}

/** What a result says besides of whom it was. */
function withoutPerson(result: CallResult): CallResult {
  return {
    ...result,
    slots: {},
    transcript: [],
    recording: undefined,
    recordedIn: undefined,
    caller: undefined,
    ...(result.mood === undefined ? {} : { mood: { ...result.mood, evidence: [] } }),
    ...(result.transfer === undefined ? {} : { transfer: { ...result.transfer, to: ERASED_DESTINATION } }),
  };
}

async function deleteContacts({ dialect }: StoreContext, trx: Db, { seqs, numbers }: Found): Promise<void> {
  if (numbers.length > 0) await trx.deleteFrom('contact_numbers').where(dialect.isIn(sql.ref('number'), numbers)).execute();
  if (seqs.length === 0) return;
  await trx.deleteFrom('contact_consents').where(dialect.isIn(sql.ref('contact_seq'), seqs)).execute();
  await trx.deleteFrom('audience_members').where(dialect.isIn(sql.ref('contact_seq'), seqs)).execute();
  await trx.deleteFrom('contact_bodies').where(dialect.isIn(sql.ref('contact_seq'), seqs)).execute();
  await trx.deleteFrom('contacts').where(dialect.isIn(sql.ref('seq'), seqs)).execute();
}
