import { Environment } from '@marcbachmann/cel-js';
import { editDistance } from './slots/choice.js';
import type { SlotValue } from './slots/slot-type.js';

/**
 * Conditions of flows, in the Common Expression Language: `credit_score >= 720 &&
 * "interested" in intents`. It has no loops and no way out of its own values. A value
 * that is not set is `null`; a comparison with it is false, not an error.
 */

export type ExpressionValue = SlotValue | null | readonly string[] | Readonly<Record<string, SlotValue>>;

export interface ExpressionProblem {
  readonly reason: string;
  /** Characters of the text. */
  readonly from: number;
  readonly to: number;
}

export interface Expression {
  readonly text: string;
  /** False, too, where it cannot be answered, e.g. a number compared with a text. */
  holds(values: Readonly<Record<string, ExpressionValue>>): boolean;
}

export type ExpressionKinds = Readonly<Record<string, 'value' | 'list' | 'map'>>;

const LIMITS = { maxAstNodes: 200, maxDepth: 24, maxListElements: 200, maxMapEntries: 20, maxCallArguments: 8 };
const MAX_LENGTH = 1_000;
const TYPES = { value: 'dyn', list: 'list<string>', map: 'map' } as const;
const ARITHMETIC: readonly (readonly [string, (left: number, right: number) => number])[] = [
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => left / right],
];

/** Names that may be used, with what each is; made once for a flow. */
export class ExpressionReader {
  readonly #environment: Environment;

  constructor(private readonly kinds: ExpressionKinds) {
    this.#environment = new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits: LIMITS });
    for (const [name, kind] of Object.entries(kinds)) this.#environment.registerVariable(name, TYPES[kind]);
    // Values of flows are JSON numbers; whole literals are another type to the language, which nobody who writes `age + 1` knows.
    for (const [sign, compute] of ARITHMETIC) {
      this.#environment.registerOperator(`double ${sign} int: double`, (left: number, right: bigint) => compute(left, Number(right)));
      this.#environment.registerOperator(`int ${sign} double: double`, (left: bigint, right: number) => compute(Number(left), right));
    }
  }

  /** What is wrong with it, or the expression. Never throws. */
  read(text: string): Expression | ExpressionProblem {
    if (text.length > MAX_LENGTH) return { reason: `is longer than ${MAX_LENGTH} characters`, from: MAX_LENGTH, to: text.length };
    try {
      const parsed = this.#environment.parse(text);
      const checked = parsed.check();
      if (!checked.valid) return this.#problem(checked.error, text);
      if (checked.type !== 'bool' && checked.type !== 'dyn') return { reason: `gives a ${String(checked.type)}, not yes or no`, from: 0, to: text.length };
      return { text, holds: (values) => answered(() => parsed(this.#complete(values))) };
    } catch (error) {
      return this.#problem(error, text);
    }
  }

  /** Names without a value are null: the language takes a missing one for a mistake. */
  #complete(values: Readonly<Record<string, ExpressionValue>>): Record<string, ExpressionValue> {
    return Object.fromEntries(Object.entries(this.kinds).map(([name, kind]) => [name, (Object.hasOwn(values, name) ? values[name] : undefined) ?? (kind === 'list' ? [] : kind === 'map' ? {} : null)]));
  }

  #problem(error: unknown, text: string): ExpressionProblem {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read';
    const range = (error as { range?: { start?: number; end?: number } }).range;
    const unknown = /^Unknown variable: (\w+)/.exec(message)?.[1];
    const near = unknown === undefined ? undefined : nearest(unknown, Object.keys(this.kinds));
    const from = range?.start ?? Math.max(0, unknown === undefined ? 0 : text.indexOf(unknown));
    return { reason: unknown === undefined ? message : `there is no value "${unknown}"${near === undefined ? '' : `; "${near}" is meant?`}`, from, to: range?.end ?? text.length };
  }
}

function answered(evaluate: () => unknown): boolean {
  try {
    return evaluate() === true;
  } catch {
    return false;
  }
}

/** The name that is a slip of the pen away, if one is. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const best = names.map((one) => ({ one, distance: editDistance(name, one) })).sort((left, right) => left.distance - right.distance)[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3)) ? best.one : undefined;
}

export function isProblem(read: Expression | ExpressionProblem): read is ExpressionProblem {
  return 'reason' in read;
}
