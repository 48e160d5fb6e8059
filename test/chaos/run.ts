import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { PhoneNetwork } from '../support/phone-network.js';
import { startPostgres } from '../support/postgres-server.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { ChaosCampaign } from './campaign.js';
import { fromPostgres, fromSqlite } from './evidence.js';
import { judge } from './judge.js';
import type { Judgement } from './judge.js';
import { CAP_A_DAY, planPeople, planSingles } from './people.js';
import { planFaults, serversOf } from './plan.js';
import type { ChaosSize, Fault } from './plan.js';
import { Poster } from './poster.js';
import { SeededRandom } from './random.js';
import { WebhookReceiver } from './receiver.js';
import { ChaosServer, FLOW } from './servers.js';
import { SpeechHosts } from './speech-hosts.js';
import { WallClock } from './wall-clock.js';

export interface ChaosPlan extends ChaosSize {
  /** For people who wait. */
  readonly onProgress: (line: string) => void;
}

export interface ChaosOutcome extends Judgement {
  readonly servers: number;
  readonly tasks: number;
  readonly invites: number;
  /** Attempts after the first of their task. */
  readonly redials: number;
  readonly unknown: number;
  readonly done: number;
  /** Tasks that a rule refused for good. */
  readonly blocked: number;
  /** Tasks that were taken back, by their poster or by the end of their campaign. */
  readonly cancelled: number;
  readonly posts: number;
  readonly suppressed: number;
  /** Webhooks of the ends of tasks, and how many of them came once more. */
  readonly told: number;
  readonly toldAgain: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Room for the store, and for the recordings of all calls: it is the test that fills the disk, at its time. */
const DISK_MB = 192;
const DISK_MB_A_CALL = 0.5;
/** All tasks must have ended this long after the last fault, ms. */
const SETTLE_MS = 240_000;
const LOOK_EVERY_MS = 250;
const OPEN_STATES = ['scheduled', 'queued', 'dialing', 'in_call', 'retry_wait'] as const;
/** Dials of the campaign are spread over about the time that the faults take, ms for each kill. */
const KILL_MS = 6_000;
const DIALS_A_PERSON = 2;
/** New members of an audience are looked for once a minute of the servers' clock. */
const NEXT_LOOK_MS = 65_000;
const NEXT_LOOK_EVERY_MS = 15_000;
/** By the jumps at the end a receiver that fails again is tried again. */
const PUT_OFF_MS = 24 * 3_600_000;
const PUT_OFF_EVERY_MS = 10_000;
const TELL_MS = 120_000;

/** One run: real servers with their real workers on disks of their own, a real sipp as their network, and everything that can go wrong. */
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

interface Parts {
  readonly network: PhoneNetwork;
  readonly clock: WallClock;
  readonly speech: SpeechHosts;
}

class Chaos {
  readonly #plan: ChaosPlan;
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-chaos-'));
  readonly #ends: (() => Promise<void> | void)[] = [() => rmSync(this.#directory, { recursive: true, force: true })];
  readonly #over = new AbortController();
  readonly #faults: Record<string, number> = {};
  readonly #servers: ChaosServer[] = [];
  #postgres: PostgresServer | undefined;
  #turn = 0;

  constructor(plan: ChaosPlan) {
    this.#plan = plan;
  }

