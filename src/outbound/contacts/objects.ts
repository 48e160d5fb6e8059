import { cut, storable } from '../../kernel/text.js';
import { planColumns } from './columns.js';
import type { ColumnTarget } from './columns.js';
import { Draft } from './draft.js';
import type { DraftContext } from './draft.js';

/** Keys with something inside; every other key is read as a header of a file would be. */
const nested: ReadonlySet<string> = new Set(['numbers', 'address', 'attributes', 'tags', 'consents', 'timeZones']);

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const shortened = (text: string, units: number): string => cut(storable(text), units);
const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** How keys of objects are read, remembered from object to object. */
export type TargetOf = (key: string) => ColumnTarget;

export function keyReader(map: Readonly<Record<string, string>>): TargetOf {
  const known = new Map<string, ColumnTarget>();
  return (key) => {
    let target = known.get(key);
    if (target === undefined) {
      const asked = map[key];
      // A plan needs a number; the key itself is what matters.
      const plan = planColumns([key, '\0number'], { ...(asked === undefined ? {} : { [key]: asked }), '\0number': 'number' });
      target = 'columns' in plan ? plan.columns[0]!.target : { to: 'ignore' };
      if (known.size < 1_000) known.set(key, target);
    }
    return target;
  };
}

/** A contact as JSON: the form of the API, or a flat object like a row. */
export function draftOf(object: Json, context: DraftContext, targetOf: TargetOf): Draft {
  const draft = new Draft(context);
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    if (nested.has(key) && !isScalar(value)) readNested(draft, key, value, context);
    else if (isScalar(value)) readScalar(draft, targetOf(key), key, value);
    else draft.refuse(key, 'wrong_kind', 'expected a text, a number, true or false');
  }
  return draft;
}

function readScalar(draft: Draft, target: ColumnTarget, key: string, value: string | number | boolean): void {
  if (target.to === 'attribute') return draft.attribute(key, target.name, value, target.type);
  draft.set(target, key, String(value));
}

function readNested(draft: Draft, key: string, value: unknown, context: DraftContext): void {
  if (key === 'address' || key === 'attributes') {
    if (!isObject(value)) return draft.refuse(key, 'wrong_kind', 'expected an object');
    for (const [name, inner] of Object.entries(value)) {
      const field = `${key}.${name}`;
      if (inner === null) continue;
      if (!isScalar(inner)) draft.refuse(field, 'wrong_kind', 'expected a text, a number, true or false');
      else if (key === 'attributes') readScalar(draft, { to: 'attribute', name, type: undefined }, field, inner);
      else if (name === 'country' || name === 'region' || name === 'city' || name === 'postalCode' || name === 'street') draft.set({ to: name }, field, String(inner));
      else draft.refuse(field, 'wrong_kind', 'an address has country, region, city, postalCode and street');
    }
    return;
  }
  if (!Array.isArray(value)) return draft.refuse(key, 'wrong_kind', 'expected a list');
  for (const [index, inner] of (value as readonly unknown[]).entries()) {
    const field = `${key}[${index}]`;
    if (key === 'numbers' && isObject(inner) && typeof inner['number'] === 'string') draft.number(field, inner['number'], typeof inner['label'] === 'string' ? shortened(inner['label'], 40) : undefined);
    else if (key === 'consents' && isObject(inner)) readConsent(draft, field, inner, context);
    else if (typeof inner !== 'string') draft.refuse(field, 'wrong_kind', 'expected a text');
    else if (key === 'numbers') draft.number(field, inner, undefined);
    else if (key === 'tags') draft.tag(field, inner);
    else if (key === 'timeZones') draft.timeZone(field, inner);
    else draft.refuse(field, 'wrong_kind', 'expected an object');
  }
}

function readConsent(draft: Draft, field: string, consent: Json, context: DraftContext): void {
  const { purpose, granted, at, expiresAt, source, evidence } = consent;
  const times = [at, expiresAt].map((time) => (time === undefined ? undefined : typeof time === 'string' ? Date.parse(time) : Number.NaN));
  if (typeof purpose !== 'string' || !/^[a-z][a-z0-9_.-]{0,63}$/.test(purpose) || typeof granted !== 'boolean' || times.some(Number.isNaN)) {
    return draft.refuse(field, 'consent_invalid', 'a consent has purpose, granted, and at and expiresAt as RFC 3339');
  }
  draft.consent({
    purpose,
    granted,
    at: Math.min(times[0] ?? context.now, context.now),
    expiresAt: times[1],
    ...(typeof source === 'string' ? { source: shortened(source, 64) } : {}),
    ...(typeof evidence === 'string' ? { evidence: shortened(evidence, 500) } : {}),
  });
}
