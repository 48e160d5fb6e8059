import { promises as dns } from 'node:dns';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildApi } from './api/build-api.js';
import { untilCallsEnd } from './drain.js';
import { FlowLibrary } from './call/flow-library.js';
import { createCallService } from './call/service.js';
import type { CallService } from './call/call-service.js';
import type { Config } from './config/schema.js';
import { configuredTrunks, parseTrunk } from './config/trunks.js';
import { isCompleteAnswer } from './dialogue/answers/complete.js';
import type { CompiledFlow } from './dialogue/dialogue.js';
import { compileFlow } from './dialogue/flow/compile.js';
import { systemClock, systemTimeZone } from './kernel/clock.js';
import type { Clock } from './kernel/clock.js';
import { TrunklineError } from './kernel/errors.js';
import { newId } from './kernel/ids.js';
import { Lifetime } from './kernel/lifetime.js';
import { createLogger } from './kernel/log.js';
import type { Logger } from './kernel/log.js';
import { Gauge, createRegistry } from './kernel/metrics.js';
import type { Registry } from './kernel/metrics.js';
import { hex, systemRandom } from './kernel/random.js';
import type { Random } from './kernel/random.js';
import { NativeEngine } from './media/native/engine.js';
import { Dialer } from './outbound/dialer.js';
import { recordCallEvents } from './outbound/call-events.js';
import { createEventLog } from './outbound/event-log.js';
import type { EventLog } from './outbound/event-log.js';
import { createDrachtioSignalling } from './sip/drachtio/signalling.js';
import { LocalAddresses, isAnyAddress } from './sip/embedded/transport/addresses.js';
import { startEmbeddedSipServer } from './sip/embedded/server.js';
import type { EmbeddedSipServer, TlsOptions } from './sip/embedded/server.js';
import { userPart } from './sip/drachtio/uri.js';
import type { IncomingCall, Signalling } from './sip/signalling.js';
import { probeTrunk } from './sip/trunk/probe.js';
import { TrunkBook, utcDay } from './sip/trunk/trunk-book.js';
import { observeCalls } from './call/call-metrics.js';
import { startSpeech } from './speech-wiring.js';
import type { SpeechParts } from './speech-wiring.js';
import { openSqliteStore } from './store/sqlite/sqlite-store.js';
import type { Store } from './store/store.js';
import { VERSION } from './version.js';

export interface ServerOptions {
  readonly config: Config;
  /** Called with what is being started, for people who wait. */
  readonly onProgress?: (label: string, fraction: number) => void;
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
  mkdirSync(recordingsDir, { recursive: true });

  const store = openSqliteStore({ path: join(dataDir, 'trunkline.db'), clock, random, log });
  lifetime.onClose(() => store.close());
  await store.migrate();
  const events = createEventLog(store, log);

  onProgress('speech workers', 0);
  const speech: SpeechParts = await startSpeech({ config, clock, random, log, promptDir: join(dataDir, 'prompts') });
  lifetime.onClose(() => speech.close());
  onProgress('speech workers', 1);

  const media = new NativeEngine(
    {
      address: config.media.address,
      portMin: config.media.port_min,
      portMax: config.media.port_max,
      timeoutMs: config.media.timeout_ms,
      ...(config.media.external_address === undefined ? {} : { externalAddress: config.media.external_address }),
    },
    random,
  );
  lifetime.onClose(() => media.close());

  const { signalling, drain } = await startSignalling(config, { clock, random, log, registry }, lifetime);

  const trunks = await openTrunks(config, { signalling, store, events, clock, random, log });
  lifetime.onClose(() => trunks.stop());

  const timezone = config.time_zone ?? systemTimeZone();
  const compile = (source: string): CompiledFlow => compileFlow(source, { clock, timezone });
  const flows = new FlowLibrary({
    store,
    compile,
    render: (flow) => speech.render(flow, (fraction) => onProgress(`rendering ${flow.id}`, fraction)),
  });
  const calls = createCallService({
    config,
    clock,
    random,
    log,
    signalling,
    trunks,
    media,
    ear: speech.ear,
    mouth: speech.mouth,
    recordingsDir,
    isComplete: isCompleteAnswer,
    flow: (id, version) => flows.get(id, version),
    saveInbound: (result) => store.saveInboundResult(result),
    mediaAddress: mediaAddresses(config, clock),
    models: () => speech.models,
  });
  observeCalls(calls, registry);
  recordCallEvents(calls, events);
  routeInbound(config, signalling, trunks, calls, log);

