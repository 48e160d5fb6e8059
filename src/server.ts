import { promises as dns } from 'node:dns';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { buildApi } from './api/build-api.js';
import { startCampaigns } from './campaign-wiring.js';
import { untilCallsEnd } from './drain.js';
import { FlowLibrary } from './call/flow-library.js';
import { startFollowup } from './followup-wiring.js';
import { FirstFlows } from './flow-wiring.js';
import { openVault } from './recording-wiring.js';
import { openRecordingFolder } from './recording/folder.js';
import { createHttpLookups } from './call/http-lookups.js';
import { createCallService } from './call/service.js';
import type { CallService } from './call/call-service.js';
import type { Config } from './config/schema.js';
import { configuredTrunks } from './config/trunks.js';
import { makeDataFolder } from './data-folder.js';
import { isCompleteAnswer } from './dialogue/answers/complete.js';
import type { CompiledFlow } from './dialogue/dialogue.js';
import { compileFlowApart } from './dialogue/flow/compile.js';
import { systemClock, systemTimeZone } from './kernel/clock.js';
import type { Clock } from './kernel/clock.js';
import { Lifetime } from './kernel/lifetime.js';
import { createLogger } from './kernel/log.js';
import type { Logger } from './kernel/log.js';
import { createRegistry } from './kernel/metrics.js';
import { systemRandom } from './kernel/random.js';
import type { Random } from './kernel/random.js';
import { mediaAddresses, startMedia } from './media-wiring.js';
import { RecordingSweep } from './outbound/recording-sweep.js';
import { RetentionSweep } from './outbound/retention-sweep.js';
import { NodeHeart } from './outbound/node-heart.js';
import { Dialer } from './outbound/dialer.js';
import { brakesOf } from './dialer-wiring.js';
import { recordCallEvents } from './outbound/call-events.js';
import { createEventLog } from './outbound/event-log.js';
import type { EventLog } from './outbound/event-log.js';
import { ResultKeeper } from './outbound/result-keeper.js';
import { Holidays } from './outbound/rules/holidays.js';
import { createDialRules } from './outbound/rules/judge-dial.js';
import { keepOptOuts } from './outbound/rules/opt-outs.js';
import { Spill } from './outbound/spill.js';
import { probeTrunk } from './sip/trunk/probe.js';
import { observeCalls } from './call/call-metrics.js';
import { TrunkHour } from './call/trunk-figures.js';
import { observeTrunks } from './call/trunk-metrics.js';
import { openDoors } from './doors-wiring.js';
import { checkPorts, listen } from './ports.js';
import { openSip, signallingDetail, startSignalling } from './signalling-wiring.js';
import { startUnderstanding } from './nlu-wiring.js';
import { startSpeech } from './speech-wiring.js';
import { openTrace } from './trace-wiring.js';
import type { SpeechParts } from './speech-wiring.js';
import { openStore } from './store-wiring.js';
import type { Store } from './store/store.js';
import { openTrunks, routeInbound } from './trunk-wiring.js';
import { VERSION } from './version.js';

export interface ServerOptions {
  readonly config: Config;
  /** Called with what is being started, for people who wait. */
  readonly onProgress?: (label: string, fraction: number) => void;
  /** Brings the first flows; the API serves meanwhile, `/readyz` waits for it. */
  readonly loadFlows?: (flows: FlowLibrary) => Promise<void>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
}

export interface Server {
  /** `http://host:port`. */
  readonly apiUrl: string;
  /** `proto/host:port` of each SIP listener. */
  readonly sipAddresses: readonly string[];
  readonly store: Store;
  readonly events: EventLog;
  readonly calls: CallService;
  readonly flows: FlowLibrary;
  readonly dialer: Dialer;
  readonly recordingsDir: string;
  /** Resolves when the flows that calls will need are ready; rejects as `loadFlows` does. */
  readonly flowsLoaded: Promise<void>;
  /** Takes no new call, lets running ones end up to a limit, then closes everything in order. */
  close(): Promise<void>;
}

