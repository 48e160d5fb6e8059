/**
 * Follows the Dockerfile without a container engine, by hand, as root:
 *
 *     node --import tsx test/deploy/run-recipe.ts BASE WORK [models | start]
 *
 * BASE is a root file system with Node 20 in the place of node:20-bookworm-slim
 * (debootstrap's minbase and a Node in /usr/local), WORK an empty folder. Each RUN is
 * executed in a chroot as it stands; then the last stage is started as its USER, in
 * namespaces of its own, with a read-only root. `models` and `start` go on from the
 * stages of an earlier run. Docker itself is not tried by this.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { lastOf, lineage, parseDockerfile } from './dockerfile.js';
import type { Instruction, Stage } from './dockerfile.js';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const [base = '', work = '', only] = process.argv.slice(2);
const project = resolve(import.meta.dirname, '../..');
const stages = parseDockerfile(join(project, 'Dockerfile'));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Proxies and their certificates, as an engine's own settings would bring them. */
const surroundings = Object.fromEntries(
  ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'PIP_CERT', 'http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
);

interface Made {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: string;
}

/** The files that `docker build` would send, from the last commit. */
function buildContext(): string {
  const context = join(work, 'context');
  mkdirSync(context, { recursive: true });
  const allowed = readFileSync(join(project, '.dockerignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const archive = join(work, 'context.tar');
  execFileSync('git', ['-C', project, 'archive', '-o', archive, 'HEAD', ...allowed]);
  execFileSync('tar', ['-xf', archive, '-C', context]);
  return context;
}

function inRoot(made: Made, command: readonly string[]): number {
  const user = made.user === 'root' ? [] : [`--userspec=${made.user}`];
  const env = Object.entries({ PATH, HOME: '/root', ...surroundings, ...made.env }).map(([key, value]) => `${key}=${value}`);
  // A process namespace of its own: nothing that a step starts outlives it.
  return spawnSync('unshare', ['-mpf', '--kill-child', '--mount-proc=' + join(made.root, 'proc'), 'chroot', ...user, made.root, 'env', '-i', ...env, 'sh', '-c', `cd "${made.cwd}" && exec "$@"`, 'sh', ...command], { stdio: 'inherit' }).status ?? 1;
}

function step(made: Made, one: Instruction, roots: ReadonlyMap<string, Made>, context: string): Made {
  switch (one.name) {
    case 'RUN': {
      say(`RUN ${one.text}`);
      if (inRoot(made, ['sh', '-c', one.text]) !== 0) throw new Error(`failed: RUN ${one.text}`);
      return made;
    }
    case 'COPY': {
      const from = one.flags['from'] === undefined ? context : roots.get(one.flags['from'])?.root;
      const [target = '', ...sources] = [...one.words].reverse();
      const place = join(made.root, target.startsWith('/') ? target : join(made.cwd, target));
      for (const source of sources) copy(join(from ?? '', source), place, target.endsWith('/'));
      return made;
    }
    case 'WORKDIR':
      mkdirSync(join(made.root, one.text), { recursive: true });
      return { ...made, cwd: one.text };
    case 'ENV':
      return { ...made, env: { ...made.env, ...Object.fromEntries(one.words.map((word) => word.split('=', 2) as [string, string])) } };
    case 'USER':
      return { ...made, user: one.text };
    default:
      return made;
  }
}

/** A folder's content goes into the target, a file into it if it ends with a slash. */
function copy(source: string, place: string, isFolder: boolean): void {
  const folder = execFileSync('stat', ['-c', '%F', source]).toString().trim() === 'directory';
  const target = folder || !isFolder ? place : join(place, source.split('/').at(-1) ?? '');
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

function make(stage: Stage, roots: ReadonlyMap<string, Made>, context: string): Made {
  const below = roots.get(stage.from);
  const root = join(work, `stage-${stage.name}`);
  execFileSync('cp', ['-a', '--reflink=auto', below?.root ?? base, root]);
  let made: Made = below === undefined ? { root, env: {}, cwd: '/', user: 'root' } : { ...below, root };
  for (const one of stage.instructions) made = step(made, one, roots, context);
  say(`stage ${stage.name}: ${execFileSync('du', ['-sm', root]).toString().split('\t')[0]} MB with its base`);
  return made;
}

/** Starts the server as a container engine would with `--read-only`, and looks whether it gets healthy. */
function start(made: Made, instructions: readonly Instruction[], models: string): number {
  const command = [...(lastOf(instructions, 'ENTRYPOINT')?.words ?? []), ...(lastOf(instructions, 'CMD')?.words ?? [])];
  const health = lastOf(instructions, 'HEALTHCHECK')?.words ?? [];
  const env = Object.entries({ PATH, HOME: '/nonexistent', ...made.env }).map(([key, value]) => `${key}='${value}'`).join(' ');
  const config = join(work, 'trunkline.yaml');
  cpSync(join(project, 'deploy/compose/trunkline.yaml'), config);
  const data = join(work, 'data');
  mkdirSync(data, { recursive: true });
  execFileSync('chown', ['10001:10001', data]);
  const inside = `cd ${made.cwd} && exec env -i ${env} setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all "$@"`;
  const script = `
set -e
R=${made.root}
ip link set lo up
mount --bind $R $R && mount -o remount,ro,bind $R
mount -t proc proc $R/proc
mount -t tmpfs -o size=256m,mode=1777 tmpfs $R/tmp
mount --bind ${data} $R/var/lib/trunkline
mount --bind ${models} $R/var/cache/trunkline/models && mount -o remount,ro,bind $R/var/cache/trunkline/models
mount -t tmpfs tmpfs $R/etc/trunkline && cp ${config} $R/etc/trunkline/trunkline.yaml && cp -r ${project}/examples/flows $R/etc/trunkline/flows
inside() { chroot $R sh -c '${inside.replaceAll("'", `'\\''`)}' sh "$@"; }
inside id
inside touch /app/x 2>&1 && { echo 'the root file system can be written'; exit 1; }
inside ${command.join(' ')} > ${work}/server.log 2>&1 &
S=$!
healthy=no
for i in $(seq 90); do grep -q 'trunkline is ready: ' ${work}/server.log && inside ${health.join(' ')} && { healthy=yes; break; }; sleep 1; done
cat ${work}/server.log
echo "healthy: $healthy after $i tries"
T=$(pgrep -x tini)
ps -o uid,pid,args -p $T
kill -TERM $T
set +e
wait $S
echo "ended with $?"
test $healthy = yes
`;
  writeFileSync(join(work, 'start.sh'), script);
  return spawnSync('unshare', ['-mnpf', '--kill-child', '--mount-proc', 'bash', join(work, 'start.sh')], { stdio: 'inherit' }).status ?? 1;
}

function pullModels(made: Made | undefined): void {
  if (made === undefined) throw new Error('no stage models');
  const entry = lastOf(lineage(stages, 'models').instructions, 'ENTRYPOINT')?.words ?? [];
  say('models pull');
  if (inRoot(made, [...entry, 'models', 'pull']) !== 0) throw new Error('models pull failed');
}

function main(): number {
  if (process.getuid?.() !== 0 || !existsSync(base) || work === '') throw new Error('usage, as root: run-recipe.ts BASE WORK [models | start]');
  mkdirSync(work, { recursive: true });
  const file = join(work, 'stages.json');
  const roots = new Map<string, Made>(only === undefined ? [] : Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Made>));
  if (only === undefined) {
    const context = buildContext();
    for (const stage of stages) roots.set(stage.name, make(stage, roots, context));
    writeFileSync(file, JSON.stringify(Object.fromEntries(roots)));
  }
  if (only !== 'start') pullModels(roots.get('models'));
  const last = stages.at(-1)?.name ?? '';
  const made = roots.get(last);
  if (made === undefined) throw new Error('no last stage');
  return start(made, lineage(stages, last).instructions, join(work, 'stage-models/var/cache/trunkline/models'));
}

process.exitCode = main();
