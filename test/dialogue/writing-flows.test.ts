import { readFileSync } from 'node:fs';
import t from 'tap';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
import { builtIn } from '../../src/dialogue/flow/built-in.js';
import { FlowShell } from '../../src/dialogue/flow/schema.js';
import { universalEn } from '../../src/dialogue/nlu/universal/en.js';
import { compile, hold } from './talk.js';

const page = readFileSync(new URL('../../docs/writing-flows.md', import.meta.url), 'utf8');
const [first = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '').filter((block) => block.includes('trunkline: 1'));

t.test('the first flow of the page has no problem and does what the page says', (t) => {
  t.same(checkFlow(first), []);
  const held = hold(compile(first), { name: 'Ms Miller' }, ['No.', 'Next to the green door.']);
  t.same(held.verdict, { kind: 'end', reason: 'delivery arranged' });
  t.same(held.slots, { at_home: false, place: 'Next to the green door.' });
  t.end();
});

t.test('the page names every key, universal intent and built-in behaviour', (t) => {
  for (const key of Object.keys(FlowShell.properties)) if (key !== 'description') t.match(page, `| \`${key}\` |`);
  for (const name of universalEn.keys()) t.match(page, `\`${name}\``);
  for (const name of builtIn.keys()) t.match(page, `| \`${name}\` |`);
  t.end();
});
