import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';
import { parseConfig } from '../../src/config/load.js';

// What the page says must be so. Its shell blocks are followed by follow-page.ts.

const project = resolve(import.meta.dirname, '../..');
const path = join(project, 'docs/engineers.md');
const page = readFileSync(path, 'utf8');
const read = (name: string): string => readFileSync(join(project, name), 'utf8');

t.test('its links lead somewhere, and the README leads to it', (t) => {
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '');
  t.ok(links.length > 10);
  for (const link of links) t.ok(existsSync(resolve(dirname(path), link)), link);
  t.match(read('README.md'), /\(docs\/engineers\.md\)/);
  for (const name of readdirSync(join(project, 'examples/trunks'))) t.ok(page.includes(`examples/trunks/${name}`), `it names ${name}`);
  t.end();
});

t.test('its ports and times are the defaults', (t) => {
  const { sip, media, api, dialer } = parseConfig('');
  const keys = read('docs/configuration.md');
  for (const [port, key] of [[sip.port, 'sip.port'], [5061, 'sip.tls.port'], [`${media.port_min}-${media.port_max}`, 'media.port_min'], [api.port, 'api.port'], [9022, 'drachtio[].port']] as const) {
    const row = page.split('\n').find((line) => line.startsWith('| ') && line.includes(`\`${key}\``)) ?? '';
    t.ok(row.startsWith(`| ${port} |`), `${key} is ${port}`);
    t.ok(keys.includes(`\`${key}\``), `${key} is a key`);
  }
  t.ok(page.includes(`(${dialer.stop_limit_ms / 1000} s)`), 'the time to drain');
  t.end();
});

t.test('every file and bench that it names is there', (t) => {
  for (const [name] of page.matchAll(/\b(?:deploy|test|examples)\/[\w./-]+\w/g)) t.ok(existsSync(join(project, name)), name);
  const benches = [...page.matchAll(/npm run bench -- (\w+)/g)].map((match) => match[1] ?? '');
  t.ok(benches.length >= 5);
  for (const name of benches) t.ok(existsSync(join(project, `bench/${name}.ts`)), `bench ${name}`);
  const scoreboard = read('docs/scoreboard.md');
  for (const name of ['calls', 'rtp', 'sip', 'carrier']) t.ok(scoreboard.includes(`bench -- ${name}`), `the scoreboard has ${name}`);
  t.end();
});

t.test('what it warns of is so', (t) => {
  t.throws(() => parseConfig('{api: {address: 0.0.0.0, auth: false}}'), { code: 'TRK_CONFIG_INVALID' }, 'an open API needs keys');
  t.match(read('src/sip/drachtio/connection.ts'), /TRK_DRACHTIO_SECRET/, 'published secrets are refused');
  t.end();
});
