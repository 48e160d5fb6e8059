import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as audience from '../../src/cli/audience.js';
import { importFile } from '../../src/cli/contacts.js';
import type { Output } from '../../src/cli/output.js';
import { importList } from '../../src/cli/suppressions.js';
import { startApi } from '../api/harness.js';

const example = join(import.meta.dirname, '../../examples/contacts.csv');

function collected(json: boolean): Output & { readonly text: string[]; readonly steps: number[] } {
  const text: string[] = [];
  const steps: number[] = [];
  return { json, text, steps, out: (line) => void text.push(line), note: (line) => void text.push(line), progress: (_label, fraction) => void steps.push(fraction) };
}

t.test('importing a file into a running server', async (t) => {
  const { app, key, store } = await startApi(t);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  process.env['TRUNKLINE_API_KEY'] = (await key('contacts:write', 'contacts:read', 'audiences:read', 'audiences:write')).authorization.slice('Bearer '.length);
  t.teardown(() => delete process.env['TRUNKLINE_API_KEY']);

  const dry = collected(false);
  t.equal(await importFile(dry, example, { url, dryRun: true }), 0);
  t.match(dry.text.at(-1), /^Dry run, nothing saved: 60 rows: 60 created, 0 updated, 0 kept, 0 refused\.$/);
  t.ok(dry.text.includes('  credit_score > attribute:credit_score:number'), 'what the columns become is shown');
  t.equal(dry.steps.at(-1), 1);
  t.equal(await store.countContacts({}), 0);

  const real = collected(true);
  t.equal(await importFile(real, example, { url, tag: ['demo'] }), 0);
  t.match(JSON.parse(real.text.join('')), { state: 'done', created: 60 });
  const [first] = (await store.listContacts({ limit: 1 })).items;
  t.match(first, { externalId: 'C-001', address: { region: 'CA' }, timeZones: [], consents: [{ purpose: 'marketing', granted: true }] });

  const shown = collected(false);
  t.equal(await audience.create(shown, 'good', 'credit_score >= 700 and consent("marketing")', { url }), 0);
  t.match(shown.text[0], /^aud_/);
  await audience.list(shown, { url });
  t.match(shown.text[1], /good +live +credit_score >= 700/);
  await audience.preview(shown, shown.text[0]!, { url });
  await audience.preview(shown, 'tags has "demo"', { url });
  t.match(shown.text.slice(2).join('\n'), /^\d+ contacts \(\d+ ms\)\.\nid[^]*\n60 contacts/);
  await t.rejects(audience.preview(shown, 'tags had "demo"', { url }), { code: 'TRK_SERVER_REFUSED', message: /character 6: expected "has"; did you mean "has"/ });

  const file = join(t.testdir(), 'more.csv');
  writeFileSync(file, 'Handy;Wert\n13812345678;1\n8.61391E+12;2\n');
  const more = collected(false);
  t.equal(await importFile(more, file, { url, map: ['Handy=number:mobile'], defaultCountry: 'cn' }), 1, 'some were refused');
  t.match(more.text.join('\n'), /2 rows: 1 created, 0 updated, 0 kept, 1 refused\.\nWhat was refused, and why: .*\/report$/);
  await t.rejects(importFile(more, file, { url }), { code: 'TRK_SERVER_REFUSED', message: /TRK_IMPORT_INVALID.*no column holds phone numbers/ });
  await t.rejects(importFile(more, join(t.testdir(), 'none.csv'), { url }), { code: 'TRK_USAGE' });
  await t.rejects(importFile(more, file, { url, map: ['Handy'] }), { code: 'TRK_USAGE' });
});

t.test('importing a list of numbers that must not be called', async (t) => {
  const { app, key, store } = await startApi(t);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  process.env['TRUNKLINE_API_KEY'] = (await key('suppressions:write')).authorization.slice('Bearer '.length);
  t.teardown(() => delete process.env['TRUNKLINE_API_KEY']);
  const list = join(t.testdir(), 'dnc.txt');
  writeFileSync(list, '2125550100\n2125550101\n12\n');
  await t.rejects(importList(collected(false), list, { url }), { code: 'TRK_SERVER_REFUSED', message: /TRK_IMPORT_INVALID.*no country code/ });
  const shown = collected(false);
  t.equal(await importList(shown, list, { url, defaultCountry: 'us', source: 'national list', expires: '2030-01-01T00:00:00Z' }), 1, 'some were refused');
  t.same(shown.text, ['line 3: no such phone number can exist', '3 lines: 2 saved, 1 refused.']);
  t.match((await store.listSuppressions({ number: '+12125550101', limit: 5 })).items, [{ scope: 'all', source: 'national list', expiresAt: Date.UTC(2030, 0) }]);
  const json = collected(true);
  await importList(json, list, { url, defaultCountry: 'US' });
  t.match(JSON.parse(json.text.join('')), { read: 3, saved: 2, refused: 1 });
});
