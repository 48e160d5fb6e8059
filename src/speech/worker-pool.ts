import type { ClientReadableStream, Client } from '@grpc/grpc-js';
import type { Clock, Timer } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { HealthCheckResponse, HealthGrpcClient } from '../proto/health-messages.js';
import { healthClient } from '../proto/load.js';
import type { GrpcService } from '../proto/load.js';
import { channelCredentials, channelOptions } from './endpoint.js';
import type { EndpointSource, WorkerEndpoint } from './endpoint.js';

export interface WorkerPoolOptions<C extends Client> {
  /** For errors and logs. */
  readonly worker: 'ear' | 'mouth' | 'mind';
  readonly service: Pick<GrpcService<C, never>, 'name' | 'client'>;
  readonly source: EndpointSource;
  /** Requests (or streams) that each worker takes at once; a worker that says RESOURCE_EXHAUSTED is right even so. */
  readonly capacityPerWorker: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The right to one request on one worker. */
export interface Lease<C extends Client> {
  readonly client: C;
  readonly endpointId: string;
  /** Gives the place back; twice is harmless. */
  release(): void;
  /** The request ended because the worker died: nobody is sent there until it answers a health check again. Releases too. */
  reportLost(): void;
}

interface Member<C extends Client> {
  readonly endpoint: WorkerEndpoint;
  readonly client: C;
  readonly health: HealthGrpcClient;
  watch: ClientReadableStream<HealthCheckResponse> | undefined;
  retry: Timer | undefined;
  serving: boolean;
  used: number;
  /** Left the source: no new leases; its channel closes with the last one. */
  gone: boolean;
}

/** Between two tries to watch a worker that does not answer, ms; the channel has its own back-off besides. */
const WATCH_RETRY_MS = 200;

/**
 * Client side of the workers of one kind: a channel to each, a health watch on
 * each, and the least loaded healthy one for each request. A worker's death ends
 * its watch and its streams in the same moment, so nothing has to time out.
 */
export class WorkerPool<C extends Client> {
  readonly #options: WorkerPoolOptions<C>;
  readonly #members = new Map<string, Member<C>>();
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<(ready: boolean) => void>();
  readonly #stopListening: () => void;
  #wasReady = false;
  #closed = false;

  constructor(options: WorkerPoolOptions<C>) {
    this.#options = options;
    this.#stopListening = options.source.onChange(() => this.#refresh());
    this.#refresh();
  }

  /** At least one worker is up and answers its health check. */
  get ready(): boolean {
    return this.#serving().length > 0;
  }

