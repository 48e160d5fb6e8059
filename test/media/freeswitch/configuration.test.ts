import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(root(path), 'utf8');
const conf = read('freeswitch-conf/freeswitch.xml');
const page = read('freeswitch-conf/README.md');

/** Modules, parameters, profiles and variables of the configuration. */
const inConf = new Set([...conf.matchAll(/<(?:load module|param name|profile name)="([^"]+)"|application="set" data="([^=]+)=/g)].map(([, name, variable]) => name ?? variable!));
const rows = [...page.matchAll(/^\| `([^`]+)` \| (src\/\S+) \| (.+) \|$/gm)].map(([, name, file, why]) => ({ name: name!, file: file!, why: why! }));

t.test('each setting stands on the page, with a reason and a source file that is there; and the other way round', async (t) => {
  t.same(rows.map(({ name }) => name).sort(), [...inConf].sort());
  for (const { name, file, why } of rows) t.ok(existsSync(root(file)) && why.length > 3, `${name}: ${file}`);
});

t.test('what the sources name of the configuration is in it', async (t) => {
  const sources = ['leg', 'fsmrf-types', 'event-socket', 'features', 'engine', 'server'].map((name) => read(`src/media/freeswitch/${name}.ts`)).join('\n');
  const named = { profile: /SIP_PROFILE = '(\w+)'/, header: /'(X-Trunkline-[\w-]+)'/, conference: /@(trunkline)\b/ };
  for (const [what, pattern] of Object.entries(named)) t.ok(conf.includes(pattern.exec(sources)![1]!), what);
  for (const kind of ['far', 'near']) t.match(conf, new RegExp(`<extension name="${kind}">\\s*<condition field="destination_number" expression="\\^${kind}\\$">`));
  const codecs = /new Set\(\[('[A-Z0-9', ]+')\]\)/.exec(sources)![1]!.replaceAll(/[' ]/g, '');
  t.match(conf, `<param name="inbound-codec-prefs" value="${codecs}"/>`);
});

t.test('environment variables of the page are those of the configuration', async (t) => {
  const names = (text: string): string[] => [...new Set(text.match(/TRUNKLINE_FREESWITCH_[A-Z_]+/g))].sort();
  t.same(names(page), names(conf));
});

t.test('locked down', async (t) => {
  t.match(conf, '<param name="listen-ip" value="127.0.0.1"/>');
  t.match(conf, '<param name="apply-inbound-acl" value="loopback.auto"/>');
  t.notMatch(conf, /cluecon|<user |mod_(?:xml_curl|xml_rpc|lua|v8|python|verto|dingaling|skinny|enum|curl|shell)|<section name="directory">/i);
  t.match(conf, /<list name="trunkline" default="deny">/);
  t.same([...conf.matchAll(/name="password" value="([^"]+)"/g)].map(([, value]) => value), ['$${event_socket_password}']);
});