  async run(): Promise<ChaosOutcome> {
    const { kills, seed, store, onProgress } = this.#plan;
    const began = systemClock.monotonic();
    const faults = planFaults(this.#plan);
    const singles = planSingles(this.#plan);
    const people = planPeople(this.#plan);
    const network = await PhoneNetwork.start();
    this.#ends.push(() => network.stop());
    const clock = new WallClock(this.#directory);
    // Whatever the hour here, it is afternoon in New York, where most callees live.
    clock.jump(untilAfternoonInNewYork(clock.now));
    onProgress('speech workers');
    const speech = await SpeechHosts.start();
    this.#ends.push(() => speech.stop());
    const receiver = await WebhookReceiver.start(new SeededRandom(seed + 1));
    this.#ends.push(() => receiver.stop());
    const url = store === 'postgres' ? await this.#startPostgres() : undefined;
    await this.#startServers(url, { network, clock, speech });
    await this.#server.request('POST', '/v1/webhooks', JSON.stringify({ url: receiver.url, events: ['task.*'] }));
    const { signal } = this.#over;
    const poster = new Poster(() => this.#server.url, new SeededRandom(seed + 2));
    const pace = Math.min(30, Math.max(2, (people.length * DIALS_A_PERSON * 1_000) / Math.max(1, kills * KILL_MS)));
    const campaign = await ChaosCampaign.start(this.#server, people, pace * this.#servers.length, poster, () => clock.now, signal);

    const steps = faults.length + 1;
    let posting: Promise<void> = Promise.resolve();
    // Posts go on while servers die; one after the other, as their keys count up.
    const post = (step: number): void => {
      const share = (count: number): [number, number] => [Math.floor((count * step) / steps), Math.floor((count * (step + 1)) / steps)];
      const before = posting;
      posting = (async () => {
        await before;
        const batch = singles.slice(...share(singles.length));
        if (batch.length > 0) await poster.post(batch, FLOW, signal);
        await campaign.join(Math.ceil(people.length / steps), signal);
      })().catch((error: unknown) => this.#unlessOver(error));
      // Who waits for it hears of a failure; nobody may be waiting yet.
      posting.catch(() => undefined);
    };
    for (const [index, fault] of faults.entries()) {
      post(index);
      await delay(systemClock, fault.afterMs);
      this.#faults[fault.kind] = (this.#faults[fault.kind] ?? 0) + 1;
      onProgress(`${index + 1} of ${faults.length}: ${fault.kind}`);
      await this.#commit(fault, { network, clock, speech });
    }
    post(faults.length);
    await posting;
    onProgress('waiting for the last results');
    // Whatever was put off when the clock was ahead is due, and it is no later than it has been.
    clock.jump(Math.max(...clock.settings.slice(1).map(({ offsetMs }) => offsetMs)) - clock.offsetMs);
    await this.#settled(campaign, clock);
    onProgress('waiting for the end of the campaign');
    await this.#until(() => campaign.stop(this.#server));
    onProgress('waiting for the last webhooks');
    await this.#told(receiver, clock, singles.length + people.length);
    for (const server of this.#servers) await server.stop(30_000);

    const database = this.#postgres;
    const stored = url === undefined || database === undefined ? await fromSqlite(join(this.#servers[0]?.disk.path ?? '', 'trunkline.db')) : await fromPostgres((text) => database.query(url, text));
    const { ledger } = network;
    const judged = judge({ ...stored, ledger, callees: [...poster.wanted, ...people], cancelled: poster.cancelled, suppressed: poster.suppressed, told: receiver.told, capADay: CAP_A_DAY, clock: clock.settings });
    const inState = (state: string): number => stored.tasks.filter((task) => task.state === state).length;
    const told = new Set(receiver.told.map(({ webhookId }) => webhookId)).size;
    return {
      ...judged, servers: this.#servers.length, tasks: stored.tasks.length, invites: ledger.length, redials: stored.attempts.filter(({ number }) => number > 1).length, unknown: inState('unknown'), done: inState('done'),
      blocked: inState('blocked'), cancelled: inState('cancelled'), posts: poster.posts, suppressed: poster.suppressed.length, told, toldAgain: receiver.told.length - told, faults: this.#faults, seconds: Math.round((systemClock.monotonic() - began) / 1_000),
    };
  }

  async end(): Promise<void> {
    this.#over.abort(new Error('over'));
    for (const end of this.#ends.reverse()) await end();
  }

  /** What is broken off by the end is no failure of its own, and must not hide the one that ended the run. */
  #unlessOver(error: unknown): void {
    if (!this.#over.signal.aborted) throw error;
  }

  /** Each in turn, dead or alive: any of them takes any request. */
  get #server(): ChaosServer {
    const server = this.#servers[this.#turn++ % this.#servers.length];
    if (server === undefined) throw new Error('there is no server');
    return server;
  }

  async #startServers(url: string | undefined, { network, clock, speech }: Parts): Promise<void> {
    const settings = {
      sip: { address: '127.0.0.1', port: 0, ring_timeout_ms: 8_000, gateway: { address: `127.0.0.1:${network.port}` } },
      // Callees who hear nothing, as a worker was killed, are part of this: they stop no campaign.
      dialer: { max_calls: 60, calls_per_second: 60, poll_ms: 50, stop_limit_ms: 1_000, abandon: { limit_percent: 100 } },
      rules: { legal_hours: true, per_number_a_day: CAP_A_DAY, subject_key_file: join(this.#directory, 'subject.key') },
      speech: speech.settings,
      webhooks: { allow: ['127.0.0.0/8'] },
      ...(url === undefined ? {} : { store: { kind: 'postgres', url } }),
    };
    const megabytes = Math.ceil(DISK_MB + this.#plan.contacts * DISK_MB_A_CALL);
    for (let index = 0; index < serversOf(this.#plan.store); index += 1) {
      const server = await ChaosServer.create(join(this.#directory, `server-${index}`), megabytes, settings, clock);
      this.#ends.push(() => server.disk.remove(), () => server.stop());
      this.#servers.push(server);
      await server.start();
    }
  }

  async #commit(fault: Fault, { network, clock, speech }: Parts): Promise<void> {
    switch (fault.kind) {
      case 'server': {
        const server = this.#servers[fault.server];
        await server?.kill();
        return await server?.start();
      }
      case 'database':
        await this.#postgres?.kill();
        await delay(systemClock, fault.forMs);
        return await this.#postgres?.start();
      case 'ear':
      case 'mouth':
        return await speech.kill(fault.kind);
      case 'disk_full': {
        const server = this.#servers[fault.server];
        server?.disk.fill();
        await delay(systemClock, fault.forMs);
        if (fault.dies) await server?.kill();
        server?.disk.empty();
        if (server?.alive === false) await server.start();
        return;
      }
      case 'clock_jump':
        return clock.jump(fault.byMs);
      case 'trunk_cut':
        network.cut();
        await delay(systemClock, fault.forMs);
        return network.mend();
    }
  }

  async #startPostgres(): Promise<string> {
    this.#postgres = await startPostgres({ teardown: (end) => void this.#ends.push(async () => void (await end())) });
    return await this.#postgres.database();
  }

  /** Until the receiver knows the end of every task, or is told nothing more. */
  async #told(receiver: WebhookReceiver, clock: WallClock, tasks: number): Promise<void> {
    const isTold = (): boolean => new Set(receiver.told.map(({ taskId }) => taskId)).size >= tasks;
    const until = systemClock.monotonic() + TELL_MS;
    while (!isTold() && systemClock.monotonic() < until) {
      clock.jump(PUT_OFF_MS);
      const next = systemClock.monotonic() + PUT_OFF_EVERY_MS;
      while (!isTold() && systemClock.monotonic() < next) await delay(systemClock, LOOK_EVERY_MS);
    }
  }

  /** Everybody has a task, and nothing is to be dialled today any more. */
  async #settled(campaign: ChaosCampaign, clock: WallClock): Promise<void> {
    let looked = -Infinity;
    await this.#until(async () => {
      if (!(await campaign.isFilled(this.#server))) {
        if (systemClock.monotonic() - looked < NEXT_LOOK_EVERY_MS) return false;
        looked = systemClock.monotonic();
        clock.jump(NEXT_LOOK_MS);
        return false;
      }
      return (await this.#openTasks()) === 0;
    });
  }

  /** What is still to come after the limit is what the judge finds. */
  async #until(isSo: () => Promise<boolean>): Promise<void> {
    const until = systemClock.monotonic() + SETTLE_MS;
    // A database that has just come back may still be away for the server: then it asks again.
    while (systemClock.monotonic() < until && !(await isSo().catch(() => false))) await delay(systemClock, LOOK_EVERY_MS);
  }

  async #openTasks(): Promise<number> {
    let open = 0;
    for (const state of OPEN_STATES) open += ((await this.#server.request('GET', `/v1/tasks?state=${state}&limit=1`)) as { items: unknown[] }).items.length;
    return open;
  }
}