  /** Over the healthy workers. */
  get capacity(): { readonly total: number; readonly used: number } {
    const members = this.#serving();
    return { total: members.length * this.#options.capacityPerWorker, used: members.reduce((sum, member) => sum + member.used, 0) };
  }

  /** Called when `ready` changes. */
  onReadyChange(listener: (ready: boolean) => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves when a worker is ready. TRK_WORKER_START after `limitMs`, TRK_CLOSED on close. */
  untilReady(limitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (this.#closed) reject(new TrunklineError('TRK_CLOSED', { params: { what: `The ${this.#options.worker} pool` } }));
        else if (this.ready) resolve();
        else return;
        timer.cancel();
        this.#waiting.delete(check);
      };
      const timer = this.#options.clock.after(limitMs, () => {
        this.#waiting.delete(check);
        reject(new TrunklineError('TRK_WORKER_START', { params: { worker: this.#options.worker, reason: `no health answer within ${limitMs} ms` } }));
      });
      this.#waiting.add(check);
      check();
    });
  }

  /**
   * A place on the least loaded healthy worker. TRK_WORKER_LOST if none is up,
   * TRK_WORKER_BUSY if all are full, TRK_CLOSED.
   */
  acquire(): Lease<C> {
    const { worker, capacityPerWorker } = this.#options;
    if (this.#closed) throw new TrunklineError('TRK_CLOSED', { params: { what: `The ${worker} pool` } });
    const serving = this.#serving();
    if (serving.length === 0) throw new TrunklineError('TRK_WORKER_LOST', { params: { worker } });
    const member = serving.reduce((least, other) => (other.used < least.used ? other : least));
    if (member.used >= capacityPerWorker) throw new TrunklineError('TRK_WORKER_BUSY', { params: { worker } });
    member.used++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      member.used--;
      if (member.gone && member.used === 0) closeChannels(member);
    };
    const reportLost = (): void => {
      release();
      this.#setServing(member, false);
      // The watch may not have noticed yet; it is begun anew, and its answer decides.
      member.watch?.cancel();
    };
    return { client: member.client, endpointId: member.endpoint.id, release, reportLost };
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stopListening();
      for (const member of this.#members.values()) {
        this.#retire(member);
        closeChannels(member);
      }
      this.#members.clear();
      this.#announce();
    }
    return Promise.resolve();
  }

  #serving(): Member<C>[] {
    return [...this.#members.values()].filter((member) => member.serving && !member.gone);
  }

  /** Brings the members into line with the source; a replaced worker has a new address, so the address is the key. */
  #refresh(): void {
    if (this.#closed) return;
    const endpoints = this.#options.source.list();
    const addresses = new Set(endpoints.map((endpoint) => endpoint.address));
    for (const [address, member] of this.#members) {
      if (addresses.has(address)) continue;
      this.#members.delete(address);
      this.#retire(member);
      if (member.used === 0) closeChannels(member);
    }
    for (const endpoint of endpoints) {
      if (!this.#members.has(endpoint.address)) this.#add(endpoint);
    }
    this.#announce();
  }

  #add(endpoint: WorkerEndpoint): void {
    const credentials = channelCredentials(endpoint);
    const member: Member<C> = {
      endpoint,
      client: this.#options.service.client(endpoint.address, credentials, channelOptions),
      health: healthClient(endpoint.address, credentials, channelOptions),
      watch: undefined,
      retry: undefined,
      serving: false,
      used: 0,
      gone: false,
    };
    this.#members.set(endpoint.address, member);
    this.#watch(member);
  }

  #watch(member: Member<C>): void {
    const watch = member.health.watch({ service: this.#options.service.name });
    member.watch = watch;
    watch.on('data', (reply: HealthCheckResponse) => {
      this.#setServing(member, reply.status === 'SERVING');
      // A worker that drains waits for its open streams; this one must not be what it waits for.
      if (reply.status === 'NOT_SERVING') watch.cancel();
    });
    const onEnd = (): void => {
      if (member.watch !== watch) return;
      member.watch = undefined;
      this.#setServing(member, false);
      if (!member.gone) member.retry = this.#options.clock.after(WATCH_RETRY_MS, () => this.#watch(member), { keepAlive: false });
    };
    watch.on('error', onEnd);
    watch.on('end', onEnd);
  }

  #setServing(member: Member<C>, serving: boolean): void {
    if (member.serving === serving || member.gone) return;
    member.serving = serving;
    const { worker, log } = this.#options;
    if (serving) log.info({ worker, endpoint: member.endpoint.id }, 'worker endpoint is healthy');
    else log.warn({ worker, endpoint: member.endpoint.id }, 'worker endpoint was lost');
    this.#announce();
  }

  #retire(member: Member<C>): void {
    member.gone = true;
    member.serving = false;
    member.retry?.cancel();
    member.watch?.cancel();
  }

  #announce(): void {
    for (const check of [...this.#waiting]) check();
    if (this.#wasReady === this.ready) return;
    this.#wasReady = this.ready;
    for (const listener of this.#listeners) listener(this.ready);
  }
}

function closeChannels(member: { readonly client: Client; readonly health: Client }): void {
  member.client.close();
  member.health.close();
}
