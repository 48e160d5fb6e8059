// Brings a machine that has only Node, npm, Python 3 and a C++ compiler to the state
// in which trunkline runs: system packages, npm packages, native core, compiled
// TypeScript, models. Uses nothing but Node itself, because it runs first.
// Each step is skipped when its inputs have not changed.
//
//   node scripts/bootstrap.mjs [--for run|test]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { filesUnder, fingerprint, sourceFingerprint } from './built.mjs';

const root = new URL('..', import.meta.url).pathname;
process.chdir(root);
const forTests = process.argv.includes('test');
const started = process.hrtime.bigint();

const say = (text) => process.stderr.write(`${text}\n`);
const fail = (text) => {
  say(`\nsetup stopped: ${text}`);
  process.exit(1);
};

/** Program on PATH to the Debian package that has it, and why it is needed. */
const programs = [
  ['python3', 'python3', 'fetches model packages'],
  [process.env.CXX ?? 'g++', 'g++', 'compiles the media core'],
  ['espeak-ng', 'espeak-ng', 'turns text into phonemes for the English voice'],
];
const testPrograms = [
  ['sipp', 'sip-tester', 'is the phone network of the tests'],
  ['faketime', 'faketime', 'is the wall clock of the tests that makes it jump'],
  ['baresip', 'baresip', 'is the softphone of the tests'],
  ['linphonec', 'linphone-cli', 'is the other softphone of the tests'],
  ['tshark', 'tshark', 'reads the capture files that the tests write'],
  ['clang++', 'clang', 'builds the fuzz targets'],
];
/** Services of these packages are for the tests to start; they are not left running. */
const testServices = { kamailio: 'kamailio', 'rtpengine-daemon': 'rtpengine-daemon', postgresql: 'postgresql' };
/** Header of a library that makes more possible, its package, and what goes without it. */
const optionalFiles = [
  ['/usr/include/srtp2/srtp.h', 'libsrtp2-dev', 'encrypted calls (SRTP)'],
  ['/usr/include/spandsp/g722.h', 'libspandsp-dev', 'G.722'],
  ['/usr/include/opus/opus.h', 'libopus-dev', 'Opus'],
];
const testFiles = [
  ['/usr/share/asterisk/sounds/en_US_f_Allison', 'asterisk-core-sounds-en-wav', 'is human speech for the tests of hearing'],
  // In /usr/sbin, which is not on every PATH.
  ['/usr/sbin/kamailio', 'kamailio', 'is the carrier of the tests'],
  ['/var/lib/dpkg/info/kamailio-tls-modules.list', 'kamailio-tls-modules', 'is the TLS of that carrier'],
  // Of a version that Debian chooses: the programs lie in a folder with its number.
  ['/usr/lib/postgresql', 'postgresql', 'is the other database of the tests'],
  ['/usr/bin/rtpengine', 'rtpengine-daemon', "carries that carrier's audio"],
  ['/usr/sbin/nft', 'nftables', 'is the NAT of the tests'],
  ['/usr/bin/systemd-analyze', 'systemd', 'judges the unit file'],
  ['/usr/sbin/ip', 'iproute2', 'makes the networks of the tests'],
];

function onPath(program) {
  if (program.includes('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(delimiter).some((dir) => existsSync(join(dir, program)));
}

function run(command, args, label) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: process.env });
  if (result.error || result.status !== 0) fail(`${label} failed (${command} ${args.join(' ')})`);
}

function step(label, action) {
  const begin = process.hrtime.bigint();
  const did = action();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  say(`  ${did === false ? '=' : '+'} ${label}${did === false ? '' : ` (${seconds.toFixed(1)} s)`}`);
}