  let stopAt = 0;
  lifetime.onClose(() => untilCallsEnd(calls, { clock, log }, stopAt - clock.monotonic()));
  const dialer = new Dialer(
    { store, calls, events, clock, random, log, registry },
    {
      maxCalls: config.dialer.enabled ? config.dialer.max_calls : 0,
      callsPerSecond: config.dialer.calls_per_second,
      pollMs: config.dialer.poll_ms,
      nodeId: newId('node', clock, random),
      callIdHost: 'trunkline',
      spillDir: join(dataDir, 'unsaved'),
      stopLimitMs: config.dialer.stop_limit_ms,
    },
  );
  lifetime.onClose(() => dialer.stop());
  await dialer.start();

  const api = await buildApi({
    config: config.api,
    recordingsDir,
    store,
    calls,
    flows: { check: compile, saved: async (record) => void (await flows.get(record.id, record.version)) },
    trunks: {
      configured: configuredTrunks(config),
      status: () => trunks.list(),
      changed: (settings) => trunks.put(settings),
      removed: (name) => trunks.remove(name),
      test: (settings) => probeTrunk({ signalling, dns, clock, random }, settings),
    },
    events,
    registry,
    readiness: async () => ({
      store: { ready: await store.lastEventCursor().then(() => true, () => false) },
      signalling: { ready: signalling.state === 'connected', detail: signalling.state },
      ear: { ready: speech.ear.ready },
      mouth: { ready: speech.mouth.ready },
      media: { ready: media.freePorts > 0, detail: `${media.freePorts} free port pairs` },
    }),
    tasksCreated: () => dialer.wake(),
    clock,
    random,
    log,
    version: VERSION,
  });
  lifetime.onClose(() => api.close());
  const apiUrl = await listen(api, config);
  // The first thing to close: what runs may end by itself, what is new goes elsewhere.
  lifetime.onClose(() => {
    stopAt = clock.monotonic() + config.dialer.stop_limit_ms;
    drain();
  });
  log.info({ apiUrl, sip: signalling.addresses }, 'trunkline is ready');
  return { apiUrl, sipAddresses: signalling.addresses, store, events, calls, flows, dialer, recordingsDir, close: () => lifetime.close() };
}

/** A real drachtio-server where the configuration names one, else the embedded server; the client is the same. */
async function startSignalling(config: Config, parts: { clock: Clock; random: Random; log: Logger; registry: Registry }, lifetime: Lifetime): Promise<{ signalling: Signalling; drain: () => void }> {
  const userAgent = `trunkline/${VERSION}`;
  let target = config.drachtio;
  let drain: (() => void) | undefined;
  if (!target) {
    const secret = hex(parts.random, 24);
    const embedded = await startEmbeddedSipServer({
      ...parts,
      address: config.sip.address,
      port: config.sip.port,
      maxTransactions: config.sip.max_transactions,
      secret,
      ...(config.sip.external_address === undefined ? {} : { externalAddress: config.sip.external_address }),
      ...(config.sip.tls === undefined ? {} : { tls: tlsOf(config.sip.tls) }),
    });
    if (config.sip.tls) reloadOnHangup(embedded, parts.log, lifetime);
    lifetime.onClose(() => embedded.close());
    observeSip(embedded, parts.registry);
    drain = () => embedded.drain();
    target = { host: '127.0.0.1', port: embedded.adminPort, secret };
  }
  const signalling = createDrachtioSignalling({ ...parts, ...target, userAgent });
  lifetime.onClose(() => signalling.close());
  await signalling.start();
  // A real drachtio-server knows no draining: there each new call is refused as it comes.
  return { signalling, drain: drain ?? (() => signalling.onInvite((call) => void call.reject(503, { headers: { 'Retry-After': '30' } }))) };
}

/** What the embedded server counts, by name: a real drachtio-server has metrics of its own. */
function observeSip(embedded: EmbeddedSipServer, registry: Registry): void {
  new Gauge({
    name: 'trunkline_sip',
    help: 'Embedded SIP server: counters since its start, and what lives now (transactions, dialogs, applications)',
    labelNames: ['what'],
    registers: [registry],
    collect() {
      for (const [what, value] of Object.entries<number>({ ...embedded.metrics() })) this.set({ what }, value);
    },
  });
}

