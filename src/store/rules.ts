import type { WeekHours } from './campaigns.js';
import type { ChainHead } from './compliance-chain.js';
import type { Consent } from './contacts.js';
import type { CallResult, Page } from './store.js';
import type { Subjects } from './subjects.js';

/**
 * PORT, part of the store: who must not be called, and the proof of why each call was
 * made. Times are ms since the epoch.
 */
export interface NewSuppression {
  /** E.164, or a SIP URI; or a contact. Exactly one of the two. A URI that names a number is kept as that number. */
  readonly number: string | undefined;
  readonly contactId: string | undefined;
  /** `all`, or the id of a campaign. */
  readonly scope: string;
  /** `import`, `api`, `call` (spoken), `keypad`, `console`, a list's name. */
  readonly source: string;
  readonly reason: string | undefined;
  /** Call or document that proves it. */
  readonly evidence: string | undefined;
  readonly expiresAt: number | undefined;
}

export interface Suppression extends NewSuppression {
  readonly id: string;
  readonly createdAt: number;
}

/** Every rule that can keep a dial back, in the order in which they are asked. */
export const dialRules = [
  'campaign_paused', 'task_window', 'destination', 'country', 'caller_number', 'suppression', 'consent', 'calling_hours', 'holiday',
  'attempts_task', 'attempts_number_day', 'attempts_number_week', 'quiet_time', 'number_in_call', 'spend_cap',
] as const;
export type DialRule = (typeof dialRules)[number];

/** What one number has been through, over all campaigns. */
export interface NumberHistory {
  /** When it was dialled in the last 31 days, newest first; at most 100. */
  readonly attemptsAt: readonly number[];
  /** A call to it is under way, on any server. */
  readonly inCall: boolean;
  /** Last call that was abandoned, or that the callee refused. */
  readonly lastAbandonedAt: number | undefined;
  readonly lastRefusedAt: number | undefined;
}

/** What the rules are asked about, gathered in the transaction that makes the intent durable. */
export interface DialFacts {
  readonly now: number;
  /** E.164 or SIP URI. */
  readonly to: string;
  readonly from: string | undefined;
  readonly purpose: string | undefined;
  /** IANA zones in which the callee may be, as the task and its contact say; those of number and address count besides. */
  readonly timeZones: readonly string[];
  /** Address of the contact as it is now, for zones and law by state; ISO 3166, or a state as somebody wrote it. The number's own place counts besides. */
  readonly address: { readonly country?: string | undefined; readonly region?: string | undefined };
  /** Hours of campaign or category, in `hoursZone`; undefined zone: on the callee's wall. */
  readonly hours: WeekHours | undefined;
  readonly hoursZone: string | undefined;
  /** Countries (`CN`, `US-CA`) on whose public holidays nobody is called; `callee` is that of the number. */
  readonly holidays: readonly string[];
  readonly task: { readonly id: string; readonly attempts: number; readonly maxAttempts: number; readonly notBefore: number; readonly expiresAt: number | undefined };
  readonly campaign: { readonly id: string; readonly running: boolean; readonly callerNumbers: readonly string[]; readonly talkedMs: number; readonly spendCap: number | undefined } | undefined;
  readonly suppressions: readonly Suppression[];
  readonly consents: readonly Consent[];
  readonly history: NumberHistory;
}

/** `until`: when it is worth asking again; undefined: never by itself. `detail` names nobody. */
export type DialJudgement =
  | { readonly allowed: true; readonly because: Readonly<Record<string, string>> }
  | { readonly allowed: false; readonly rule: DialRule; readonly until: number | undefined; readonly detail: string };

/** What the store asks of the rules; `src/outbound/rules` makes it. */
export interface DialRules {
  judge(facts: DialFacts): DialJudgement;
  /** The callee refused: the number is left alone for a while. */
  refused(result: CallResult): boolean;
}

/**
 * What is told of: `allowed` and `refused` of a dial, with the reasons; `released`: what was allowed was not dialled, as the store's answer was lost; that the flow's disclosure was spoken to its
 * end, and the way out offered; that somebody took it; `abandoned`: answered, and nobody spoke; `unsuppressed`: an
 * operator took a suppression away; `erased`: a person was.
 */
export const complianceKinds = ['allowed', 'refused', 'released', 'disclosed', 'opt_out_offered', 'opted_out', 'abandoned', 'unsuppressed', 'erased'] as const;
export type ComplianceKind = (typeof complianceKinds)[number];

/** One line of the hash-chained log: what was decided about one dial, or said in one call. */
export interface ComplianceEntry {
  readonly seq: number;
  readonly at: number;
  readonly kind: ComplianceKind;
  readonly taskId: string | undefined;
  readonly attemptId: string | undefined;
  readonly callId: string | undefined;
  /** Keyed hash of the number (`Subjects`): it proves, but tells nobody. */
  readonly subject: string;
  /** JSON object: rule, reasons, evidence, moments in the call. */
  readonly body: string;
  /** sha256 over the entry and `previous`, hex; `compliance-chain.ts`. */
  readonly hash: string;
  readonly previous: string;
}

export interface NewComplianceEntry {
  readonly kind: ComplianceKind;
  readonly taskId?: string | undefined;
  readonly attemptId?: string | undefined;
  readonly callId?: string | undefined;
  readonly subject: string;
  /** Names nobody: no number, no speech. */
  readonly body: Readonly<Record<string, string | number | boolean | undefined>>;
}

export interface ComplianceQuery {
  /** `seq` of the last one that was read; 0 from the start. */
  readonly after: number;
  readonly limit: number;
  readonly callId?: string | undefined;
  readonly subject?: string | undefined;
}

export interface SuppressionQuery {
  readonly number?: string | undefined;
  readonly contactId?: string | undefined;
  readonly scope?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A no that was said or keyed in a call. */
export interface OptOut {
  readonly number: string;
  readonly contactId: string | undefined;
  readonly reason: 'do_not_call' | 'wrong_number';
  readonly scope: string;
  readonly source: 'call' | 'keypad';
  readonly callId: string;
  readonly taskId: string | undefined;
  readonly attemptId: string | undefined;
}

/** Who may be dialled soon. */
export interface Callee {
  readonly to: string;
  readonly contactId?: string | undefined;
}

/** What the rules would be told about them now. */
export interface CalleePast {
  readonly suppressions: readonly Suppression[];
  readonly history: NumberHistory;
}

export interface RuleStore {
  readonly subjects: Subjects;
  /** In the order of `callees`; at most some hundred. */
  pastOf(callees: readonly Callee[]): Promise<readonly CalleePast[]>;
  /** At most 10,000. One that is there already for the same scope lasts as long as the longer of both. In force for every dial that is not decided yet. */
  addSuppressions(wanted: readonly NewSuppression[]): Promise<readonly Suppression[]>;
  getSuppression(id: string): Promise<Suppression | undefined>;
  /** Those that have ended, too. */
  listSuppressions(query: SuppressionQuery): Promise<Page<Suppression>>;
  /** False if there is none. The log says that it was taken away. */
  deleteSuppression(id: string): Promise<boolean>;
  /** Suppresses the number, and the contact if one is known, and notes it, in one transaction. */
  optOut(wish: OptOut): Promise<void>;
  noteCompliance(entries: readonly NewComplianceEntry[]): Promise<void>;
  /** In the order of `seq`. */
  readCompliance(query: ComplianceQuery): Promise<readonly ComplianceEntry[]>;
  complianceHead(): Promise<ChainHead>;
  /** Binds the store to the key of `subjects`; TRK_CONFIG_INVALID if it belongs to another one. */
  claimSubjectKey(): Promise<void>;
}
