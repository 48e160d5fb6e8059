import { join } from 'node:path';
import { shortFlow } from '../sipp/flows.js';
import { freeMediaRange, freePort } from '../support/ports.js';
import { ServerProcess } from '../support/server-process.js';
import { SmallDisk } from './small-disk.js';
import type { WallClock } from './wall-clock.js';

export const FLOW = 'chaos';
const START_MS = 180_000;

/** One server of the installation, on a disk of its own; what is killed is started again on the same. */
export class ChaosServer {
  readonly disk: SmallDisk;
  readonly url: string;
  readonly #directory: string;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #clock: WallClock;
  #process: ServerProcess | undefined;

  private constructor(parts: { directory: string; disk: SmallDisk; port: number; settings: Readonly<Record<string, unknown>>; clock: WallClock }) {
    this.disk = parts.disk;
    this.url = `http://127.0.0.1:${parts.port}`;
    this.#directory = parts.directory;
    this.#settings = parts.settings;
    this.#clock = parts.clock;
  }

  /** Not started yet. `settings`: what it has in common with the others. */
  static async create(directory: string, diskMegabytes: number, settings: Readonly<Record<string, unknown>>, clock: WallClock): Promise<ChaosServer> {
    const port = await freePort();
    const disk = new SmallDisk(join(directory, 'data'), diskMegabytes);
    const own = { ...settings, api: { port, auth: false }, media: { address: '127.0.0.1', ...(await freeMediaRange(200)) } };
    return new ChaosServer({ directory, disk, port, settings: own, clock });
  }

  get alive(): boolean {
    return this.#process?.alive === true;
  }

  async start(): Promise<void> {
    this.#process = await ServerProcess.start(this.#settings, { directory: this.#directory, flows: { [FLOW]: shortFlow(FLOW) } }, { before: this.#clock.before, limitMs: START_MS });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async stop(limitMs?: number): Promise<void> {
    await this.#process?.stop(limitMs);
    this.#process = undefined;
  }

  /** Body of an answer that is no error. */
  async request(method: string, path: string, body?: string, type?: string): Promise<unknown> {
    if (this.#process === undefined) throw new Error('the server was not started');
    return await this.#process.request(method, path, body, type);
  }
}