function tlsOf(tls: NonNullable<Config['sip']['tls']>): TlsOptions {
  return { port: tls.port, certFile: tls.cert_file, keyFile: tls.key_file, caFile: tls.ca_file };
}

/** SIGHUP, as is the custom: new certificates at once. They are found within a minute without it, too. */
function reloadOnHangup(embedded: EmbeddedSipServer, log: Logger, lifetime: Lifetime): void {
  const reload = (): void => {
    try {
      embedded.reloadCertificates();
    } catch (error) {
      log.warn({ err: error }, 'new SIP certificate cannot be used; the old one stays');
    }
  };
  process.on('SIGHUP', reload);
  lifetime.onClose(() => void process.off('SIGHUP', reload));
}

function routeInbound(config: Config, signalling: Signalling, trunks: TrunkBook, calls: ReturnType<typeof createCallService>, log: Logger): void {
  signalling.onInvite((call) => {
    const handled = answerInvite(config, trunks, calls, call);
    handled.catch((error: unknown) => log.error({ err: error }, 'inbound call failed'));
  });
}

function answerInvite(config: Config, trunks: TrunkBook, calls: ReturnType<typeof createCallService>, call: IncomingCall): Promise<void> {
  const source = trunks.admit(call);
  if (source.kind === 'refused') return call.reject(403);
  const trunk = source.kind === 'known' ? source.trunk : undefined;
  // RFC 3261 8.2.2.1: the Request-URI says who is meant; To may still name whom the caller dialled before a diversion.
  const number = trunk === undefined ? userPart(call.uri) : trunks.calledNumber(trunk, userPart(call.uri));
  const rule = config.inbound.find((one) => one.number === number) ?? config.inbound.find((one) => one.number === '*');
  // RFC 3261 21.4.5: there is definitive information that the user does not exist here.
  if (rule === undefined) return call.reject(404);
  if (trunk === undefined) return calls.answer(call, rule.flow);
  const channel = trunks.takeInbound(trunk.name);
  return channel === undefined ? call.reject(503, { headers: { 'Retry-After': '5' } }) : calls.answer(call, rule.flow, channel);
}

/** The trunks of the configuration and of the store; a name in both is the configuration's. */
async function openTrunks(config: Config, parts: { signalling: Signalling; store: Store; events: EventLog; clock: Clock; random: Random; log: Logger }): Promise<TrunkBook> {
  const { store, events, log } = parts;
  const book = new TrunkBook({
    ...parts,
    dns,
    caller: config.sip.caller,
    unknownSources: config.sip.unknown_sources,
    onState: (trunk, state, reason) => {
      if (state === 'up') void events.append('trunk.up', { trunk });
      if (state === 'down') void events.append('trunk.down', { trunk, reason: reason ?? '' });
    },
    onTalked: (trunk, day, talkedMs) => {
      store.addTrunkTalk(trunk, day, talkedMs).catch((error: unknown) => log.error({ err: error, trunk }, 'minutes of a trunk could not be saved'));
    },
  });
  // A record of an earlier version lacks what was added since; its defaults come now.
  for (const { settings } of await store.listTrunks()) book.put(parseTrunk(settings));
  for (const settings of configuredTrunks(config)) book.put(settings);
  const today = utcDay(parts.clock.now());
  book.remember(today, await store.trunkTalk(today));
  book.start();
  return book;
}

/**
 * RTP sockets on 0.0.0.0 must not be announced so: to the far end c=0.0.0.0 is a call on
 * hold (RFC 3264 8.4), and a telephone that obeys sends nothing. Each peer is told the
 * address by which it reaches us, or its audio would come from another one than its SDP says.
 */
function mediaAddresses(config: Config, clock: Clock): (peer: string) => string | undefined {
  const { address, external_address } = config.media;
  if (external_address !== undefined || !isAnyAddress(address)) return () => undefined;
  const local = new LocalAddresses(clock);
  return (peer) => local.towards(peer);
}

async function listen(api: FastifyInstance, config: Config): Promise<string> {
  try {
    return await api.listen({ host: config.api.address, port: config.api.port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new TrunklineError('TRK_PORT_IN_USE', { params: { port: config.api.port, transport: 'http' }, field: 'api.port', cause: error });
  }
}
