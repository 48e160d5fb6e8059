import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runImport } from '../src/outbound/contacts/importer.js';
import { silentLogger } from '../src/kernel/log.js';
import { systemClock } from '../src/kernel/clock.js';
import { systemRandom } from '../src/kernel/random.js';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.js';
import type { Figures } from './run.js';
import { csvOf } from './support/contact-rows.js';

const MB = 1024 * 1024;

/**
 * `--rows N`: a CSV of that many contacts, nine columns each, is read, checked, de-duplicated
 * and saved in a SQLite file, as the server does it. Growth is that of resident memory after
 * the first twentieth of the rows, when code and caches are warm; `late_growth_mb` is that
 * after the first half: flat memory shows there.
 */
export async function run(args: string[]): Promise<Figures> {
  const at = args.indexOf('--rows');
  const rows = at < 0 ? 1_000_000 : Number(args[at + 1]);
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-import-'));
  const store = openSqliteStore({ path: join(directory, 'trunkline.db'), clock: systemClock, random: systemRandom, log: silentLogger });
  try {
    await store.migrate();
    const settings = { format: 'csv', encoding: undefined, delimiter: undefined, map: {}, defaultCountry: 'CN', merge: 'update', dryRun: false, tags: [] } as const;
    const made = await store.createImport(JSON.stringify(settings));
    const rss: { readonly rows: number; readonly bytes: number }[] = [];
    const onProgress = (_id: string, counts: { readonly rows: number }): void => void rss.push({ rows: counts.rows, bytes: process.memoryUsage.rss() });
    const start = process.memoryUsage.rss();
    const cpu = process.cpuUsage();
    const began = performance.now();
    const done = await runImport({ store, clock: systemClock, log: silentLogger, nodeId: 'bench', onProgress }, made, settings, csvOf(rows));
    const seconds = (performance.now() - began) / 1000;
    const used = process.cpuUsage(cpu);
    if (done.created !== rows) throw new Error(`${done.created} of ${rows} contacts were created, ${done.refused} refused`);
    const peakAfter = (share: number): number => Math.max(...rss.filter((sample) => sample.rows >= rows * share).map(({ bytes }) => bytes));
    const firstAfter = (share: number): number => rss.find((sample) => sample.rows >= rows * share)?.bytes ?? start;
    return {
      seconds: Number(seconds.toFixed(1)),
      cpu_seconds: Number(((used.user + used.system) / 1e6).toFixed(1)),
      rows,
      rows_per_second: Math.round(rows / seconds),
      rss_growth_mb: Math.round((peakAfter(0.05) - firstAfter(0.05)) / MB),
      late_growth_mb: Math.round((peakAfter(0.5) - firstAfter(0.5)) / MB),
      rss_from_start_mb: Math.round((peakAfter(0) - start) / MB),
      file_mb: Math.round(done.bytes / MB),
      database_mb: Math.round(statSync(join(directory, 'trunkline.db')).size / MB),
    };
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
