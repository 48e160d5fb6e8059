/** The embedded SIP server: SIP on UDP, TCP and TLS, drachtio's application protocol on loopback. */
import { isIPv6 } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import { delay } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import type { SipTap } from '../trace/trace.js';
import { startAdminServer } from './admin-protocol/server.js';
import type { Doors } from './doors/doors.js';
import { CallTable } from './dialog/call-table.js';
import type { DialogContext, DialogCounters } from './dialog/context.js';
import { DialogCore } from './dialog/core.js';
import { NextHops } from './dialog/next-hop.js';
import { systemResolver, type Resolver } from './dialog/resolver.js';
import { bracketed } from './message/via.js';
import { screenRequests } from './transaction/screen.js';
import { TransactionLayer } from './transaction/transaction-layer.js';
import { SipTransport, type TlsOptions } from './transport/sip-transport.js';
import type { Listener, SipProtocol } from './transport/transport.js';

export type { TlsOptions };

export interface EmbeddedSipServerOptions {
  /** To listen on for SIP; `0.0.0.0` for all. */
  readonly address: string;
  /** UDP and TCP; 0 lets the system choose. */
  readonly port: number;
  /** For Contact and Via towards peers off this host. */
  readonly externalAddress?: string | undefined;
  /** TLS on a port of its own (RFC 3261 26.2). */
  readonly tls?: TlsOptions | undefined;
  /** Over it, new requests get a stateless 503. */
  readonly maxTransactions: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What an application must say first. */
  readonly secret: string;
  /** How long calls wait for an application that lost its connection and may come back, ms. Default 32,000. */
  readonly keepCallsMs?: number;
  /** TCP port of the application protocol on 127.0.0.1. Default 0: any. */
  readonly adminPort?: number;
  /** Default: the system's. */
  readonly resolver?: Resolver;
  /** Who may come in. Default: everybody. */
  readonly doors?: Doors | undefined;
  /** Sees every message on the wire. */
  readonly tap?: SipTap | undefined;
}

export interface EmbeddedSipServer {
  readonly adminPort: number;
  readonly listeners: readonly Listener[];
  /** Takes the certificate files as they are now (they are looked at once a minute anyway); no connection is dropped. TRK_SIP_CERTIFICATE: the old ones stay. */
  reloadCertificates(): boolean;
  /** Takes no new call: INVITE and OPTIONS outside a dialog get 503 with Retry-After. What runs goes on. */
  drain(retryAfterSeconds?: number): void;
  /** Counters grow; the others are of this moment. */
  metrics(): DialogCounters & { readonly unreadable: number; readonly transactions: number; readonly dialogs: number; readonly applications: number };
  /** BYE to every call, then all sockets are closed. */
  close(): Promise<void>;
}

/** A little longer than our own application waits, which then says BYE itself. */
const KEEP_CALLS_MS = 32_000;
/** How long the last BYEs may take to leave, ms. */
const FAREWELL_MS = 200;
/** A restart is mostly over by then. */
const DRAIN_RETRY_AFTER_S = 30;
const LOOPBACK = /^(?:127\.|::1$)/;

/** TRK_PORT_IN_USE, TRK_SIP_TRANSPORT, TRK_SIP_CERTIFICATE. */
export async function startEmbeddedSipServer(options: EmbeddedSipServerOptions): Promise<EmbeddedSipServer> {
  const { clock, random, log, address, port, externalAddress, maxTransactions, doors, resolver = systemResolver } = options;
  const transport = new SipTransport({ address, port, externalAddress, clock, log, tls: options.tls, doors, tap: options.tap });
  const transactions = new TransactionLayer({ transport, clock, random, log, maxTransactions, onFailure: doors && ((source, failure) => doors.failed(source.address, failure)) });
  const protocols = (): ReadonlySet<SipProtocol> => new Set(transport.listeners.map((listener) => listener.protocol));
  const counters: DialogCounters = { requestsIn: 0, requestsOut: 0, unansweredByApplication: 0, refusedWithoutApplication: 0, ackTimeouts: 0, unknownDialogs: 0, strayResponses: 0 };
  const context: DialogContext = {
    transactions,
    clock,
    random,
    log,
    counters,
    nextHops: new NextHops({ clock, random, resolver, protocols, reaches: (family) => address === '::' || isIPv6(address) === (family === 6) }),
    calls: new CallTable(),
    localEnd: (destination) => {
      const local = transport.localAddressFor(destination);
      return { host: local.address, port: local.port, protocol: destination.protocol };
    },
  };
  doors?.watch({
    expects: (branch, method) => transactions.expects(branch, method),
    inProgress: (callId) => context.calls.hasCallId(callId) || transactions.hasCallId(callId),
    *peers() {
      yield* transactions.peers();
      yield* context.calls.peers();
    },
  });
  const core = new DialogCore(context, {
    local: () => transport.listeners.map(hostport),
    external: () => transport.listeners.map((listener) => hostport({ ...listener, address: externalAddress !== undefined && !LOOPBACK.test(listener.address) ? externalAddress : listener.address })),
  });
  transactions.onRequest(screenRequests((transaction, request) => core.onRequest(transaction, request), { random, log }));
  transactions.onAck((ack, source) => core.onAck(ack, source));
  transactions.onCancel((cancel, _request, invite) => core.onCancel(cancel, invite));
  transactions.onStrayResponse((response) => core.onStrayResponse(response));

  await transport.start();
  let admin;
  try {
    admin = await startAdminServer({ port: options.adminPort ?? 0, keepMs: options.keepCallsMs ?? KEEP_CALLS_MS, secret: options.secret, core, clock, random, log });
  } catch (error) {
    await transport.close();
    throw error;
  }
  const { port: adminPort } = admin;
  const { listeners } = transport;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const leaving = context.calls.size > 0;
    core.endAll('server is closing');
    if (leaving) await delay(clock, FAREWELL_MS);
    await admin.close();
    transactions.close();
    await transport.close();
  };
  return {
    adminPort,
    listeners,
    reloadCertificates: () => transport.reloadCertificates(),
    drain: (retryAfterSeconds = DRAIN_RETRY_AFTER_S) => core.drain(retryAfterSeconds),
    metrics: () => ({ ...counters, unreadable: transactions.unreadable, transactions: transactions.size, dialogs: context.calls.size, applications: admin.sessions }),
    close: () => (closing ??= close()),
  };
}

function hostport({ protocol, address, port }: Listener): string {
  return `${protocol}/${bracketed(address)}:${port}`;
}
