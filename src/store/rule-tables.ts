import type { Generated } from 'kysely';
import type { ComplianceKind } from './rules.js';

export interface SuppressionRow {
  seq: Generated<number>;
  id: string;
  /** Keyed hash of number or contact. */
  subject: string;
  /** Null for a contact, and after the number was erased. */
  number: string | null;
  contact_id: string | null;
  scope: string;
  source: string;
  reason: string | null;
  evidence: string | null;
  expires_at: number | null;
  created_at: number;
}

/** A dial of a number, for caps and quiet times. */
export interface DialRow {
  subject: string;
  at: number;
  attempt_id: string;
  ended_as: 'abandoned' | 'refused' | null;
}

export interface ComplianceRow {
  seq: number;
  at: number;
  kind: ComplianceKind;
  task_id: string | null;
  attempt_id: string | null;
  call_id: string | null;
  subject: string;
  /** JSON object. */
  body: string;
  hash: string;
  previous: string;
}

/** What calls of a campaign have talked, for its spend cap. */
export interface CampaignTalkRow {
  campaign_id: string;
  talked_ms: number;
}

export interface RuleMarkRow {
  name: string;
  value: string;
}

export interface RuleTables {
  suppressions: SuppressionRow;
  dials: DialRow;
  compliance: ComplianceRow;
  rule_marks: RuleMarkRow;
  campaign_talk: CampaignTalkRow;
}
