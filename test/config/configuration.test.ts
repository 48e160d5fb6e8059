import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { ENVIRONMENT, loadConfig, parseConfig } from '../../src/config/load.js';
import { PAGE, configurationKeys, configurationPage, optionalSections } from './configuration-page.js';

t.test('docs/configuration.md lists exactly the schema', async (t) => {
  t.equal(readFileSync(PAGE, 'utf8'), configurationPage(), 'run: node --import tsx test/config/configuration-page.ts');
});

t.test('the page can fail: it names every key once', async (t) => {
  const [page] = configurationPage().split('## Environment');
  for (const { path } of configurationKeys()) t.equal(page!.split(`\n| \`${path}\` |`).length, 2, path);
});

t.test('an empty file gives every default of the schema', async (t) => {
  const config = parseConfig('') as unknown as Record<string, unknown>;
  const optional = optionalSections();
  t.ok(optional.includes('drachtio'));
  for (const { path, node } of configurationKeys()) {
    if (path.includes('[]')) continue;
    const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config);
    if (node.default === undefined || optional.some((section) => path.startsWith(`${section}.`))) t.equal(value, undefined, path);
    else t.same(value, node.default, path);
  }
});

t.test('the defaults that other systems rely on', async (t) => {
  const config = parseConfig('');
  t.match(config, { sip: { port: 5060 }, media: { port_min: 20_000, port_max: 29_999 }, api: { address: '127.0.0.1', port: 8080, auth: true }, log: { pii: false } });
});

t.test('what was read cannot be changed, at any depth', async (t) => {
  const config = parseConfig('inbound: [{number: "*", flow: x}]');
  t.throws(() => ((config.media as { record: boolean }).record = false), TypeError);
  t.throws(() => (config.inbound as unknown[]).push({}), TypeError);
});

for (const [name, text, field] of [
  ['unknown key', 'sipp: {}', 'sipp'],
  ['unknown key below', 'sip: {prot: 5060}', 'sip.prot'],
  ['a word for a number', 'sip: {port: many}', 'sip.port'],
  ['a number for a word', 'data_dir: 5', 'data_dir'],
  ['below its minimum', 'turn: {pause_ms: 1}', 'turn.pause_ms'],
  ['odd RTP port', 'media: {port_min: 20001}', 'media.port_min'],
  ['a range that ends before it begins', 'media: {port_min: 30000, port_max: 25000}', 'media.port_max'],
  ['an open API on all addresses', 'api: {auth: false, address: 0.0.0.0}', 'api.auth'],
  ['answers that end before the pause', 'turn: {pause_ms: 300, end_short_ms: 200, end_normal_ms: 400}', 'turn.end_short_ms'],
  ['drachtio without its secret', 'drachtio: {host: 127.0.0.1}', 'drachtio.secret'],
  ['a level that is none', 'log: {level: loud}', 'log.level'],
  ['an inbound route with a misspelt key', 'inbound: [{number: "1", flows: x, flow: y}]', 'inbound.0.flows'],
] as const) {
  t.test(`refuses: ${name}`, async (t) => {
    t.throws(() => parseConfig(text), { code: 'TRK_CONFIG_INVALID', field });
  });
}

t.test('refuses what is no mapping, and broken YAML', async (t) => {
  for (const text of ['- a', 'just words', '{', '"5"']) t.throws(() => parseConfig(text), { code: 'TRK_CONFIG_INVALID' });
});

t.test('the API may be open on loopback', async (t) => {
  t.equal(parseConfig('api: {auth: false}').api.auth, false);
});

t.test('each environment variable overrides its key, and is checked', async (t) => {
  for (const [name, path] of Object.entries(ENVIRONMENT)) {
    const value = name === 'TRUNKLINE_LOG_LEVEL' ? 'debug' : 'from-environment';
    const sections: Readonly<Record<string, string>> = { drachtio: 'drachtio: {host: h, secret: from-file}', sip: 'sip: {gateway: {address: h, password: from-file}}' };
    const text = sections[path[0]!] ?? '';
    const config = parseConfig(text, { [name]: value }) as unknown as Record<string, unknown>;
    t.equal(path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], config), value, name);
  }
  t.throws(() => parseConfig('', { TRUNKLINE_LOG_LEVEL: 'loud' }), { code: 'TRK_CONFIG_INVALID' });
});

t.test('files: read, missing', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'config-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'trunkline.yaml');
  writeFileSync(path, 'sip: {port: 5070}');
  t.equal(loadConfig(path).sip.port, 5070);
  t.equal(loadConfig(undefined).sip.port, 5060);
  t.throws(() => loadConfig(join(directory, 'none.yaml')), { code: 'TRK_CONFIG_UNREADABLE' });
});
