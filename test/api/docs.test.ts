import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { TObject } from '@sinclair/typebox';
import type { InjectOptions } from 'fastify';
import { eventSchemas } from '../../src/api/events.js';
import { scopes } from '../../src/api/keys.js';
import { compileFlow } from '../../src/dialogue/flow/compile.js';
import { systemClock } from '../../src/kernel/clock.js';
import { startApi } from './harness.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/api.md'), 'utf8');

t.test('the page lists every event with its data', async (t) => {
  const rows = new Map([...page.matchAll(/^\| `([a-z]+\.[a-z_]+)` \| (.*) \|$/gm)].map((row) => [row[1] ?? '', [...(row[2] ?? '').matchAll(/`(\w+)`/g)].map((name) => name[1])]));
  t.same([...rows.keys()].sort(), Object.keys(eventSchemas).sort());
  for (const [type, schema] of Object.entries<TObject>(eventSchemas)) t.same(rows.get(type), Object.keys(schema.properties), type);
});

t.test('the page lists every scope', async (t) => {
  const table = page.slice(page.indexOf('| scope |'), page.indexOf('`DELETE /v1/api-keys'));
  t.same([...table.matchAll(/`([a-z:]+)`/g)].map((match) => match[1]).sort(), [...scopes].sort());
});

/** `curl` with the options that the page uses, as a request. */
function requestOf(command: string, values: Record<string, string>): InjectOptions {
  const words = [...command.replace(/\$(\w+)/g, (_whole, name: string) => values[name] ?? '').matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  const request: InjectOptions & { headers: Record<string, string> } = { method: 'GET', headers: {} };
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '-X') request.method = words[++index] as 'POST';
    else if (word === '-d') request.payload = words[++index] ?? '';
    else if (word === '--data-binary') request.payload = readFileSync(join(root, (words[++index] ?? '').slice(1)), 'utf8');
    else if (word === '-H') {
      const [name = '', value = ''] = (words[++index] ?? '').split(': ');
      request.headers[name.toLowerCase()] = value;
    } else if (word.startsWith('http://127.0.0.1:8080/')) request.url = word.slice('http://127.0.0.1:8080'.length);
    else throw new Error(`the page uses curl ${word}`);
  }
  return request;
}

t.test('the examples of the page work, in their order', async (t) => {
  const { app, key } = await startApi(t, { flows: { check: (source) => compileFlow(source, { clock: systemClock }) } });
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) => (block[1] ?? '').replaceAll('\\\n', ' ').trim().split('\n'));
  const values = { KEY: (await key('admin')).authorization.slice('Bearer '.length), CALL: 'call_none' };
  t.equal(commands.length, 10);
  for (const command of commands) {
    const answer = await app.inject(requestOf(command, values));
    t.equal(answer.statusCode, command.includes('$CALL') ? 404 : command.includes('-X POST') ? 201 : 200, `${command}: ${answer.body.slice(0, 200)}`);
  }
});
