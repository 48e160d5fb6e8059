import type { AttributeType, ContactFilter } from './contact-filter.js';
import type { Suppression } from './rules.js';
import type { Attempt, CallResult, Disposition, Page, Task, Verdict } from './store.js';

/**
 * PORT, part of the store: people to reach, and saved choices among them.
 * Times are ms since the epoch.
 */
export type AttributeValue = string | number | boolean;

export type NumberKind = 'mobile' | 'fixed' | 'fixed_or_mobile' | 'voip' | 'toll_free' | 'premium' | 'other';

export interface ContactNumber {
  /** E.164. */
  readonly number: string;
  readonly kind: NumberKind;
  /** ISO 3166-1 alpha-2 of the numbering plan, e.g. `CN`; undefined where a prefix serves several countries and the digits do not tell. */
  readonly country: string | undefined;
  /** As the importer named it, e.g. `home`. */
  readonly label: string | undefined;
}

/** Somebody's yes or no to be called for a purpose, with what proves it. */
export interface Consent {
  /** E.g. `marketing`, `service`. */
  readonly purpose: string;
  readonly granted: boolean;
  readonly at: number;
  readonly expiresAt: number | undefined;
  /** Where it comes from: `import`, `api`, `call`, a form's name. */
  readonly source: string;
  /** What proves it: a document's id, a call's id, a URL. */
  readonly evidence: string | undefined;
}

export interface NewContact {
  /** Id in the system that it comes from; an import with the same one changes the contact. */
  readonly externalId: string | undefined;
  /** The first is dialled first; at least one. */
  readonly numbers: readonly ContactNumber[];
  readonly name: string | undefined;
  readonly email: string | undefined;
  /** BCP 47. */
  readonly language: string | undefined;
  /** IANA zones in which the person may be, as whoever saved the contact has told. What follows from address and number is found out wherever it is asked for: both may change. */
  readonly timeZones: readonly string[];
  readonly address: { readonly country?: string; readonly region?: string; readonly city?: string; readonly postalCode?: string; readonly street?: string };
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly tags: readonly string[];
  readonly consents: readonly Consent[];
}

/** Where the address puts somebody; a state without a country is one of the first number's. */
export function whereaboutsOf({ address: { country, region }, numbers }: Pick<NewContact, 'address' | 'numbers'>): { readonly country?: string | undefined; readonly region?: string | undefined } {
  return { country: country ?? (region === undefined ? undefined : numbers[0]?.country), region };
}

/** What came of calling somebody, over all tasks. */
export interface ContactHistory {
  readonly calls: number;
  readonly lastCallAt: number | undefined;
  readonly lastDisposition: Disposition | undefined;
  readonly lastVerdict: Verdict['kind'] | undefined;
  /** Heard in the last call that was talked in. */
  readonly slots: Readonly<Record<string, AttributeValue>>;
}

