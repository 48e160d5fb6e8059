import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFilter } from '../src/outbound/audiences/parse-filter.js';
import { previewOf } from '../src/outbound/audiences/preview.js';
import { runImport } from '../src/outbound/contacts/importer.js';
import { systemClock as clock } from '../src/kernel/clock.js';
import { silentLogger as log } from '../src/kernel/log.js';
import { systemRandom as random } from '../src/kernel/random.js';
import { openPostgresStore } from '../src/store/postgres/postgres-store.js';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.js';
import type { Store } from '../src/store/store.js';
import { startPostgres } from '../test/support/postgres-server.js';
import type { Figures } from './run.js';
import { csvOf } from './support/contact-rows.js';

const filters: Readonly<Record<string, string>> = {
  two_attributes: 'credit_score >= 720 and city = "上海"',
  many: 'credit_score >= 500 and balance < 50000 and segment in ("gold", "platinum") and since < 2024-06-01 and not tags has "vip"',
  few: 'credit_score = 720 and segment = "gold" and balance > 99000',
  text: 'name contains "99" and segment = "gold"',
  none: 'calls > 0',
};

/**
 * `--rows N --store sqlite|postgres`: previews (count and ten contacts) over that many
 * contacts, each filter once cold and then five times; `worst_ms` is the slowest that was
 * not the first of its filter, `worst_cpu_ms` the most of the server's own processor time
 * that one took (PostgreSQL's is not in it). `step_ms` is the longest that the event loop stood still.
 */
export async function run(args: string[]): Promise<Figures> {
  const option = (name: string, otherwise: string): string => args[args.indexOf(`--${name}`) + 1 || args.length] ?? otherwise;
  const rows = Number(option('rows', '1000000'));
  const kind = option('store', 'sqlite');
  const ends: (() => unknown)[] = [];
  try {
    const store = await open(kind, (end) => ends.unshift(end));
    await store.migrate();
    const settings = { format: 'csv', encoding: undefined, delimiter: undefined, map: {}, defaultCountry: 'CN', merge: 'update', dryRun: false, tags: [] } as const;
    const began = process.cpuUsage();
    await runImport({ store, clock, log, nodeId: 'bench' }, await store.createImport('{}'), settings, csvOf(rows));
    const attributes = new Map((await store.listAttributes()).map(({ name, type }) => [name, type]));
    const used = process.cpuUsage(began);
    const figures: Figures = { store: kind, rows, import_cpu_seconds: Number(((used.user + used.system) / 1e6).toFixed(1)) };
    let worst = 0;
    let worstCpu = 0;
    let standstill = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      standstill = Math.max(standstill, performance.now() - last - 5);
      last = performance.now();
    }, 5);
    for (const [name, text] of Object.entries(filters)) {
      const filter = parseFilter(text, attributes);
      const times: number[] = [];
      let count = 0;
      for (let turn = 0; turn < 6; turn += 1) {
        const began = performance.now();
        const cpu = process.cpuUsage();
        ({ count } = await previewOf({ store, clock }, { filter }));
        times.push(performance.now() - began);
        const { user, system } = process.cpuUsage(cpu);
        if (turn > 0) worstCpu = Math.max(worstCpu, (user + system) / 1_000);
      }
      const later = times.slice(1);
      worst = Math.max(worst, ...later);
      figures[`${name}_count`] = count;
      figures[`${name}_first_ms`] = Math.round(times[0]!);
      figures[`${name}_ms`] = Math.round(later.sort((a, b) => a - b)[2]!);
    }
    clearInterval(watch);
    return { ...figures, worst_ms: Math.round(worst), worst_cpu_ms: Math.round(worstCpu), step_ms: Math.round(standstill) };
  } finally {
    for (const end of ends) await end();
  }
}

async function open(kind: string, onEnd: (end: () => unknown) => void): Promise<Store> {
  if (kind === 'postgres') {
    const server = await startPostgres({ teardown: onEnd });
    const store = openPostgresStore({ url: await server.database(), clock, random, log });
    onEnd(() => store.close());
    return store;
  }
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-audience-'));
  onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const store = openSqliteStore({ path: join(directory, 'trunkline.db'), clock, random, log });
  onEnd(() => store.close());
  return store;
}
