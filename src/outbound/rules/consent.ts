import type { Consent } from '../../store/contacts.js';
import { never } from './question.js';
import type { Question, Refusal } from './question.js';

/** A consent or refusal for every purpose. */
const EVERY = '*';

export function suppressionRule({ facts: { now, suppressions, campaign } }: Question): Refusal | undefined {
  const inForce = suppressions.filter(({ scope, expiresAt }) => (scope === 'all' || scope === campaign?.id) && (expiresAt === undefined || expiresAt > now));
  const first = inForce[0];
  if (first === undefined) return undefined;
  const ends = inForce.map(({ expiresAt }) => expiresAt ?? Infinity);
  const last = Math.max(...ends);
  return { until: last === Infinity ? undefined : last, detail: `suppressed, ${first.scope === 'all' ? 'everywhere' : 'for this campaign'}, by ${first.source}` };
}

/** The newest word of the person counts; a refusal for any purpose, even where no consent is needed. */
export function consentRule({ facts: { now, consents }, purpose, settings: { rules }, because }: Question): Refusal | undefined {
  const needed = rules.consent_purposes.includes(purpose);
  const newest = newestOf(consents.filter((consent) => consent.purpose === purpose || consent.purpose === EVERY));
  if (newest !== undefined && !newest.granted) return never(`consent for ${purpose} was refused`);
  if (!needed) return undefined;
  if (newest === undefined) return never(`no consent for ${purpose}`);
  if (newest.expiresAt !== undefined && newest.expiresAt <= now) return never(`consent for ${purpose} has run out`);
  because['consent'] = [new Date(newest.at).toISOString(), newest.source, newest.evidence].filter((part) => part !== undefined).join(' ');
  return undefined;
}

/** Of two at the same moment the refusal. */
function newestOf(consents: readonly Consent[]): Consent | undefined {
  return [...consents].sort((a, b) => b.at - a.at || Number(a.granted) - Number(b.granted))[0];
}
