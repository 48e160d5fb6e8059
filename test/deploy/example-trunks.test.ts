import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { passwordVariable } from '../../src/config/trunk-schema.js';

const folder = resolve(import.meta.dirname, '../../examples/trunks');
const files = readdirSync(folder);
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const KAMAILIO = '/usr/sbin/kamailio';

t.test('every example is a configuration that the program takes', (t) => {
  const examples = files.filter((name) => name.endsWith('.yaml'));
  t.same(examples, ['asterisk.yaml', 'digest-provider.yaml', 'freeswitch.yaml', 'ip-carrier.yaml', 'kamailio.yaml']);
  for (const name of examples) {
    const text = read(name);
    const own = /- name: (\S+)/.exec(text)?.[1] ?? '';
    const environment = /username:/.test(text) ? { [passwordVariable(own)]: 'secret' } : {};
    const { trunks, inbound } = parseConfig(text, environment);
    t.equal(trunks.length, 1, `${name} has one trunk`);
    t.equal(inbound.length, 1, `${name} answers a number`);
    t.notMatch(text, /^\s*password:/m, `${name} holds no password`);
    for (const [variable] of text.matchAll(/TRUNKLINE_[A-Z_]+/g)) t.ok(variable in environment, `${name} names ${variable} rightly`);
  }
  t.end();
});

t.test('every counterpart is named by an example, and there', (t) => {
  const texts = files.filter((name) => name.endsWith('.yaml')).map(read).join('\n');
  for (const name of files.filter((one) => !one.endsWith('.yaml'))) t.ok(texts.includes(name), `${name} is named`);
  for (const [name] of texts.matchAll(/\b[a-z]+-[a-z]+\.(?:conf|xml|cfg)\b/g)) t.ok(files.includes(name), `${name} is there`);
  t.end();
});

t.test('Kamailio itself takes the fragment', (t) => {
  if (!existsSync(KAMAILIO)) throw new Error(`${KAMAILIO} is missing: install kamailio`);
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-fragment-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const text = read('kamailio-trunkline.cfg');
  const modules = (/Modules: ([^.]*)\./s.exec(text)?.[1] ?? '').split(/[\s,#]+/).filter(Boolean);
  t.ok(modules.includes('rtpengine'));
  const path = join(directory, 'kamailio.cfg');
  // Its certificates are the site's own.
  const loads = modules.map((name) => `loadmodule "${name}.so"\n`).join('');
  writeFileSync(path, text.replace(/(modparam\("rtpengine")/, `${loads}$1`));
  const checked = spawnSync(KAMAILIO, ['-c', '-f', path, '-Y', directory], { encoding: 'utf8', env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } });
  t.equal(checked.status, 0, checked.stderr.slice(-1_500));
  t.end();
});

t.test('the gateway is XML', (t) => {
  const checked = spawnSync('python3', ['-c', 'import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); print(d.getElementsByTagName("gateway")[0].getAttribute("name"))', join(folder, 'freeswitch-gateway.xml')], { encoding: 'utf8' });
  t.equal(checked.stdout.trim(), 'trunkline', checked.stderr);
  t.end();
});

t.test('the endpoint of Asterisk is whole', (t) => {
  const sections = read('asterisk-pjsip.conf').split(/^\[trunkline\]$/m).slice(1);
  const keys = sections.map((section) => Object.fromEntries([...section.matchAll(/^([a-z_]+) = (.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? ''])));
  t.same(keys.map(({ type }) => type), ['endpoint', 'aor', 'identify']);
  t.match(keys[0], { aors: 'trunkline', direct_media: 'no', dtmf_mode: 'rfc4733' });
  t.equal(keys[2]?.['endpoint'], 'trunkline');
  t.end();
});