/** The composition root: the only place that constructs adapters. Whatever fails, what was started before is closed. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const lifetime = new Lifetime();
  try {
    return await compose(options, lifetime);
  } catch (error) {
    await lifetime.close().catch(() => undefined);
    throw error;
  }
}

async function compose(options: ServerOptions, lifetime: Lifetime): Promise<Server> {
  const { config, onProgress = () => undefined, clock = systemClock, random = systemRandom } = options;
  const log = options.log ?? createLogger(config.log);
  const registry = createRegistry();
  const dataDir = resolve(config.data_dir);
  const recordingsDir = join(dataDir, 'recordings');
  makeDataFolder(recordingsDir);
  const folder = openRecordingFolder(recordingsDir, random);
  const recordings = openVault(config, recordingsDir, { random, log });
  // Looks at what is there now, long before this process records its first call.
  const sealing = recordings.sealLeftOvers().then((sealed) => sealed > 0 && log.info({ sealed }, 'sealed recordings that an earlier process left open'));
  lifetime.onClose(async () => void (await sealing));

  const holidays = new Holidays({ clock, log });
  const store = openStore(config, { clock, random, log, rules: createDialRules({ rules: config.rules, timeZone: config.time_zone ?? systemTimeZone() }, holidays) });
  lifetime.onClose(() => store.close());
  await store.migrate();
  await store.claimSubjectKey();
  await store.openFolders(folder.ids, hostname());
  const closing = new AbortController();
  lifetime.onClose(() => closing.abort(new Error('the server closes')));
  const events = createEventLog(store, log);

  // Ports come before models: what is wrong with them shall be said at once.
  const apiPlace = await checkPorts(config, log, lifetime);
  const doors = openDoors(config, { clock, log, registry, events });
  const trace = openTrace(config, { clock, registry }, lifetime);
  const sip = await openSip(config, { clock, random, log, registry, doors, tap: trace.tap }, lifetime);

  onProgress('speech workers', 0);
  const speech: SpeechParts = await startSpeech({ config, clock, random, log, promptDir: config.speech.prompt_dir ?? join(dataDir, 'prompts') });
  lifetime.onClose(() => speech.close());
  onProgress('speech workers', 1);

  const { engine: media, connect: connectMedia } = startMedia(config, { clock, random, log }, lifetime);

  const { signalling, drain } = await startSignalling(sip, { clock, random, log, registry, events, tap: trace.tap }, lifetime);
  await connectMedia(signalling);

  const trunks = await openTrunks(config, { signalling, store, events, clock, random, log });
  lifetime.onClose(() => trunks.stop());
  doors?.know(trunks);

  const timezone = config.time_zone ?? systemTimeZone();
  const { trainer, embedder } = await startUnderstanding(config, log, lifetime, config.speech.intent_dir ?? join(dataDir, 'intents'));
  const compile = (source: string): Promise<CompiledFlow> => compileFlowApart(source, { clock, timezone, trainer, embedder });
  const flows = new FlowLibrary({
    store,
    compile,
    render: (flow) => speech.render(flow, (fraction) => onProgress(`rendering ${flow.id}`, fraction)),
  });
  const spillDir = join(dataDir, 'unsaved');
  const inbound = new ResultKeeper({ store, clock, log, spill: new Spill(spillDir, log) });
  lifetime.onClose(() => inbound.stop());
  const hour = new TrunkHour(clock);
  const meter = observeTrunks(registry, hour);
  const calls = createCallService({
    config,
    clock,
    random,
    log,
    signalling,
    trunks,
    media,
    ...speech.in(config.speech.language),
    speech: (language) => speech.in(language),
    allSpeech: () => speech.languages,
    mind: speech.mind,
    people: config.dialer.people,
    lookups: createHttpLookups({ lookups: config.lookups, clock, fetch }),
    recordingsDir,
    sealRecording: (name) => recordings.seal(name),
    recordingFolder: folder.id,
    isComplete: isCompleteAnswer,
    flow: (id, version) => flows.get(id, version),
    saveInbound: async (result) => void (await inbound.keep(result)),
    mediaAddress: mediaAddresses(config, clock),
    models: (language = config.speech.language) => speech.models(language),
    trace: trace.sight,
    tried: meter.tried,
    optedOut: keepOptOuts({ store, clock, log, signal: closing.signal }),
  });
  observeCalls(calls, registry);
  meter.watch(calls, trunks);
  recordCallEvents(calls, events);
  trace.sight?.watch(calls);
  routeInbound(config, signalling, trunks, calls, { clock, random, log });

  let stopAt = 0;
  const removals = new RecordingSweep({ store, remove: (name) => recordings.remove(name), folders: folder.ids, clock, log });
  lifetime.onClose(() => removals.stop());
  removals.start();
  const retention = new RetentionSweep({ store, removeRecordings: () => removals.sweep(), clock, log }, config.retention);
  lifetime.onClose(() => retention.stop());
  retention.start();
  const heart = new NodeHeart({ store, clock, random, log });
  lifetime.onClose(() => heart.stop());
  await heart.start();
  lifetime.onClose(() => untilCallsEnd(calls, { clock, log }, stopAt - clock.monotonic()));
  const dialer = new Dialer(
    { store, calls, events, clock, random, log, registry, needsOf: (task) => flows.needsOf(task.flow, task.flowVersion) },
    {
      mode: config.dialer.mode,
      maxCalls: config.dialer.enabled ? config.dialer.max_calls : 0,
      ...brakesOf(config.dialer),
      timeZone: timezone,
      callsPerSecond: config.dialer.calls_per_second,
      pollMs: config.dialer.poll_ms,
      get nodeId() {
        return heart.nodeId;
      },
      callIdHost: 'trunkline',
      spillDir,
      stopLimitMs: config.dialer.stop_limit_ms,
    },
  );
  lifetime.onClose(() => dialer.stop());
  await dialer.start();
  lifetime.onClose(store.watch((change) => change === 'tasks' && dialer.wake()));

  const outbox = startFollowup(config, { store, events, clock, random, log, registry }, lifetime);
  const first = new FirstFlows(flows, config, log);
  const campaigns = startCampaigns(
    config,
    {
      store, events, clock, log, holidays, timeZone: timezone, check: compile,
      calls, trunks, needsOf: ({ flow, flowVersion }) => flows.needsOf(flow, flowVersion),
      wakeDialer: () => dialer.wake(),
    },
    lifetime,
  );
  const api = await buildApi({
    config: config.api,
    recordings: { open: (name) => recordings.open(name), folders: folder.ids, sweep: () => removals.sweep() },
    store,
    calls,
    flows: { check: compile, saved: async (record) => void (await flows.get(record.id, record.version)) },
    trunks: {
      configured: configuredTrunks(config),
      status: () => trunks.list(),
      lastHour: (name) => hour.of(name),
      changed: (settings) => trunks.put(settings),
      removed: (name) => trunks.remove(name),
      test: (settings) => probeTrunk({ signalling, dns, clock, random }, settings),
    },
    bans: doors,
    traces: trace.desk,
    campaigns,
    outbox,
    events,
    registry,
    readiness: async () => ({
      store: { ready: await store.lastEventCursor().then(() => true, () => false) },
      signalling: { ready: signalling.state === 'connected', detail: signallingDetail(signalling) },
      ear: readyIn(speech, 'ear'),
      mouth: readyIn(speech, 'mouth'),
      flows: { ready: first.ready },
      dialer: { ready: true, ...(dialer.detail === undefined ? {} : { detail: dialer.detail }) },
      media: { ready: media.freePorts > 0, detail: `${media.freePorts} free port pairs` },
    }),
    tasksCreated: () => dialer.wake(),
    dialNow: (task, claimedBy) => dialer.dialNow(task, claimedBy),
    clock,
    random,
    log,
    version: VERSION,
  });
  lifetime.onClose(() => api.close());
  await apiPlace.free();
  const apiUrl = await listen(api, config);
  const flowsLoaded = first.make(async () => options.loadFlows?.(flows));
  // Whoever does not wait for it sees it in the readiness.
  flowsLoaded.catch(() => undefined);
  // The first thing to close: what runs may end by itself, what is new goes elsewhere.
  lifetime.onClose(() => {
    stopAt = clock.monotonic() + config.dialer.stop_limit_ms;
    drain();
  });
  log.info({ apiUrl, sip: signalling.addresses }, 'trunkline is ready');
  return { apiUrl, sipAddresses: signalling.addresses, store, events, calls, flows, dialer, recordingsDir, flowsLoaded, close: () => lifetime.close() };
}

/** Ready when every language is; names those that are not. */
function readyIn(speech: SpeechParts, part: 'ear' | 'mouth'): { ready: boolean; detail?: string } {
  const down = speech.languages.filter((one) => !one[part].ready).map((one) => one.language);
  return down.length === 0 ? { ready: true } : { ready: false, detail: down.join(', ') };
}
