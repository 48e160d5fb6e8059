import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { shortFlow } from '../sipp/flows.js';
import { ServerProcess, freeMediaRange, freePort } from '../support/server-process.js';
import { startPostgres } from '../support/postgres-server.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { fromPostgres, fromSqlite } from './evidence.js';
import { judge } from './judge.js';
import type { Judgement } from './judge.js';
import { PhoneNetwork } from '../support/phone-network.js';
import { Poster } from './poster.js';
import { SeededRandom } from './random.js';
import { WebhookReceiver } from './receiver.js';
import { SmallDisk } from './small-disk.js';
import { SpeechHosts } from './speech-hosts.js';
import { WallClock } from './wall-clock.js';

export interface ChaosPlan {
  readonly contacts: number;
  /** On PostgreSQL the database is killed, too. */
  readonly store: 'sqlite' | 'postgres';
  /** Processes that are killed: servers, speech workers, the database. */
  readonly kills: number;
  readonly seed: number;
  /** For people who wait. */
  readonly onProgress: (line: string) => void;
}

export interface ChaosOutcome extends Judgement {
  readonly tasks: number;
  readonly invites: number;
  readonly unknown: number;
  readonly done: number;
  readonly posts: number;
  readonly suppressed: number;
  /** Webhooks of the ends of tasks, and how many of them came once more. */
  readonly told: number;
  readonly toldAgain: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const FLOW = 'chaos';
/** Room for the store, and for the recordings of all calls: it is the test that fills the disk, at its time. */
const DISK_MB = 192;
const DISK_MB_A_CALL = 0.5;
const START_MS = 180_000;
/** All tasks must have ended this long after the last fault, ms. */
const SETTLE_MS = 240_000;
const OPEN_STATES = ['scheduled', 'queued', 'dialing', 'in_call', 'retry_wait'] as const;

type Fault = 'server' | 'database' | 'ear' | 'mouth' | 'disk_full' | 'clock_jump' | 'trunk_cut';
/** Of twenty kills: seventeen of the server, three of workers; on PostgreSQL every third of the former is one of the database. */
const KILLS: readonly Fault[] = [...Array.from({ length: 17 }, () => 'server' as const), 'ear', 'mouth', 'ear'];
const DATABASE_KILLS = 1 / 3;
/** The database is away for so long at most, ms. */
const LONGEST_AWAY_MS = 4_000;
/** By the jumps at the end whatever was put off is due, though the clock went back by an hour several times, and a receiver that fails again is tried again. */
const PUT_OFF_MS = 24 * 3_600_000;
const PUT_OFF_EVERY_MS = 10_000;
const TELL_MS = 120_000;
const TROUBLES: readonly Fault[] = ['disk_full', 'clock_jump', 'trunk_cut'];

/** One run: a real server with its real workers on a disk of its own, a real sipp as its network, and everything that can go wrong. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosOutcome> {
  const chaos = new Chaos(plan);
  try {
    return await chaos.run();
  } finally {
    await chaos.end();
  }
}

const HOUR_MS = 3_600_000;

/** Ms from `now` to the next 19:00 UTC, when calls are allowed on every day. */
function untilAfternoonInNewYork(now: number): number {
  const day = 24 * HOUR_MS;
  return (19 * HOUR_MS - (now % day) + day) % day;
}

class Chaos {
  readonly #plan: ChaosPlan;
  readonly #random: SeededRandom;
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-chaos-'));
  readonly #ends: (() => Promise<void> | void)[] = [() => rmSync(this.#directory, { recursive: true, force: true })];
  readonly #over = new AbortController();
  readonly #faults: Record<string, number> = {};
  #server: ServerProcess | undefined;
  #postgres: PostgresServer | undefined;
  #settings: Record<string, unknown> = {};
  #contacts = 0;

  constructor(plan: ChaosPlan) {
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed);
  }

