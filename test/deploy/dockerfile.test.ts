import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { ENVIRONMENT, parseConfig } from '../../src/config/load.js';
import { lastOf, lineage, parseDockerfile } from './dockerfile.js';

// What can be known of an image without building it. The recipe itself is followed by
// run-recipe.ts, which takes minutes and root.

const project = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(project, 'Dockerfile'), 'utf8');
const stages = parseDockerfile(join(project, 'Dockerfile'));
const names = new Set(stages.map(({ name }) => name));
const defaults = parseConfig('');
const image = lineage(stages, stages.at(-1)?.name ?? '');
const environment = Object.fromEntries(image.instructions.filter(({ name }) => name === 'ENV').flatMap(({ words }) => words.map((word) => word.split('=', 2) as [string, string])));

/** True if the file would be sent to the engine. */
const ignore = readFileSync(join(project, '.dockerignore'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const sent = (path: string): boolean => ignore[0] === '*' && ignore.some((line) => line === `!${path}` || path.startsWith(`${line.slice(1)}/`));

t.test('every stage stands on one that is there, or on a pinned base', (t) => {
  for (const { name, from } of stages) t.ok(names.has(from) || /^[a-z]+:[0-9][\w.-]*$/.test(from), `${name} from ${from}`);
  t.equal(stages.at(-1)?.from, 'runtime', 'a build without a target makes the server');
  t.end();
});

t.test('everything that is copied exists and is sent', (t) => {
  for (const { name, instructions } of stages) {
    for (const { flags, words } of instructions.filter((one) => one.name === 'COPY')) {
      const from = flags['from'];
      if (from !== undefined) {
        t.ok(names.has(from) && words.slice(0, -1).every((word) => word.startsWith('/app/')), `${name} copies from ${from}`);
        continue;
      }
      for (const source of words.slice(0, -1)) t.ok(existsSync(join(project, source)) && sent(source), `${name} copies ${source}`);
    }
  }
  for (const line of ignore.slice(1)) t.ok(line.startsWith('!') && existsSync(join(project, line.slice(1))), `.dockerignore knows ${line}`);
  for (const secret of ['trunkline.env', '.env', 'trunkline.yaml', 'data', '.git', 'node_modules']) t.notOk(sent(secret), `${secret} is not sent`);
  t.end();
});

t.test('it does not run as root and needs no shell', (t) => {
  t.match(lastOf(image.instructions, 'USER')?.text, /^[1-9]\d{3,}:[1-9]\d{3,}$/, 'a number, not 0');
  const entry = lastOf(image.instructions, 'ENTRYPOINT');
  t.ok(entry?.isJson, 'exec form: signals reach it');
  t.same(entry?.words, ['/usr/bin/tini', '--', 'bin/trunkline.mjs']);
  t.ok(statSync(join(project, 'bin/trunkline.mjs')).mode & 0o001, 'the program may be executed');
  t.ok(image.instructions.some(({ name, words }) => name === 'RUN' && words.includes('tini')), 'tini is installed');
  t.equal(lastOf(image.instructions, 'STOPSIGNAL')?.text, 'SIGTERM');
  t.end();
});

t.test('ports, places and health are those of the program', (t) => {
  const { sip, media, api } = defaults;
  t.same(lastOf(image.instructions, 'EXPOSE')?.words, [`${sip.port}/udp`, `${sip.port}/tcp`, `${sip.port + 1}/tcp`, `${api.port}/tcp`, `${media.port_min}-${media.port_max}/udp`]);
  for (const name of Object.keys(environment).filter((one) => one.startsWith('TRUNKLINE_'))) t.ok(name in ENVIRONMENT, `${name} is a variable of the program`);
  t.same([...(lastOf(image.instructions, 'VOLUME')?.words ?? [])].sort(), [environment['TRUNKLINE_DATA_DIR'], environment['TRUNKLINE_MODELS_DIR']].sort(), 'what is written lies in volumes');
  const check = lastOf(image.instructions, 'HEALTHCHECK');
  t.same(check?.words, ['node', 'deploy/health-check.mjs']);
  const script = readFileSync(join(project, 'deploy/health-check.mjs'), 'utf8');
  t.ok(script.includes(`http://127.0.0.1:${api.port}/readyz`), 'it asks the default API');
  const routes = readdirSync(join(project, 'src/api/routes')).map((file) => readFileSync(join(project, 'src/api/routes', file), 'utf8'));
  t.ok(routes.some((source) => source.includes("'/readyz'")), 'which has that route');
  t.end();
});

t.test('the optional libraries are there, to build with and to run with', (t) => {
  const wanted = [...readFileSync(join(project, 'scripts/build-native.mjs'), 'utf8').matchAll(/package: '([^']+)'/g)].map((match) => match[1] ?? '');
  t.ok(wanted.length >= 2);
  const build = lineage(stages, 'build').instructions.flatMap(({ words }) => words);
  const run = image.instructions.flatMap(({ words }) => words);
  for (const library of wanted) {
    t.ok(build.includes(library), `the build has ${library}`);
    const stem = library.replace(/[0-9]*-dev$/, '');
    t.ok(run.some((word) => new RegExp(`^${stem}[0-9.-]*$`).test(word)), `the image has ${stem}`);
  }
  t.end();
});

t.test('no secret is in it', (t) => {
  t.notMatch(text, /(?:PASSWORD|SECRET|TOKEN|API_KEY)\w*=/i);
  t.notMatch(text, /\bADD\b|--mount=type=secret|curl .*\| *(?:ba)?sh/);
  t.end();
});
