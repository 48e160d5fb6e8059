import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { buildApi } from '../../src/api/build-api.js';
import type { ApiDeps } from '../../src/api/deps.js';
import { createApiKey } from '../../src/api/keys.js';
import type { Scope } from '../../src/api/keys.js';
import type { CallEvent, CallService, LiveCall, TransferOrder, ServiceLoad } from '../../src/call/call-service.js';
import type { CompiledFlow } from '../../src/dialogue/dialogue.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { createRegistry } from '../../src/kernel/metrics.js';
import { systemRandom } from '../../src/kernel/random.js';
import { createEventLog } from '../../src/outbound/event-log.js';
import { RecordingSweep } from '../../src/outbound/recording-sweep.js';
import { RecordingVault } from '../../src/recording/vault.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';

/** Live calls as the test sets them. */
export class FakeCalls implements CallService {
  readonly calls: LiveCall[] = [];
  readonly hungUp: string[] = [];
  listener: ((event: CallEvent) => void) | undefined;
  reserve = (): undefined => undefined;
  serves = (): boolean => false;
  routeOf = (): string => '';
  dial = (): never => {
    throw new Error('the API does not dial');
  };
  load = (): ServiceLoad => ({ limits: { media: 0, ears: 0, mouths: 0, minds: undefined }, busyPercent: 0 });
  live = (): readonly LiveCall[] => this.calls;
  get = (id: string): LiveCall | undefined => this.calls.find((call) => call.id === id);
  hangup(id: string): boolean {
    this.hungUp.push(id);
    return this.get(id) !== undefined;
  }
  readonly transfers: TransferOrder[] = [];
  readonly digits: string[] = [];
  /** What is in the way of a transfer. */
  refusal: TrunklineError | undefined;
  transfer(id: string, order: TransferOrder): boolean {
    if (this.get(id) === undefined) return false;
    if (this.refusal) throw this.refusal;
    this.transfers.push(order);
    return true;
  }
  sendDigits(id: string, digits: string): Promise<boolean> {
    if (this.get(id) !== undefined) this.digits.push(digits);
    return Promise.resolve(this.get(id) !== undefined);
  }
  onEvent(listener: (event: CallEvent) => void): void {
    this.listener = listener;
  }
}

/** Takes `id: NAME` and `needs: a, b`; `bad` anywhere is a mistake at node greeting, line 3. */
function checkFlow(source: string): CompiledFlow {
  const id = /^id: (.+)$/m.exec(source)?.[1];
  if (id === undefined || source.includes('bad')) {
    throw new TrunklineError('TRK_FLOW_INVALID', { params: { reason: 'node greeting, line 3: bad' }, field: 'nodes.greeting.say' });
  }
  return {
    id,
    language: 'en-US',
    voice: undefined,
    requiredVariables: (/^needs: (.+)$/m.exec(source)?.[1] ?? '').split(', ').filter((name) => name !== ''),
    fixedTexts: [],
    modelPrefixes: [],
    apology: 'Sorry.',
    start: () => {
      throw new Error('the API starts no dialogue');
    },
  };
}

export interface Harness {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly calls: FakeCalls;
  readonly deps: ApiDeps;
  readonly recordingsDir: string;
  /** Headers with a key of these scopes. */
  readonly key: (...scopes: Scope[]) => Promise<{ authorization: string }>;
}

/** Id of the folder of recordings. */
export const FOLDER = '00000000000000aa';

/** The real API on a real store in a folder of the test. */
export async function startApi(t: Test, changes: Partial<ApiDeps> = {}): Promise<Harness> {
  const dir = t.testdir({ recordings: {} });
  const clock = new ManualClock();
  const store = openSqliteStore({ path: join(dir, 'trunkline.db'), clock, random: systemRandom, log: silentLogger });
  await store.migrate();
  const calls = new FakeCalls();
  const vault = new RecordingVault({ dir: join(dir, 'recordings'), keys: undefined, random: systemRandom, log: silentLogger });
  await store.openFolders([FOLDER], 'here');
  const removals = new RecordingSweep({ store, remove: (name) => vault.remove(name), folders: [FOLDER], clock, log: silentLogger });
  const deps: ApiDeps = {
    config: { address: '127.0.0.1', port: 0, body_limit_bytes: 65_536, auth: true },
    recordings: { open: (name) => vault.open(name), folders: [FOLDER], sweep: () => removals.sweep() },
    store,
    calls,
    flows: { check: checkFlow },
    outbox: { mayReach: (host) => host !== '127.0.0.1', changed: () => undefined },
    traces: { find: () => undefined, capture: () => undefined },
    events: createEventLog(store, silentLogger),
    registry: createRegistry(),
    readiness: () => ({ store: { ready: true } }),
    clock,
    random: systemRandom,
    log: silentLogger,
    version: '0.0.0-test',
    ...changes,
  };
  const app = await buildApi(deps);
  t.teardown(async () => {
    await app.close();
    await store.close();
  });
  const key = async (...scopes: Scope[]) => ({ authorization: `Bearer ${(await createApiKey(deps, { name: 'test', scopes })).secret}` });
  return { app, store, clock, calls, deps, recordingsDir: join(dir, 'recordings'), key };
}
