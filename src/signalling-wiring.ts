import type { Config } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import { Gauge } from './kernel/metrics.js';
import type { Registry } from './kernel/metrics.js';
import { hex } from './kernel/random.js';
import type { Random } from './kernel/random.js';
import type { EventLog } from './outbound/event-log.js';
import type { DrachtioDialog } from './sip/drachtio/dialog.js';
import { LOST_LIMIT_MS, createDrachtioSignalling } from './sip/drachtio/signalling.js';
import type { Doors } from './sip/embedded/doors/doors.js';
import { startEmbeddedSipServer } from './sip/embedded/server.js';
import type { EmbeddedSipServer, TlsOptions } from './sip/embedded/server.js';
import { SignallingPool } from './sip/pool/pool.js';
import type { ServerStatus } from './sip/pool/pool.js';
import type { SipTap } from './sip/trace/trace.js';
import { VERSION } from './version.js';

/** The SIP servers that signalling will talk to. */
export interface SipServerEnd {
  readonly servers: NonNullable<Config['drachtio']>;
  /** Of the embedded one. */
  readonly drain: (() => void) | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly registry: Registry;
}

/**
 * A real drachtio-server where the configuration names one, else the embedded server,
 * which takes its ports now: that they are in use shall be known before the models are
 * loaded. Until signalling connects it answers 503.
 */
export async function openSip(config: Config, parts: Parts & { doors: Doors | undefined; tap: SipTap | undefined }, lifetime: Lifetime): Promise<SipServerEnd> {
  if (config.drachtio) return { servers: config.drachtio, drain: undefined };
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
  return { servers: [{ host: '127.0.0.1', port: embedded.adminPort, secret, weight: 1, drain: false, lost_limit_ms: LOST_LIMIT_MS }], drain: () => embedded.drain() };
}

/** The same client for either kind of server, and one `Signalling` for however many. */
export async function startSignalling({ servers, drain }: SipServerEnd, parts: Parts & { tap: SipTap | undefined; events: EventLog }, lifetime: Lifetime): Promise<{ signalling: SignallingPool; drain: () => void }> {
  const embedded = drain !== undefined;
  const userAgent = `trunkline/${VERSION}`;
  const family = new Set<DrachtioDialog>();
  const members = servers.map((server) => ({
    name: embedded ? 'embedded' : `${server.host}:${server.port}`,
    weight: server.weight,
    drain: server.drain,
    signalling: createDrachtioSignalling({ ...parts, ...server, lostLimitMs: server.lost_limit_ms, userAgent, family, tap: embedded ? undefined : parts.tap }),
  }));
  const onServer = (server: string, up: boolean, reason: string): void => void (up ? parts.events.append('signalling.up', { server }) : parts.events.append('signalling.down', { server, reason }));
  const signalling = new SignallingPool(members, { ...parts, onServer });
  observeServers(signalling, parts.registry);
  lifetime.onClose(() => signalling.close());
  await signalling.start();
  // A real drachtio-server knows no draining: there each new call is refused as it comes.
  return { signalling, drain: drain ?? (() => signalling.onInvite((call) => void call.reject(503, { headers: { 'Retry-After': '30' } }))) };
}

/** For people who look at `/readyz`. */
export function signallingDetail(pool: SignallingPool): string {
  const { servers } = pool;
  if (servers.length === 1) return pool.state;
  return servers.map(({ name, state, healthy, drain }) => `${name} ${drain ? 'drain' : healthy ? 'up' : state === 'connected' ? 'silent' : state}`).join(', ');
}

function observeServers(pool: SignallingPool, registry: Registry): void {
  const gauge = (name: string, help: string, value: (server: ServerStatus) => number | undefined): void =>
    void new Gauge({
      name,
      help,
      labelNames: ['server'],
      registers: [registry],
      collect() {
        for (const server of pool.servers) {
          const figure = value(server);
          if (figure !== undefined) this.set({ server: server.name }, figure);
        }
      },
    });
  gauge('trunkline_signalling_up', '1 if the SIP server takes new calls, else 0', ({ healthy }) => (healthy ? 1 : 0));
  gauge('trunkline_signalling_calls', 'Dialogs on the SIP server', ({ calls }) => calls);
  gauge('trunkline_signalling_ping_ms', 'Round trip of the last ping on its application port, ms', ({ pingMs }) => pingMs);
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
