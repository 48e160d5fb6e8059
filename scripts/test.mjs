// Runs every suite of `npm test` after the set-up and ends with one line: N passed, N failed.
//
//   node scripts/test.mjs [test files ...]
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createWriteStream, mkdirSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);
mkdirSync('build', { recursive: true });
const { Parser } = await import(createRequire(createRequire(import.meta.url).resolve('tap')).resolve('tap-parser'));
const files = process.argv.slice(2);
let passed = 0;
let failed = 0;
/** Where each failure was, told again at the end: output that is cut short loses its middle. */
const failures = [];

/** Runs a program that prints TAP; prints a line for each file and every failure. */
function tap() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', 'run', '--reporter=tap', ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
    const raw = createWriteStream('build/test.tap');
    const parser = new Parser();
    parser.on('child', (file) => {
      const count = { ok: 0, bad: 0 };
      walk(file, count, [file.name]);
      file.on('complete', (results) => {
        passed += count.ok;
        failed += count.bad;
        console.log(`${count.bad === 0 ? '  ok  ' : 'FAILED'} ${String(count.ok).padStart(5)}  ${String(Math.round((results.time ?? 0) / 1000)).padStart(4)} s  ${file.name}`);
      });
    });
    parser.on('assert', (result) => {
      // A file that crashed or printed no test has no failing child to count.
      if (!result.ok && !result.todo && !result.skip) {
        if (failed === 0) failed += 1;
        const title = `FAILED file: ${result.fullname ?? result.name}`;
        if (!failures.some((failure) => failure.startsWith(`FAILED ${result.name}: `))) failures.push(title);
        console.log(title);
      }
    });
    child.stdout.pipe(raw);
    child.stdout.pipe(parser);
    child.on('close', (code) => {
      if (code !== 0 && failed === 0) failed += 1;
      resolve();
    });
  });
}

/** Counts leaf assertions; one that wraps a subtest is the subtest's own sum. */
function walk(parser, count, path) {
  let badBefore = count.bad;
  let open = 0;
  parser.on('child', (child) => {
    badBefore = count.bad;
    open += 1;
    walk(child, count, [...path, child.name]);
  });
  parser.on('assert', (result) => {
    if (open > 0) {
      open -= 1;
      // What failed inside is counted; a subtest that failed by itself (its time, its plan) is not.
      if (result.ok || count.bad > badBefore) return;
    }
    if (result.skip || result.todo) {
      // Nothing here may skip: a test that did not run has not passed.
      fail(count, `FAILED ${path.join(': ')} > ${result.name} (skipped)`);
    } else if (result.ok) count.ok += 1;
    else fail(count, `FAILED ${path[0]}: ${[...path.slice(1), result.name].join(' > ')}`, result.diag);
  });
}

function fail(count, title, diag) {
  count.bad += 1;
  failures.push(title);
  console.log(title);
  if (diag) console.log(JSON.stringify(diag, null, 1).slice(0, 2000));
}

function native() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/test-native.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      process.stdout.write(data.toString().replace(/^\d+ passed, \d+ failed\n/m, ''));
    });
    child.on('close', (code) => {
      const match = /^(\d+) passed, (\d+) failed$/m.exec(text);
      passed += Number(match?.[1] ?? 0);
      failed += Number(match?.[2] ?? 0) || (code === 0 && match ? 0 : 1);
      failures.push(...(text.match(/^FAILED.*$/gm) ?? []));
      resolve();
    });
  });
}

await tap();
if (files.length === 0) await native();
if (failures.length > 0) console.log(`\n${failures.join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
