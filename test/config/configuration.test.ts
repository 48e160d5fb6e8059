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
  t.ok(optional.includes('sip.tls'));
  t.equal(config['drachtio'], undefined);
  for (const { path, node } of configurationKeys()) {
    if (path.includes('[]') || path.includes('<name>')) continue;
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
  const secret = 'store: {password: "s3cret"\n  url: [';
  t.throws(() => parseConfig(secret), { code: 'TRK_CONFIG_INVALID', message: /^((?!s3cret)[\s\S])*$/ }, 'what is told of it repeats no line');
});

t.test('a lookup may be given values behind its host only', async (t) => {
  const of = (url: string): string => `lookups: {crm: {url: '${url}'}}`;
  t.equal(parseConfig(of('https://crm.example/{id}?q={word}')).lookups['crm']?.method, 'GET');
  for (const url of ['https://{host}/x', 'https://crm.example{host}/x', 'http://{user}@crm.example/']) t.throws(() => parseConfig(of(url)), { code: 'TRK_CONFIG_INVALID', field: 'lookups.crm.url' }, url);
});

t.test('the API may be open on loopback', async (t) => {
  t.equal(parseConfig('api: {auth: false}').api.auth, false);
});

t.test('each environment variable overrides its key, and is checked', async (t) => {
  for (const [name, path] of Object.entries(ENVIRONMENT)) {
    const value = name === 'TRUNKLINE_LOG_LEVEL' ? 'debug' : 'from-environment';
    const sections: Readonly<Record<string, string>> = { drachtio: 'drachtio: {host: h, secret: from-file}', freeswitch: 'freeswitch: [{host: h}]', sip: 'sip: {gateway: {address: h, password: from-file}}', mail: 'mail: {host: h, from: a@b.example}' };
    const text = sections[path[0]!] ?? '';
    const config = parseConfig(text, { [name]: value }) as unknown as Record<string, unknown>;
    t.equal(path.reduce<unknown>((at, key) => ((Array.isArray(at) ? (at[0] as Record<string, unknown>) : at) as Record<string, unknown>)[key], config), value, name);
  }
  t.throws(() => parseConfig('', { TRUNKLINE_LOG_LEVEL: 'loud' }), { code: 'TRK_CONFIG_INVALID' });
  const secrets = { TRUNKLINE_MAIL_PASSWORD: 'p', TRUNKLINE_DRACHTIO_SECRET: 'p', TRUNKLINE_GATEWAY_PASSWORD: 'p', TRUNKLINE_FREESWITCH_PASSWORD: 'p' };
  t.same(parseConfig('', secrets), parseConfig(''), 'a password makes no server');
  t.equal(parseConfig('sip: {ring_timeout_ms: 9000}', secrets).sip.gateway, undefined);
  t.throws(() => parseConfig('webhooks: {allow: [10.0.0.0/8, here]}'), { code: 'TRK_CONFIG_INVALID', field: 'webhooks.allow.1' });
});

t.test('drachtio is one server or a list', async (t) => {
  const defaults = { port: 9022, weight: 1, drain: false, lost_limit_ms: 30_000 };
  t.same(parseConfig('drachtio: {host: a, secret: s}').drachtio, [{ host: 'a', secret: 's', ...defaults }]);
  t.same(parseConfig('drachtio: [{host: a, secret: s, weight: 3}, {host: b}]', { TRUNKLINE_DRACHTIO_SECRET: 'e' }).drachtio, [
    { host: 'a', secret: 's', ...defaults, weight: 3 },
    { host: 'b', secret: 'e', ...defaults },
  ]);
  for (const [text, field] of [
    ['drachtio: []', 'drachtio'],
    ['drachtio: {host: a, secret: s, wait: 1}', 'drachtio.wait'],
    ['drachtio: [{host: a, secret: s}, {host: b, secret: s, wait: 1}]', 'drachtio.1.wait'],
    ['drachtio: [{host: a, secret: s}, {host: a, secret: t}]', 'drachtio.1'],
    ['drachtio: 5', 'drachtio'],
  ] as const) t.throws(() => parseConfig(text), { code: 'TRK_CONFIG_INVALID', field }, text);
});

t.test('freeswitch is a list, whose password may come from the environment', (t) => {
  const defaults = { port: 8021, weight: 1, max_sessions: 100, drain: false };
  t.same(parseConfig('freeswitch: [{host: a, password: p}, {host: b}]', { TRUNKLINE_FREESWITCH_PASSWORD: 'e' }).freeswitch, [{ host: 'a', password: 'p', ...defaults }, { host: 'b', password: 'e', ...defaults }]);
  t.same(parseConfig('', { TRUNKLINE_FREESWITCH_PASSWORD: 'e' }).freeswitch, []);
  t.throws(() => parseConfig('freeswitch: [{host: a}]'), { code: 'TRK_CONFIG_INVALID', field: 'freeswitch.0.password' });
  t.throws(() => parseConfig('media: {engine: freeswitch}'), { code: 'TRK_CONFIG_INVALID', field: 'freeswitch' });
  t.throws(() => parseConfig('freeswitch: [{host: a, password: p, audio: fork}]'), { code: 'TRK_CONFIG_INVALID', field: 'freeswitch.0.audio' });
  t.end();
});

t.test('the store is a file, or a PostgreSQL that must be named', (t) => {
  t.same(parseConfig('').store, { kind: 'sqlite', pool_size: 8 });
  const text = 'store: {kind: postgres, url: "postgres://trunkline@db:5432/calls"}';
  t.same(parseConfig(text, { TRUNKLINE_POSTGRES_PASSWORD: 'p' }).store, { kind: 'postgres', url: 'postgres://trunkline@db:5432/calls', password: 'p', pool_size: 8 });
  for (const [wrong, field] of [
    ['store: {kind: postgres}', 'store.url'],
    ['store: {kind: postgres, url: "mysql://db/calls"}', 'store.url'],
    ['store: {kind: postgres, url: "postgres://db:port/calls"}', 'store.url'],
    ['store: {kind: mysql}', 'store.kind'],
    ['store: {path: /tmp/x}', 'store.path'],
  ] as const) t.throws(() => parseConfig(wrong), { code: 'TRK_CONFIG_INVALID', field }, wrong);
  t.end();
});

t.test('passwords of a trunk come from the environment, too', async (t) => {
  const text = 'trunks: [{name: a-b, addresses: [{host: h}], username: u, inbound_auth: {username: theirs}}]';
  t.throws(() => parseConfig(text), { code: 'TRK_CONFIG_INVALID', field: 'trunks.0.inbound_auth.password' });
  const [trunk] = parseConfig(text, { TRUNKLINE_TRUNK_A_B_PASSWORD: 'ours', TRUNKLINE_TRUNK_A_B_INBOUND_PASSWORD: 'their long one' }).trunks;
  t.match(trunk, { password: 'ours', inbound_auth: { password: 'their long one', realm: 'trunkline', algorithms: ['SHA-256', 'MD5'] } });
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