function stamped(name, value, action) {
  const stamp = join('build', `${name}.stamp`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === value) return false;
  action();
  mkdirSync('build', { recursive: true });
  writeFileSync(stamp, value);
  return true;
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node 20 or newer is needed, this is ${process.versions.node}`);
  return false;
}

function systemPackages() {
  const missing = [
    ...[...programs, ...(forTests ? testPrograms : [])].filter(([program]) => !onPath(program)),
    ...(forTests ? testFiles.filter(([path]) => !existsSync(path)) : []),
  ];
  // pip is a module, not a program: Debian splits it from python3.
  if (onPath('python3') && spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) {
    missing.push(['python3 -m pip', 'python3-pip', 'fetches model packages']);
  }
  if (missing.length === 0) return false;
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (forTests && packages.includes('clang')) packages.push('libclang-rt-14-dev');
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    fail(`missing:\n${missing.map(([what, , why]) => `    ${what}: ${why}`).join('\n')}\n  On Debian or Ubuntu: sudo ${command}`);
  }
  run('apt-get', ['update', '-qq'], 'apt-get update');
  process.env.DEBIAN_FRONTEND = 'noninteractive';
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], 'apt-get install');
  const services = packages.flatMap((name) => testServices[name] ?? []);
  if (services.length > 0 && existsSync('/run/systemd/system')) run('systemctl', ['disable', '--quiet', '--now', ...services], 'systemctl disable');
  return true;
}

/** Never stops the setup, but for tests, which need all of them. */
function optionalPackages() {
  const missing = optionalFiles.filter(([path]) => !existsSync(path));
  if (missing.length === 0) return false;
  const packages = missing.map(([, name]) => name);
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  if (process.getuid?.() === 0 && onPath('apt-get') && apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...packages)) return true;
  const text = `apt-get install -y ${packages.join(' ')}`;
  if (forTests) fail(`missing:\n${missing.map(([, name, use]) => `    ${name}: ${use}`).join('\n')}\n  On Debian or Ubuntu: sudo ${text}`);
  for (const [, name, use] of missing) say(`  ! without ${name}: no ${use}`);
  return false;
}

const npmPackages = () =>
  stamped('npm', fingerprint(['package.json', 'package-lock.json', '.npmrc']) + existsSync('node_modules/typescript'), () =>
    // Not `npm ci`: it wants lock entries of packages for other platforms, which npm leaves out next to overrides.
    run('npm', ['install', '--no-save', '--no-progress', '--loglevel=error'], 'npm install'),
  );

const nativeCore = () =>
  stamped('native', fingerprint(['scripts/build-native.mjs', ...filesUnder('native', ['.cpp', '.hpp', '.h'])]) + existsSync('build/Release/trunkline_media.node') + optionalFiles.map(([path]) => existsSync(path)), () =>
    run(process.execPath, ['scripts/build-native.mjs'], 'build of the media core'),
  );

const typescript = () =>
  stamped('tsc', sourceFingerprint(), () =>
    run(process.execPath, ['scripts/build-ts.mjs'], 'TypeScript build'),
  );

/** Without the plugin that .taprc leaves out, which the first run would load all the same: a TypeScript compiler for each file. */
function testRunner() {
  if (!readFileSync('node_modules/@tapjs/test/test-built/dist/esm/index.js', 'utf8').includes('@tapjs/typescript')) return false;
  run(process.execPath, ['node_modules/tap/dist/esm/run.mjs', 'build'], 'build of the test runner');
  return true;
}

const models = () => {
  const groups = forTests ? ['default', 'test'] : ['default'];
  run(process.execPath, ['dist/main.js', 'models', 'pull', ...groups.flatMap((g) => ['--group', g])], 'models pull');
};

say(`Setting up trunkline${forTests ? ' and its test peers' : ''}:`);
step('Node', checkNode);
step('system packages', systemPackages);
step('optional libraries', optionalPackages);
step('npm packages', npmPackages);
step('native media core', nativeCore);
step('TypeScript', typescript);
if (forTests) step('test runner', testRunner);
step('models', models);
say(`Ready after ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(0)} s.\n`);
