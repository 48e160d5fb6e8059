import { readFileSync, readdirSync } from 'node:fs';
import t from 'tap';
import { missingValues } from '../../src/cli/chat-variables.js';
import { parseFlow } from '../../src/dialogue/flow/parse.js';

const variables = { name: { required: true, example: 'Ms Miller', description: 'Who is called.' }, amount: { example: 80 }, due: {}, shop: { default: 'Corner Books' } };
const required = ['name', 'amount', 'due'];

/** What is typed, line by line; then the end of the input. */
const typing = (...lines: string[]) => (): Promise<string | undefined> => Promise.resolve(lines.shift());

t.test('at a terminal what is missing is asked for, and Enter takes the example', async (t) => {
  const told: string[] = [];
  t.same(await missingValues(variables, required, {}, (text) => told.push(text), typing('', ' 90 ', 'Friday')), { name: 'Ms Miller', amount: 90, due: 'Friday' });
  t.same(told, ['name: Who is called. Enter takes: Ms Miller', 'amount Enter takes: 80', 'due']);
  t.same(await missingValues(variables, required, { name: 'Mr Brown', due: 'Monday' }, () => undefined, typing()), { amount: 80 }, 'who hangs up gets the examples, too');
});

t.test('without a terminal the examples are taken; what has none stays missing', async (t) => {
  const told: string[] = [];
  t.same(await missingValues(variables, required, { due: 'Monday' }, (text) => told.push(text)), { name: 'Ms Miller', amount: 80 });
  t.match(told[0], /^name is Ms Miller, the flow's own example; --var name=/);
  t.same(await missingValues(undefined, ['due'], {}, () => undefined), {});
});

t.test('every example flow can be tried by whoever knows nothing but its name', async (t) => {
  const folder = new URL('../../examples/flows/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const { flow } = parseFlow(readFileSync(new URL(file, folder), 'utf8'));
    const wanted = Object.entries(flow?.variables ?? {}).filter(([, { required, default: standard }]) => required ?? standard === undefined).map(([name]) => name);
    t.same(Object.keys(await missingValues(flow?.variables, wanted, {}, () => undefined)), wanted, file);
  }
});
