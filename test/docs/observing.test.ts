import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const docs = readdirSync('docs').filter((name) => name.endsWith('.md')).map((name) => readFileSync(join('docs', name), 'utf8')).join('\n');
const observing = readFileSync('docs/observing.md', 'utf8');
const sources = readdirSync('src', { recursive: true }).map(String).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join('src', name), 'utf8')).join('\n');

const METRIC = /\btrunkline_[a-z0-9_]+/g;
const registered = new Set([...sources.matchAll(/'(trunkline_[a-z0-9_]+)'/g)].map(([, name]) => name ?? ''));

t.test('every metric is in the docs', (t) => {
  t.ok(registered.size > 25, `${registered.size} metrics`);
  for (const name of registered) t.ok(new RegExp(`\\b${name}\\b`).test(docs), name);
  t.end();
});

t.test('the page names no metric that is not there', (t) => {
  for (const [name] of observing.matchAll(METRIC)) t.ok(registered.has(name.replace(/_(?:sum|count|bucket)$/, '')), name);
  t.end();
});

t.test('every key of `trace` that the page names is one, and all are named', (t) => {
  const keys = new Set([...readFileSync('docs/configuration.md', 'utf8').matchAll(/^\| `(trace\.[a-z_]+)`/gm)].map(([, key]) => key ?? ''));
  const named = new Set([...observing.matchAll(/`(trace\.[a-z_]+)(?::[^`]*)?`/g)].map(([, key]) => key ?? '').filter((key) => key !== 'trace.read'));
  t.same([...named].sort(), [...keys].sort());
  t.end();
});
