import { readFileSync, readdirSync } from 'node:fs';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { flowJsonSchema } from '../../src/dialogue/flow/json-schema.js';

const root = new URL('../../', import.meta.url);
const stored = readFileSync(new URL('schemas/flow.schema.json', root), 'utf8');

t.test('the stored schema is the one in the code', (t) => {
  t.equal(stored, flowJsonSchema(), 'write flowJsonSchema() to schemas/flow.schema.json');
  t.end();
});

t.test('it accepts the example flows and refuses an unknown key anywhere', (t) => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(stored) as object);
  const files = readdirSync(new URL('examples/flows/', root)).filter((file) => file.endsWith('.yaml'));
  t.ok(files.length >= 3);
  for (const file of files) {
    const flow = parse(readFileSync(new URL(`examples/flows/${file}`, root), 'utf8')) as { nodes: Record<string, object> };
    t.ok(validate(flow), file);
    const [name = ''] = Object.keys(flow.nodes);
    t.notOk(validate({ ...flow, colour: 'red' }));
    t.notOk(validate({ ...flow, nodes: { ...flow.nodes, [name]: { ...flow.nodes[name], colour: 'red' } } }));
  }
  t.end();
});
