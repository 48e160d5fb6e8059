import { CompiledQuery } from 'kysely';
import type { Compilable } from 'kysely';
import type { Db } from '../../src/store/sql/db.js';

/** The index that SQLite takes; how many rows PostgreSQL looked at. */
export async function walked(db: Db, kind: 'sqlite' | 'postgres', query: Compilable): Promise<string | number> {
  const { sql: text, parameters } = query.compile();
  if (kind === 'sqlite') {
    const { rows } = await db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${text}`, [...parameters]));
    return rows.map(({ detail }) => /INDEX (\w+)/.exec(detail)?.[1] ?? detail).join('; ');
  }
  const { rows } = await db.executeQuery<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]));
  return rowsOf(rows[0]!['QUERY PLAN'][0]!.Plan);
}

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

function rowsOf(node: PlanNode): number {
  const below = (node.Plans ?? []).map(rowsOf);
  return Math.max(node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0), ...below);
}
