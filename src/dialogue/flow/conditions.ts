import type { FlowCondition, FlowWhen } from './schema.js';

export type Value = string | number | boolean;
export type Values = Readonly<Record<string, Value>>;

export function holds(when: FlowWhen, values: Values): boolean {
  if ('all' in when) return when.all.every((condition) => holdsOne(condition, values));
  if ('any' in when) return when.any.some((condition) => holdsOne(condition, values));
  return holdsOne(when, values);
}

/** A variable without a value fulfils only `is_set: false` and `not_equals`. */
function holdsOne(condition: FlowCondition, values: Values): boolean {
  const value = Object.hasOwn(values, condition.variable) ? values[condition.variable] : undefined;
  const { equals, not_equals, at_least, at_most, above, below, is_set } = condition;
  if (is_set !== undefined && is_set !== (value !== undefined)) return false;
  if (equals !== undefined && !same(value, equals)) return false;
  if (not_equals !== undefined && same(value, not_equals)) return false;
  if (condition.in !== undefined && !condition.in.some((one) => same(value, one))) return false;
  const number = typeof value === 'boolean' || value === undefined || value === '' ? NaN : Number(value);
  if (at_least !== undefined && !(number >= at_least)) return false;
  if (at_most !== undefined && !(number <= at_most)) return false;
  if (above !== undefined && !(number > above)) return false;
  if (below !== undefined && !(number < below)) return false;
  return true;
}

/** Task variables often arrive as text: "5" equals 5, "true" equals true, and case does not matter. */
function same(left: Value | undefined, right: Value): boolean {
  return left !== undefined && String(left).trim().toLowerCase() === String(right).trim().toLowerCase();
}
