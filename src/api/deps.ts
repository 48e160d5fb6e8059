import type { Config } from '../config/schema.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { CallService } from '../call/call-service.js';
import type { CompiledFlow } from '../dialogue/dialogue.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import type { Registry } from '../kernel/metrics.js';
import type { Random } from '../kernel/random.js';
import type { EventLog } from '../outbound/event-log.js';
import type { TrunkStatus } from '../sip/trunk/trunks.js';
import type { FlowVersionRecord, Store } from '../store/store.js';

/** State of one part of the server, for `/readyz`. */
export interface PartState {
  readonly ready: boolean;
  /** In plain words, without anything about people. */
  readonly detail?: string;
}

export interface FlowDesk {
  /** TRK_FLOW_INVALID with `field` and, in the message, node and line. */
  check(source: string): CompiledFlow;
  /** A new version was stored: render its fixed words, use it for new calls. */
  saved?(record: FlowVersionRecord, flow: CompiledFlow): Promise<void> | void;
}

/** One trial of a trunk, step by step. */
export interface TrunkReport {
  readonly trunk: string;
  readonly ok: boolean;
  readonly steps: readonly { readonly step: string; readonly target: string; readonly ok: boolean; readonly answer: string; readonly ms: number; readonly code?: string }[];
  readonly problem?: { readonly code: string; readonly message: string; readonly field?: string; readonly docs: string };
}

export interface TrunkDesk {
  /** Those of the configuration file. */
  readonly configured: readonly TrunkSettings[];
  status(): readonly TrunkStatus[];
  /** A trunk was saved: use it for new calls. */
  changed(settings: TrunkSettings): void;
  removed(name: string): void;
  /** Never rejects. */
  test(settings: TrunkSettings): Promise<TrunkReport>;
}

/** Everything that the API works with; it constructs nothing itself. */
export interface ApiDeps {
  readonly config: Config['api'];
  /** Recordings are served from inside this folder only. */
  readonly recordingsDir: string;
  readonly store: Store;
  readonly calls: CallService;
  readonly flows: FlowDesk;
  /** Without it there are no routes for trunks. */
  readonly trunks?: TrunkDesk;
  readonly events: EventLog;
  readonly registry: Registry;
  /** Each part by name, e.g. `signalling`, `ear`, `mouth`, `store`. */
  readiness(): Promise<Readonly<Record<string, PartState>>> | Readonly<Record<string, PartState>>;
  /** New tasks were saved: look for due ones now. */
  tasksCreated?(): void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly version: string;
}
