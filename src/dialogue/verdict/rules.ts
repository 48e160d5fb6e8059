import type { Verdict } from '../../store/store.js';
import { ExpressionReader, isProblem } from '../expression.js';
import type { Expression, ExpressionKinds } from '../expression.js';
import type { CallingHours } from './calling-hours.js';
import { redialVerdict } from './redial.js';
import type { VerdictFacts, VerdictRules } from './verdict-rules.js';

/** A rule as flows write it; without `when` it always holds. */
export interface VerdictRule {
  readonly when?: string;
  readonly verdict: Verdict['kind'];
  /** In words, for the result; may hold {values}. */
  readonly reason?: string;
  /** redial_at: slot with a moment. */
  readonly at?: string;
  /** redial_at: from now, where no moment was heard. */
  readonly in_minutes?: number;
  readonly channel?: string;
  readonly template?: string;
  readonly queue?: string;
}

export interface RuleProblem {
  readonly index: number;
  readonly field: string;
  readonly reason: string;
}

/** What rules can speak of besides slots and variables. */
export const verdictKinds = { intents: 'list', mood: 'map', attempts: 'map', turns: 'value', failures: 'value', node: 'value', ended: 'value' } as const;

const NEEDS: Partial<Record<Verdict['kind'], readonly (keyof VerdictRule)[]>> = { follow_up: ['channel', 'template'], handoff: ['queue'] };

/** Every problem at once; an empty list means that `verdictRules` takes them. */
export function checkVerdictRules(rules: readonly VerdictRule[], names: readonly string[]): RuleProblem[] {
  const reader = new ExpressionReader(kindsOf(names));
  const problems: RuleProblem[] = [];
  rules.forEach((rule, index) => {
    const report = (field: string, reason: string): void => void problems.push({ index, field, reason });
    const read = rule.when === undefined ? undefined : reader.read(rule.when);
    if (read !== undefined && isProblem(read)) report('when', `${read.reason} (character ${read.from + 1})`);
    if (rule.when === undefined && index < rules.length - 1) report('when', 'is missing: the rules after this one are never reached');
    for (const field of NEEDS[rule.verdict] ?? []) if (rule[field] === undefined) report(field, `is needed for ${rule.verdict}`);
    if (rule.verdict === 'redial_at' && rule.at === undefined && rule.in_minutes === undefined) report('at', 'or in_minutes is needed for redial_at');
    if (rule.at !== undefined && !names.includes(rule.at)) report('at', `there is no value "${rule.at}"`);
    if (rule.verdict !== 'continue' && rule.reason === undefined) report('reason', 'is needed: the result says why');
  });
  return problems;
}

/** RangeError for rules that `checkVerdictRules` refuses. */
export function verdictRules(rules: readonly VerdictRule[], names: readonly string[], hours: CallingHours | undefined): VerdictRules {
  const reader = new ExpressionReader(kindsOf(names));
  const table = rules.map((rule) => ({ rule, condition: rule.when === undefined ? undefined : readable(reader, rule.when) }));
  return {
    judge(facts) {
      const values = { ...facts.variables, ...facts.slots, intents: facts.intents, mood: facts.mood, attempts: facts.attempts, turns: facts.turns, failures: facts.failures, node: facts.node, ended: facts.ended };
      const index = table.findIndex(({ condition }) => condition?.holds(values) ?? true);
      const found = table[index];
      if (found === undefined) return { verdict: { kind: 'end', reason: facts.ended }, rule: 'otherwise' };
      return { verdict: verdictOf(found.rule, facts, hours), rule: found.rule.when ?? 'otherwise', ...(found.rule.at === undefined ? {} : { at: found.rule.at }) };
    },
  };
}

function kindsOf(names: readonly string[]): ExpressionKinds {
  return { ...Object.fromEntries(names.map((name) => [name, 'value'] as const)), ...verdictKinds };
}

function readable(reader: ExpressionReader, text: string): Expression {
  const read = reader.read(text);
  if (isProblem(read)) throw new RangeError(`verdict rule: ${read.reason}`);
  return read;
}

function verdictOf(rule: VerdictRule, facts: VerdictFacts, hours: CallingHours | undefined): Verdict {
  const reason = filled(rule.reason ?? '', facts);
  switch (rule.verdict) {
    case 'continue':
      return { kind: 'continue' };
    case 'end':
      return { kind: 'end', reason };
    case 'follow_up':
      return { kind: 'follow_up', channel: rule.channel ?? '', template: rule.template ?? '', reason };
    case 'handoff':
      return { kind: 'handoff', queue: rule.queue ?? '', reason };
    case 'redial_at': {
      const { slots, variables, attempts, nowMs, timeZone } = facts;
      const heard = rule.at === undefined ? undefined : (slots[rule.at] ?? variables[rule.at]);
      return redialVerdict({ heard, inMinutes: rule.in_minutes, reason, attemptsLeft: attempts.left, hours, nowMs, timeZone });
    }
  }
}

function filled(text: string, { slots, variables }: VerdictFacts): string {
  return text.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => String((Object.hasOwn(slots, name) ? slots[name] : undefined) ?? (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? ''));
}
