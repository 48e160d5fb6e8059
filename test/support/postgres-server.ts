import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from './eventually.js';

/** Where Debian's package puts the programs, the newest version first; then the path. */
function binDirs(): string[] {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return [...versions.map((version) => join(root, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')];
}

function programOf(name: string): string {
  const dir = binDirs().find((each) => existsSync(join(each, name)));
  if (dir === undefined) throw new Error(`${name} of PostgreSQL is missing; run: node scripts/bootstrap.mjs --for test`);
  return join(dir, name);
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. It dies with the test, whichever way that dies. */
function runner(): { command: readonly string[]; uid: number | undefined; gid: number | undefined } {
  const dying = ['setpriv', '--pdeathsig', 'KILL'];
  if (process.getuid?.() !== 0) return { command: dying, uid: undefined, gid: undefined };
  const idOf = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  if (!(uid > 0)) throw new Error('there is no user postgres to run PostgreSQL as; run: node scripts/bootstrap.mjs --for test');
  return { command: [...dying, '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--'], uid, gid };
}

export interface PostgresServer {
  /** A new empty database; its URL. */
  database(): Promise<string>;
  /** Kills every process of the server at once, as a crash does; nothing if it is one of your own. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
  /** One statement as the owner of everything, in the database of this URL. */
  query(url: string, text: string): Promise<pg.QueryResult>;
}

/**
 * A real PostgreSQL for the tests of one file, in a folder of its own and on a Unix
 * socket there, with flushing to disk on as in earnest. `TRUNKLINE_TEST_POSTGRES` names
 * another one, whose user may create databases; it cannot be killed.
 */
export async function startPostgres(t: { teardown(end: () => unknown): void }): Promise<PostgresServer> {
  const given = process.env['TRUNKLINE_TEST_POSTGRES'];
  const made: string[] = [];
  const local = given === undefined ? new LocalServer() : undefined;
  if (local !== undefined) {
    t.teardown(() => local.remove());
    await local.start();
  }
  const urlOf = (database: string): string => {
    if (local !== undefined) return `postgres://trunkline@localhost/${database}?host=${encodeURIComponent(local.dir)}`;
    const url = new URL(given ?? '');
    url.pathname = `/${database}`;
    return url.href;
  };
  const admin = given ?? urlOf('postgres');
  if (local === undefined) {
    t.teardown(async () => {
      for (const name of made) await query(admin, `drop database if exists ${name} with (force)`);
    });
  }
  return {
    async database() {
      const name = `trunkline_test_${process.pid}_${made.length}`;
      made.push(name);
      await query(admin, `create database ${name}`);
      return urlOf(name);
    },
    kill: async () => await local?.kill(),
    start: async () => await local?.start(),
    query,
  };
}

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

class LocalServer {
  readonly dir = mkdtempSync(join(tmpdir(), 'trunkline-pg-'));
  readonly #run = runner();
  #server: ChildProcess | undefined;
  #said = '';

  constructor() {
    if (this.#run.uid !== undefined && this.#run.gid !== undefined) chownSync(this.dir, this.#run.uid, this.#run.gid);
    const [command, ...args] = [...this.#run.command, programOf('initdb'), '-D', join(this.dir, 'data'), '-U', 'trunkline', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    const done = spawnSync(command ?? '', args, { encoding: 'utf8', cwd: this.dir });
    if (done.status !== 0) throw new Error(`initdb failed: ${done.stdout}${done.stderr}`);
  }

  async start(): Promise<void> {
    const settings = ['listen_addresses=', `unix_socket_directories=${this.dir}`, 'fsync=on', 'max_connections=60', 'shared_buffers=64MB', 'deadlock_timeout=100ms', 'logging_collector=off'];
    const [command, ...args] = [...this.#run.command, programOf('postgres'), '-D', join(this.dir, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
    const server = spawn(command ?? '', args, { cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#server = server;
    server.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-4000)));
    const url = `postgres://trunkline@localhost/postgres?host=${encodeURIComponent(this.dir)}`;
    await eventually('PostgreSQL answers', 60_000, async () => {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended: ${this.#said}`);
      return await query(url, 'select 1').catch(() => undefined);
    });
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
    // Its backends notice by themselves, a moment later.
    const url = `postgres://trunkline@localhost/postgres?host=${encodeURIComponent(this.dir)}`;
    await eventually('PostgreSQL is dead', 60_000, async () => await query(url, 'select 1').then(() => undefined, () => true));
  }

  async remove(): Promise<void> {
    await this.#end('SIGINT');
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  }
}
