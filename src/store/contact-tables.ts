import type { Generated } from 'kysely';
import type { AttributeType } from './contact-filter.js';
import type { ImportState } from './contacts.js';
import type { Disposition, Verdict } from './store.js';

/** Columns of `contacts` that hold attributes: numbers and booleans, texts and dates. */
export const SLOTS = 24;
export type NumberSlot = `n${number}`;
export type TextSlot = `t${number}`;

/** What is filtered by, in a narrow row: a filter reads all of them. The rest is in `contact_bodies`. */
export interface ContactRow extends Record<NumberSlot, number | null>, Record<TextSlot, string | null> {
  seq: Generated<number>;
  id: string;
  external_id: string | null;
  language: string | null;
  country: string | null;
  region: string | null;
  city: string | null;
  /** `|vip|gold|`; empty without tags. */
  tags: string;
  /** Purposes with a yes: `|marketing|`, or `|marketing?|` if it ends some day: then `contact_consents` tells. */
  consents: string;
  calls: number;
  last_call_at: number | null;
  last_disposition: Disposition | null;
  last_verdict: Verdict['kind'] | null;
  created_at: number;
  updated_at: number;
}

export interface ContactBodyRow {
  contact_seq: number;
  name: string | null;
  email: string | null;
  /** JSON object. */
  attributes: string;
  /** JSON object: what was heard in the last call. */
  slots: string;
  /** JSON object: numbers, time zones, address. */
  body: string;
}

/** A number is one contact's only. */
export interface ContactNumberRow {
  number: string;
  contact_seq: number;
}

/** The last word for each purpose. */
export interface ContactConsentRow {
  contact_seq: number;
  purpose: string;
  /** 0 or 1. */
  granted: number;
  at: number;
  expires_at: number | null;
  source: string;
  evidence: string | null;
}

export interface ContactAttributeRow {
  name: string;
  type: AttributeType;
  /** `n1`, `t1`, ...; null if none was free. */
  slot: NumberSlot | TextSlot | null;
}

export interface AudienceRow {
  seq: Generated<number>;
  id: string;
  name: string;
  filter: string;
  kind: 'live' | 'frozen';
  frozen_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface AudienceMemberRow {
  audience_id: string;
  contact_seq: number;
}

export interface ImportRow {
  seq: Generated<number>;
  id: string;
  state: ImportState;
  settings: string;
  found: string | null;
  error: string | null;
  reason: string | null;
  node_id: string | null;
  bytes: number;
  row_count: number;
  created: number;
  updated: number;
  kept: number;
  refused: number;
  created_at: number;
  updated_at: number;
}

export interface ImportRefusalRow {
  seq: Generated<number>;
  import_id: string;
  line: number;
  column_name: string | null;
  code: string;
  reason: string;
}

export interface ErasureRow {
  id: string;
  contacts: number;
  tasks: number;
  results: number;
  recordings: number;
  at: number;
}

export interface ContactTables {
  contacts: ContactRow;
  contact_bodies: ContactBodyRow;
  contact_numbers: ContactNumberRow;
  contact_consents: ContactConsentRow;
  contact_attributes: ContactAttributeRow;
  audiences: AudienceRow;
  audience_members: AudienceMemberRow;
  contact_imports: ImportRow;
  contact_import_refusals: ImportRefusalRow;
  erasures: ErasureRow;
}