  async run(): Promise<ChaosOutcome> {
    const { contacts, kills, onProgress } = this.#plan;
    const began = systemClock.monotonic();
    const network = await PhoneNetwork.start();
    this.#ends.push(() => network.stop());
    const disk = new SmallDisk(join(this.#directory, 'data'), Math.ceil(DISK_MB + contacts * DISK_MB_A_CALL));
    this.#ends.push(() => disk.remove());
    const clock = new WallClock(this.#directory);
    // Whatever the hour here, it is afternoon in New York, where the callees live: the rules are asked as always.
    clock.jump(untilAfternoonInNewYork(clock.now));
    onProgress('speech workers');
    const speech = await SpeechHosts.start();
    this.#ends.push(() => speech.stop());
    const receiver = await WebhookReceiver.start(this.#random);
    this.#ends.push(() => receiver.stop());
    const url = this.#plan.store === 'postgres' ? await this.#startPostgres() : undefined;
    const apiPort = await freePort();
    this.#settings = {
      api: { port: apiPort, auth: false },
      sip: { address: '127.0.0.1', port: 0, ring_timeout_ms: 8_000, gateway: { address: `127.0.0.1:${network.port}` } },
      media: { address: '127.0.0.1', ...(await freeMediaRange(200)) },
      dialer: { max_calls: 60, calls_per_second: 60, poll_ms: 50, stop_limit_ms: 1_000 },
      speech: speech.settings,
      webhooks: { allow: ['127.0.0.0/8'] },
      ...(url === undefined ? {} : { store: { kind: 'postgres', url } }),
    };
    await this.#startServer(clock);
    await this.#server?.request('POST', '/v1/webhooks', JSON.stringify({ url: receiver.url, events: ['task.*'] }));
    this.#ends.push(() => this.#server?.stop());
    const poster = new Poster(() => `http://127.0.0.1:${apiPort}`, this.#random);
    const faults = this.#schedule(kills);
    const batch = Math.ceil(contacts / (faults.length + 1));
    let posting: Promise<void> = Promise.resolve();
    for (const [index, fault] of faults.entries()) {
      posting = this.#post(poster, posting, batch);
      await delay(systemClock, this.#random.between(0, 900));
      this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
      onProgress(`${index + 1} of ${faults.length}: ${fault}`);
      await this.#commit(fault, { network, disk, clock, speech });
    }
    await this.#post(poster, posting, contacts - this.#contacts);
    onProgress('waiting for the last results');
    await this.#settled();
    await this.#told(receiver, clock);
    const server = this.#server;
    await server?.stop(30_000);
    this.#server = undefined;
    const database = this.#postgres;
    const stored = url === undefined || database === undefined ? await fromSqlite(join(disk.path, 'trunkline.db')) : await fromPostgres((text) => database.query(url, text));
    const { ledger } = network;
    const judged = judge({ ...stored, ledger, wanted: poster.wanted, cancelled: poster.cancelled, maxAttempts: 1, suppressed: poster.suppressed, told: receiver.told });
    const inState = (state: string): number => stored.tasks.filter((task) => task.state === state).length;
    return { ...judged, tasks: stored.tasks.length, invites: ledger.length, unknown: inState('unknown'), done: inState('done'), posts: poster.posts, suppressed: poster.suppressed.length, told: new Set(receiver.told.map(({ webhookId }) => webhookId)).size, toldAgain: receiver.told.length - new Set(receiver.told.map(({ webhookId }) => webhookId)).size, faults: this.#faults, seconds: Math.round((systemClock.monotonic() - began) / 1_000) };
  }

  async end(): Promise<void> {
    this.#over.abort(new Error('over'));
    for (const end of this.#ends.reverse()) await end();
  }

  /** Every kind of trouble comes once in three kills at least. */
  #schedule(kills: number): readonly Fault[] {
    const faults: Fault[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const fault = kill % 10 === 4 ? this.#random.pick(['ear', 'mouth'] as const) : this.#random.pick(KILLS);
      faults.push(this.#plan.store === 'postgres' && fault === 'server' && this.#random.next() < DATABASE_KILLS ? 'database' : fault);
      if (kill % 2 === 1) faults.push(TROUBLES[Math.floor(kill / 2) % TROUBLES.length] ?? 'trunk_cut');
    }
    return faults;
  }

  /** Posts go on while servers die; one after the other, as their keys count up. */
  async #post(poster: Poster, before: Promise<void>, count: number): Promise<void> {
    const tasks = Array.from({ length: Math.max(0, Math.min(count, this.#plan.contacts - this.#contacts)) }, () => this.#task());
    await before;
    if (tasks.length > 0) await poster.post(tasks, this.#over.signal).catch((error: unknown) => this.#unlessOver(error));
  }

  /** What is broken off by the end is no failure of its own, and must not hide the one that ended the run. */
  #unlessOver(error: unknown): void {
    if (!this.#over.signal.aborted) throw error;
  }

  #task(): { to: string; flow: string } {
    return { to: `+1212${2_000_000 + this.#contacts++}`, flow: FLOW };
  }

  async #startServer(clock: WallClock): Promise<void> {
    this.#server = await ServerProcess.start(this.#settings, { directory: this.#directory, flows: { [FLOW]: shortFlow(FLOW) } }, { before: clock.before, limitMs: START_MS });
  }

  async #commit(fault: Fault, parts: { network: PhoneNetwork; disk: SmallDisk; clock: WallClock; speech: SpeechHosts }): Promise<void> {
    switch (fault) {
      case 'server':
        await this.#server?.kill();
        return await this.#startServer(parts.clock);
      case 'database':
        await this.#postgres?.kill();
        await delay(systemClock, this.#random.between(100, LONGEST_AWAY_MS));
        return await this.#postgres?.start();
      case 'ear':
      case 'mouth':
        return await parts.speech.kill(fault);
      case 'disk_full':
        parts.disk.fill();
        await delay(systemClock, this.#random.between(200, 1_500));
        // Now and then it dies while the disk is full.
        if (this.#random.next() < 0.3) await this.#server?.kill();
        parts.disk.empty();
        if (this.#server?.alive === false) await this.#startServer(parts.clock);
        return;
      case 'clock_jump':
        return parts.clock.jump(this.#random.pick([-3_600_000, -30_000, -2_000, 2_000, 30_000, 3_600_000]));
      case 'trunk_cut':
        parts.network.cut();
        await delay(systemClock, this.#random.between(200, 2_500));
        return parts.network.mend();
    }
  }

  async #startPostgres(): Promise<string> {
    this.#postgres = await startPostgres({ teardown: (end) => void this.#ends.push(async () => void (await end())) });
    return await this.#postgres.database();
  }

  /** Until the receiver knows the end of every task, or is told nothing more. */
  async #told(receiver: WebhookReceiver, clock: WallClock): Promise<void> {
    const isTold = (): boolean => new Set(receiver.told.map(({ taskId }) => taskId)).size >= this.#contacts;
    const until = systemClock.monotonic() + TELL_MS;
    while (!isTold() && systemClock.monotonic() < until) {
      clock.jump(PUT_OFF_MS);
      const next = systemClock.monotonic() + PUT_OFF_EVERY_MS;
      while (!isTold() && systemClock.monotonic() < next) await delay(systemClock, 250);
    }
  }

  async #settled(): Promise<void> {
    const until = systemClock.monotonic() + SETTLE_MS;
    for (;;) {
      // A database that has just come back may still be away for the server: then it asks again.
      if ((await this.#openTasks().catch(() => 1)) === 0) return;
      // What is still open then is what the judge finds.
      if (systemClock.monotonic() > until) return;
      await delay(systemClock, 250);
    }
  }

  async #openTasks(): Promise<number> {
    let open = 0;
    for (const state of OPEN_STATES) open += ((await this.#server?.request('GET', `/v1/tasks?state=${state}&limit=1`)) as { items: unknown[] }).items.length;
    return open;
  }
}
