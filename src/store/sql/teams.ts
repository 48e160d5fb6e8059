import type { Selectable } from 'kysely';
import type { Team } from '../outbox.js';
import type { TeamRow } from '../tables.js';
import type { StoreContext } from './context.js';

function teamOf(row: Selectable<TeamRow>): Team {
  const people = JSON.parse(row.people) as Team['people'];
  return { name: row.name, people: people.map(({ email, name, language, about }) => ({ email, name, language, about })), createdAt: row.created_at, updatedAt: row.updated_at };
}

/** New, or in the place of the old one. */
export async function putTeam({ db, clock }: StoreContext, team: Omit<Team, 'createdAt' | 'updatedAt'>): Promise<Team> {
  const now = clock.now();
  const people = JSON.stringify(team.people);
  const row = await db
    .insertInto('teams')
    .values({ name: team.name, people, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ people, updated_at: now }))
    .returningAll()
    .executeTakeFirstOrThrow();
  return teamOf(row);
}

export async function getTeam({ db }: StoreContext, name: string): Promise<Team | undefined> {
  const row = await db.selectFrom('teams').selectAll().where('name', '=', name).executeTakeFirst();
  return row && teamOf(row);
}

export async function listTeams({ db }: StoreContext): Promise<readonly Team[]> {
  return (await db.selectFrom('teams').selectAll().orderBy('name').execute()).map(teamOf);
}

export async function deleteTeam({ db }: StoreContext, name: string): Promise<boolean> {
  return (await db.deleteFrom('teams').where('name', '=', name).executeTakeFirst()).numDeletedRows > 0n;
}
