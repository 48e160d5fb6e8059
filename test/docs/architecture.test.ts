import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

const page = readFileSync('ARCHITECTURE.md', 'utf8');

t.test('every hop names a function that is there', (t) => {
  const hops = [...page.matchAll(/`((?:src|native)\/[\w./-]+\.(?:ts|cpp)):([#\w:]+)`/g)];
  t.ok(hops.length > 25, `${hops.length} hops`);
  for (const [, file = '', name = ''] of hops) {
    const found = existsSync(file) && new RegExp(`(?<![\\w.])${name.replace('#', '\\#')}\\b`).test(readFileSync(file, 'utf8'));
    t.ok(found, `${file}:${name}`);
  }
  t.end();
});

t.test('every room of the table is there', (t) => {
  for (const [, room = ''] of page.matchAll(/^\| `((?:src|native)\/[\w./-]+)`/gm)) t.ok(existsSync(room), room);
  t.end();
});
