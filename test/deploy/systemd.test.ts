import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { ENVIRONMENT, parseConfig } from '../../src/config/load.js';

const project = resolve(import.meta.dirname, '../..');
const path = join(project, 'deploy/systemd/trunkline.service');
const unit = readFileSync(path, 'utf8');
const values = (key: string): string[] => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');
/** Of 10; what `systemd-analyze security` calls OK. */
const EXPOSURE = 2.5;

function program(name: string, from: string): string {
  const found = [`/usr/bin/${name}`, `/usr/sbin/${name}`].find((one) => existsSync(one));
  if (found === undefined) throw new Error(`${name} is missing: install ${from}`);
  return found;
}

t.test('systemd itself takes the unit', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'trunkline-unit-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  // Programs at the paths that the unit names, so that it is judged whole.
  const local = unit.replaceAll('/opt/trunkline', join(root, 'opt')).replace(/^User=.*\n^Group=.*\n/m, 'User=daemon\n');
  mkdirSync(join(root, 'opt/bin'), { recursive: true });
  cpSync(join(project, 'bin/trunkline.mjs'), join(root, 'opt/bin/trunkline.mjs'));
  writeFileSync(join(root, 'trunkline.service'), local);
  const verified = spawnSync(program('systemd-analyze', 'systemd'), ['verify', '--man=no', join(root, 'trunkline.service')], { encoding: 'utf8' });
  t.equal(verified.stderr, '', 'without a word');
  t.equal(verified.status, 0);
  const security = spawnSync(program('systemd-analyze', 'systemd'), ['security', '--offline=true', path], { encoding: 'utf8' });
  const exposure = Number(/Overall exposure level for trunkline.service: ([\d.]+)/.exec(security.stdout)?.[1]);
  t.ok(exposure <= EXPOSURE, `its exposure is ${exposure}`);
  t.end();
});

t.test('it lets calls end, and only the server gets the signal', (t) => {
  const { dialer } = parseConfig('');
  t.ok(Number(values('TimeoutStopSec')[0]) * 1000 > dialer.stop_limit_ms);
  t.same(values('KillMode'), ['mixed'], 'the workers live as long as the calls');
  t.same(values('KillSignal'), ['SIGTERM']);
  t.same(values('Restart'), ['on-failure']);
  t.end();
});

t.test('it writes where it may, and its variables are known', (t) => {
  const environment = Object.fromEntries(values('Environment').map((one) => one.split('=', 2) as [string, string]));
  for (const name of Object.keys(environment).filter((one) => one.startsWith('TRUNKLINE_'))) t.ok(name in ENVIRONMENT, name);
  t.equal(environment['TRUNKLINE_DATA_DIR'], `/var/lib/${values('StateDirectory')[0]}`);
  t.equal(environment['TRUNKLINE_MODELS_DIR'], `/var/cache/${values('CacheDirectory')[0]}/models`);
  t.same(values('ProtectSystem'), ['strict']);
  t.same(values('NoNewPrivileges'), ['yes']);
  t.match(readFileSync(join(project, 'deploy/systemd/trunkline.sysusers'), 'utf8'), new RegExp(`^u ${values('User')[0]} `, 'm'), 'its user is made by sysusers');
  t.end();
});

t.test('the firewall and the kernel settings are for its ports', (t) => {
  const { sip, media } = parseConfig('');
  const firewall = join(project, 'deploy/nftables.conf');
  const rules = readFileSync(firewall, 'utf8');
  t.ok(rules.includes(`udp dport ${sip.port} accept`) && rules.includes(`tcp dport { ${sip.port}, ${sip.port + 1} } accept`), 'SIP');
  t.ok(rules.includes(`udp dport ${media.port_min}-${media.port_max} accept`), 'RTP');
  const checked = spawnSync(program('nft', 'nftables'), ['--check', '--file', firewall], { encoding: 'utf8' });
  t.equal(checked.stderr, '', 'nft takes it');
  const sysctl = readFileSync(join(project, 'deploy/sysctl/60-trunkline.conf'), 'utf8');
  t.ok(sysctl.includes(`ip_local_reserved_ports = ${media.port_min}-${media.port_max}`));
  for (const [, key = ''] of sysctl.matchAll(/^([a-z0-9_.]+) = /gm)) t.ok(existsSync(`/proc/sys/${key.replaceAll('.', '/')}`), `the kernel knows ${key}`);
  t.end();
});
