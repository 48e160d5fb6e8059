import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ENVIRONMENT, loadConfig, parseConfig } from '../../src/config/load.js';
import { parseDockerfile } from './dockerfile.js';

const project = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(project, 'docker-compose.yml'), 'utf8');

interface Service {
  readonly [key: string]: unknown;
  readonly image: string;
  readonly build?: string | { readonly context: string; readonly target?: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
}

const compose = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>> };
const services = Object.entries(compose.services);

/** What comes from the environment. */
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'drachtio.yaml': { TRUNKLINE_DRACHTIO_SECRET: 'from the environment' },
  'freeswitch.yaml': { TRUNKLINE_FREESWITCH_PASSWORD: 'from the environment' },
};

/** Names of the Compose Specification that we use; a slip of the pen is not among them. */
const KEYS = new Set([
  'image', 'build', 'profiles', 'restart', 'network_mode', 'security_opt', 'cap_drop', 'logging', 'read_only', 'tmpfs', 'stop_grace_period', 'ulimits',
  'environment', 'env_file', 'volumes', 'command', 'entrypoint', 'ports', 'healthcheck',
]);

t.test('it says nothing that Compose does not know, and names the parts', (t) => {
  t.same(services.map(([name]) => name), ['trunkline', 'models', 'drachtio', 'freeswitch', 'postgres']);
  for (const [name, service] of services) {
    for (const key of Object.keys(service)) t.ok(KEYS.has(key), `${name}.${key}`);
    const target = typeof service.build === 'object' ? service.build.target : undefined;
    if (target !== undefined) t.ok(parseDockerfile(join(project, 'Dockerfile')).some((stage) => stage.name === target), `${name} is built from stage ${target}`);
  }
  t.end();
});

t.test('what is mounted is there', (t) => {
  const used = new Set<string>();
  for (const [name, { volumes = [] }] of services) {
    for (const volume of volumes) {
      const [source = ''] = volume.replace(/\$\{\w+:-([^}]*)\}/g, '$1').split(':');
      if (source.startsWith('./')) t.ok(existsSync(join(project, source)), `${name} mounts ${source}`);
      else used.add(source);
    }
  }
  t.same([...used].sort(), Object.keys(compose.volumes).sort(), 'and each volume is declared and used');
  t.end();
});

t.test('trunkline is locked down and has time to drain', (t) => {
  const service = compose.services['trunkline'];
  t.match(service, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  const grace = Number(/^(\d+)s$/.exec(String(service?.['stop_grace_period']))?.[1]) * 1000;
  for (const file of readdirSync(join(project, 'deploy/compose'))) {
    const config = loadConfig(join(project, 'deploy/compose', file), SECRETS[file]);
    t.ok(grace > config.dialer.stop_limit_ms, `${file}: ${grace} ms to stop, ${config.dialer.stop_limit_ms} ms for running calls`);
    t.equal(config.api.address, '127.0.0.1', `${file}: the API is not open`);
    t.equal(`${config.flows_dir}`, '/etc/trunkline/flows', `${file}: its flows are mounted`);
    const known = readdirSync(join(project, 'examples/flows')).map((flow) => /^id: (.*)$/m.exec(readFileSync(join(project, 'examples/flows', flow), 'utf8'))?.[1]);
    for (const { flow } of config.inbound) t.ok(known.includes(flow), `${file}: flow ${flow} is one of them`);
  }
  for (const file of Object.keys(SECRETS)) t.throws(() => loadConfig(join(project, 'deploy/compose', file)), { code: 'TRK_CONFIG_INVALID' }, `${file}: without its secret it does not start`);
  t.end();
});

t.test('variables are known, secrets are asked for', (t) => {
  for (const name of Object.keys(compose.services['trunkline']?.environment ?? {})) t.ok(name in ENVIRONMENT, `${name} is a variable of trunkline`);
  const freeswitch = readFileSync(join(project, 'freeswitch-conf/freeswitch.xml'), 'utf8');
  for (const name of Object.keys(compose.services['freeswitch']?.environment ?? {})) t.ok(freeswitch.includes(`$${name}"`), `freeswitch.xml reads ${name}`);
  for (const [name, service] of services) {
    for (const [key, value] of Object.entries(service.environment ?? {})) {
      if (/PASSWORD|SECRET/.test(key)) t.match(value, /^\$\{[A-Z_]+:\?/, `${name}: ${key} must be given`);
    }
  }
  t.end();
});

t.test('nothing is published to the world by Docker, and drachtio and PostgreSQL are where they are looked for', (t) => {
  for (const [name, { ports = [] }] of services) for (const port of ports) t.match(port, /^127\.0\.0\.1:/, `${name}: ${port}`);
  const { drachtio } = parseConfig(readFileSync(join(project, 'deploy/compose/drachtio.yaml'), 'utf8'), { TRUNKLINE_DRACHTIO_SECRET: 'x' });
  t.match(compose.services['drachtio']?.environment, { DRACHTIO_ADMIN_ADDRESS: drachtio?.[0]?.host, DRACHTIO_ADMIN_TCP_PORT: String(drachtio?.[0]?.port) });
  t.end();
});
