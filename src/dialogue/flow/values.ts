import type { ExpressionKinds } from '../expression.js';
import { verdictKinds } from '../verdict/rules.js';
import { builtIn } from './built-in.js';
import { kinded } from './graph.js';
import type { FlowAction, FlowFile } from './schema.js';

/** Longer values cannot be spoken in one sentence, characters. */
export const MAX_VALUE = 500;

/** Every name that can have a value in a talk: declared, filled by a question, or set. */
export function valueNames(flow: FlowFile): string[] {
  const names = new Set([...Object.keys(flow.variables ?? {}), ...Object.keys(flow.slots ?? {})]);
  const add = (values: object | undefined): void => Object.keys(values ?? {}).forEach((name) => names.add(name));
  const addActions = (actions: Readonly<Record<string, FlowAction | true>> | undefined): void => {
    for (const [label, action] of Object.entries(actions ?? {})) {
      if (action !== true) add(action.set);
      const slot = builtIn.get(label)?.slot;
      if (slot !== undefined) names.add(slot);
    }
  };
  addActions(flow.universal);
  for (const node of Object.values(flow.nodes)) {
    const one = kinded(node);
    if (one.kind === 'set' || one.kind === 'run') add(one.node.set);
    if (one.kind === 'action') add(one.node.output);
    if (one.kind === 'choose') {
      if (one.node.slot !== undefined) names.add(one.node.slot);
      for (const option of Object.values(one.node.options)) add(option.set);
    }
    if (one.kind === 'collect' || one.kind === 'answer' || one.kind === 'choose' || one.kind === 'schedule' || one.kind === 'ask') addActions(one.node.intents);
    if (one.kind !== 'ask' || one.node.slot === undefined) continue;
    names.add(one.node.slot);
    if (one.node.kind === 'time') names.add(`${one.node.slot}_words`);
  }
  return [...names];
}

/** For conditions: the same names that verdict rules know. */
export function expressionKinds(flow: FlowFile): ExpressionKinds {
  return { ...Object.fromEntries(valueNames(flow).map((name) => [name, 'value'] as const)), ...verdictKinds };
}

/** Slots that say when somebody is to be called again. */
export function redialSlots(flow: FlowFile): ReadonlySet<string> {
  const slots = new Set<string>();
  for (const { verdict, at } of flow.verdicts ?? []) if (verdict === 'redial_at' && at !== undefined) slots.add(at);
  for (const node of Object.values(flow.nodes)) {
    const one = kinded(node);
    if (one.kind === 'schedule') slots.add(one.node.schedule);
    if (one.kind === 'end' && one.node.at !== undefined) slots.add(one.node.at);
  }
  return slots;
}
