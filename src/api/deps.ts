import type { Config } from '../config/schema.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { CallService } from '../call/call-service.js';
import type { CompiledFlow } from '../dialogue/dialogue.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import type { Registry } from '../kernel/metrics.js';
import type { Random } from '../kernel/random.js';
import type { RecordingVault } from '../recording/vault.js';
import type { CampaignService } from '../outbound/campaigns/campaign-service.js';
import type { DialNow } from '../outbound/dialer.js';
import type { EventLog } from '../outbound/event-log.js';
import type { Trace } from './routes/traces.js';
import type { TrunkStatus } from '../sip/trunk/trunks.js';
import type { FlowVersionRecord, Store, Task } from '../store/store.js';

/** State of one part of the server, for `/readyz`. */
export interface PartState {
  readonly ready: boolean;
  /** In plain words, without anything about people. */
  readonly detail?: string;
}

export interface FlowDesk {
  /** TRK_FLOW_INVALID with `field` and, in the message, node and line. */
  check(source: string): CompiledFlow | Promise<CompiledFlow>;
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

/** `asr` and `ner` from 0 to 1; undefined where nothing was counted. */
export interface TrunkHourFigures {
  readonly attempts: number;
  readonly answered: number;
  readonly asr: number | undefined;
  readonly ner: number | undefined;
  readonly acdMs: number | undefined;
  readonly pddMs: number | undefined;
}

export interface TrunkDesk {
  /** Those of the configuration file. */
  readonly configured: readonly TrunkSettings[];
  status(): readonly TrunkStatus[];
  /** Outbound calls of its last hour. */
  lastHour(name: string): TrunkHourFigures;
  /** A trunk was saved: use it for new calls. */
  changed(settings: TrunkSettings): void;
  removed(name: string): void;
  /** Never rejects. */
  test(settings: TrunkSettings): Promise<TrunkReport>;
}

/** Sources of SIP that are banned; see docs/sip.md. */
export interface BanDesk {
  /** Times: Unix, ms. The newest first. */
  bans(): readonly { readonly source: string; readonly reason: string; readonly times: number; readonly since: number; readonly until: number }[];
  /** False if it was not banned. */
  lift(source: string): boolean;
}

/** What is kept of a call's signalling, in three forms. */
export interface FoundTrace {
  /** Undefined for SIP that belongs to no call. */
  readonly callId: string | undefined;
  json(): Trace;
  text(): string;
  pcap(): Uint8Array;
}

export interface TraceDesk {
  /** By id of the call or SIP Call-ID; undefined if nothing is kept of it. */
  find(id: string): FoundTrace | undefined;
  /** Captures RTP headers of a live call from now on. TRK_NOT_FOUND, TRK_CAPTURE_LIMIT, TRK_MEDIA_STATE, TRK_CONFLICT. */
  capture(callId: string): void;
}

/** What is sent to others. */
export interface OutboxDesk {
  /** False for an address that is not to be reached, or a name that stands for this machine. */
  mayReach(host: string): boolean;
  /** Something may be due now. */
  changed(): void;
}

export interface CampaignDesk {
  readonly service: CampaignService;
  /** Of campaigns that name none. */
  readonly timeZone: string;
}

/** Everything that the API works with; it constructs nothing itself. */
export interface ApiDeps {
  readonly config: Config['api'];
  readonly recordings: Pick<RecordingVault, 'open'> & {
    /** Ids of the folder that `open` looks in. */
    readonly folders: readonly string[];
    /** Removes those files of it that are to be removed; never rejects. */
    sweep(): Promise<unknown>;
  };
  readonly store: Store;
  readonly calls: CallService;
  readonly flows: FlowDesk;
  /** Without it there are no routes for trunks. */
  readonly trunks?: TrunkDesk;
  /** There is none with a real drachtio-server, which keeps its own doors. */
  readonly bans?: BanDesk | undefined;
  readonly traces: TraceDesk;
  readonly outbox: OutboxDesk;
  /** Without it there are no routes for campaigns. */
  readonly campaigns?: CampaignDesk | undefined;
  readonly events: EventLog;
  readonly registry: Registry;
  /** Each part by name, e.g. `signalling`, `ear`, `mouth`, `store`. */
  readiness(): Promise<Readonly<Record<string, PartState>>> | Readonly<Record<string, PartState>>;
  /** New tasks were saved: look for due ones now. */
  tasksCreated?(): void;
  /** Dials a task that this person has claimed. */
  dialNow?(task: Task, claimedBy: string): Promise<DialNow>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly version: string;
}