export interface Contact extends NewContact {
  readonly id: string;
  readonly history: ContactHistory;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Audience {
  readonly id: string;
  readonly name: string;
  /** The expression as written, e.g. `credit_score >= 720 and city = "Shanghai"`. */
  readonly filter: string;
  /** `live`: evaluated when a campaign fills; `frozen`: its members were written down at `frozenAt`. */
  readonly kind: 'live' | 'frozen';
  readonly frozenAt: number | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a page of contacts is asked by; what is undefined does not count. */
export interface ContactQuery {
  readonly filter?: ContactFilter | undefined;
  /** Members of this audience; with `filter` if it is live, as they were written down if it is frozen. */
  readonly frozenAudience?: string | undefined;
  readonly number?: string | undefined;
  readonly externalId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export type ContactPage = Page<Contact>;

/** Declared or inferred; never changes its type afterwards. */
export interface ContactAttribute {
  readonly name: string;
  readonly type: AttributeType;
  /** False where it is asked from JSON: all columns are taken. Filters by it are slower. */
  readonly indexed: boolean;
}

/**
 * What happens to a row about somebody who is known, by external id or, without one, by number:
 * `update` writes what the row says over what is there, and leaves what it does not say;
 * `keep` leaves the contact as it is; `refuse` refuses the row.
 */
export type MergeRule = 'update' | 'keep' | 'refuse';

/** `conflict`: its number or external id is somebody else's, see docs/contacts.md. */
export type SaveOutcome =
  | { readonly kind: 'created' | 'updated' | 'kept'; readonly id: string }
  | { readonly kind: 'exists' | 'conflict'; readonly by: 'externalId' | 'number'; readonly number?: string };

export type ImportState = 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';

export interface ImportCounts {
  readonly bytes: number;
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly kept: number;
  readonly refused: number;
}

export interface ContactImport extends ImportCounts {
  readonly id: string;
  readonly state: ImportState;
  /** `ImportSettings` of `outbound/contacts` as JSON. */
  readonly settings: string;
  /** What was found out about the file: encoding, delimiter, columns; JSON. Undefined before its head was read. */
  readonly found: string | undefined;
  /** Code of the error that ended it. */
  readonly error: string | undefined;
  readonly reason: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Why a row, or one cell of it, was not taken. */
export interface ImportRefusal {
  /** Line of the file, from 1; of a record over several lines the first. */
  readonly row: number;
  /** Header of the column; undefined if the whole row is meant. */
  readonly column: string | undefined;
  readonly code: string;
  readonly reason: string;
}

/** What stands where a number stood: a destination that leads nowhere (RFC 6761 6.4). */
export const ERASED_DESTINATION = 'sip:erased@trunkline.invalid';

/** Who is meant; one of the three. */
export interface PersonQuery {
  readonly contactId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly number?: string | undefined;
}

/** Everything that is kept of one person: found as a contact, and by any of their numbers, also where that was forgotten. */
export interface PersonRecords {
  readonly contacts: readonly Contact[];
  readonly numbers: readonly string[];
  readonly tasks: readonly Task[];
  readonly attempts: readonly Attempt[];
  readonly results: readonly CallResult[];
  /** What attempts came to after which their task was tried again. */
  readonly outcomes: readonly CallResult[];
  readonly suppressions: readonly Suppression[];
}

/** Proof that somebody was erased; names nobody. */
export interface Erasure {
  readonly id: string;
  readonly contacts: number;
  readonly tasks: number;
  readonly results: number;
  /** Files that are removed, or wait for it (`recordings.ts`). */
  readonly recordings: number;
  readonly at: number;
}

export interface ContactStore {
  /**
   * Saves contacts in their order, each by the merge rule, in one transaction; at most some hundred.
   * `dryRun` changes nothing and says the same.
   */
  saveContacts(contacts: readonly NewContact[], merge: MergeRule, options?: { readonly dryRun?: boolean }): Promise<readonly SaveOutcome[]>;
  getContact(id: string): Promise<Contact | undefined>;
  /** Oldest first. */
  listContacts(query: ContactQuery): Promise<ContactPage>;
  /** At most `limit` of `count` contacts, as `countContacts` told it, spread over all of them; asked in steps as well. */
  sampleContacts(query: Pick<ContactQuery, 'filter' | 'frozenAudience'>, count: number, limit: number): Promise<readonly Contact[]>;
  /** Counted in steps, so that the event loop turns in between. */
  countContacts(query: Pick<ContactQuery, 'filter' | 'frozenAudience'>): Promise<number>;

  /** By name. */
  listAttributes(): Promise<readonly ContactAttribute[]>;
  /** Those that are new. TRK_CONFLICT if one is there with another type, with `field`; TRK_INVALID_REQUEST over the limit. */
  declareAttributes(attributes: readonly { readonly name: string; readonly type: AttributeType }[]): Promise<readonly ContactAttribute[]>;

  /** TRK_CONFLICT if another audience has the name. */
  createAudience(audience: { readonly name: string; readonly filter: string }): Promise<Audience>;
  updateAudience(id: string, audience: { readonly name: string; readonly filter: string }): Promise<Audience | undefined>;
  getAudience(id: string): Promise<Audience | undefined>;
  listAudiences(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<Audience>>;
  deleteAudience(id: string): Promise<boolean>;
  /**
   * Writes down who is in it now; `live` again forgets that. `written`: the text that `filter` was
   * read from. TRK_CONFLICT if the audience has another one, or is changed while it is written down.
   */
  freezeAudience(id: string, filter: ContactFilter, written?: string): Promise<Audience | undefined>;
  thawAudience(id: string): Promise<Audience | undefined>;

  createImport(settings: string): Promise<ContactImport>;
  getImport(id: string): Promise<ContactImport | undefined>;
  listImports(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<ContactImport>>;
  /** `waiting` to `running`; false if it is not waiting. */
  beginImport(id: string, nodeId: string): Promise<boolean>;
  /** Counts so far, with the refusals since the last time. */
  saveImportProgress(id: string, counts: ImportCounts, refusals: readonly ImportRefusal[], found?: string): Promise<void>;
  endImport(id: string, end: { readonly state: 'done' | 'failed' | 'interrupted'; readonly error?: string; readonly reason?: string }): Promise<void>;
  /** Running ones of which nothing was heard since `before`: they run no more, and say so. */
  interruptImports(before: number): Promise<number>;
  /** In the order of the file. */
  listRefusals(id: string, query: { readonly cursor?: string; readonly limit: number }): Promise<Page<ImportRefusal>>;

  /** The first 10,000 tasks, with what belongs to them. */
  personRecords(who: PersonQuery): Promise<PersonRecords>;
  /** Orders the removal of recordings, too. TRK_CONFLICT during a call; undefined if nothing is kept. */
  erasePerson(who: PersonQuery): Promise<Erasure | undefined>;
}
