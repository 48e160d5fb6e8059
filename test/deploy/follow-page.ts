/**
 * Follows the shell blocks of docs/engineers.md on a clean machine, by hand, as root:
 *
 *     node --import tsx test/deploy/follow-page.ts BASE WORK
 *
 * BASE is a root file system of Debian 12 with Node 20 in /usr/local; WORK an empty
 * folder. Lines for systemd and the kernel are named and left out, because neither
 * runs there: in their place the unit's own command is started as the unit's user.
 * Network and processes are those of namespaces of their own, but for the set-up.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [base = '', work = ''] = process.argv.slice(2);
const project = resolve(import.meta.dirname, '../..');
if (process.getuid?.() !== 0 || !existsSync(base) || work === '') throw new Error('usage, as root: follow-page.ts BASE WORK');

const root = join(work, 'machine');
const left = /^(?:systemctl|sysctl) /;
const blocks = [...readFileSync(join(project, 'docs/engineers.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const surroundings = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'PIP_CERT', 'http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));

function clean(): void {
  mkdirSync(work, { recursive: true });
  if (existsSync(root)) throw new Error(`${root} is there already`);
  execFileSync('cp', ['-a', '--reflink=auto', base, root]);
  const checkout = join(root, 'opt/trunkline');
  mkdirSync(checkout, { recursive: true });
  const archive = join(work, 'checkout.tar');
  execFileSync('git', ['-C', project, 'archive', '-o', archive, 'HEAD']);
  execFileSync('tar', ['-xf', archive, '-C', checkout]);
}

/** The set-up has the machine's network; all that follows has its own. */
function follow(): number {
  const [setUp = '', ...rest] = blocks;
  const start = /^ExecStart=(.*)$/m.exec(readFileSync(join(project, 'deploy/systemd/trunkline.service'), 'utf8'))?.[1] ?? '';
  const variables = [...readFileSync(join(project, 'deploy/systemd/trunkline.service'), 'utf8').matchAll(/^Environment=(.*)$/gm)].map((match) => match[1] ?? '');
  const lines = rest.map((block) => block.split('\n').filter((line) => !left.test(line)).join('\n'));
  const started = blocks.findIndex((block) => block.includes('systemctl enable')) - 1;
  const service = `(runuser -u trunkline -- env ${variables.join(' ')} ${start} > /var/log/trunkline.log 2>&1) &\nfor i in $(seq 90); do grep -q 'trunkline is ready: ' /var/log/trunkline.log && break; sleep 1; done`;
  lines.splice(started + 1, 0, service);
  for (const line of rest.join('\n').split('\n').filter((one) => left.test(one))) process.stdout.write(`left out: ${line}\n`);
  // What the page takes for granted beside Node: the tools of its last chapters.
  const tools = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends g++ python3 python3-pip systemd sngrep sip-tester procps > /dev/null';
  writeFileSync(join(root, 'set-up.sh'), `set -eux\n${tools}\n${setUp}`);
  writeFileSync(join(root, 'rest.sh'), `set -eux\ncd /opt/trunkline\nip link set lo up 2>/dev/null || true\n${lines.join('\n')}\nkill -TERM $(pgrep -f 'trunkline.mjs serve' | head -1)\nwait\necho 'the page was followed'\n`);
  const chroot = ['chroot', root, 'env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'DEBIAN_FRONTEND=noninteractive', ...surroundings, 'bash'];
  const proc = `--mount-proc=${join(root, 'proc')}`;
  const first = spawnSync('unshare', ['-mpf', '--kill-child', proc, ...chroot, '/set-up.sh'], { stdio: 'inherit' }).status ?? 1;
  if (first !== 0) return first;
  return spawnSync('unshare', ['-mnpf', '--kill-child', proc, 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh', ...chroot, '/rest.sh'], { stdio: 'inherit' }).status ?? 1;
}

clean();
process.exitCode = follow();
