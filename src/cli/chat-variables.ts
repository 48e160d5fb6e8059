import type { FlowFile } from '../dialogue/flow/schema.js';
import { variablesFrom } from './arguments.js';

type Values = Record<string, string | number | boolean>;

/**
 * Values for what a flow must have and nobody gave. A person at a terminal is asked, and
 * Enter takes the flow's own example; where nobody sits, the examples are taken as they
 * are. What still has no value is for the flow to refuse.
 */
export async function missingValues(variables: FlowFile['variables'], required: readonly string[], given: Readonly<Values>, tell: (text: string) => void, ask?: () => Promise<string | undefined>): Promise<Values> {
  const values: Values = {};
  for (const name of required) {
    if (Object.hasOwn(given, name)) continue;
    const { example, description } = variables?.[name] ?? {};
    if (ask !== undefined) {
      tell(`${name}${description === undefined ? '' : `: ${description}`}${example === undefined ? '' : ` Enter takes: ${String(example)}`}`);
      const typed = (await ask())?.trim() ?? '';
      if (typed !== '') {
        Object.assign(values, variablesFrom([`${name}=${typed}`]));
        continue;
      }
    } else if (example !== undefined) tell(`${name} is ${String(example)}, the flow's own example; --var ${name}=... sets another.`);
    if (example !== undefined) values[name] = example;
  }
  return values;
}
