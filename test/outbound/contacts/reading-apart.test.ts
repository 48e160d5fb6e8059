import { readFileSync } from 'node:fs';
import t from 'tap';
import { csvOf } from '../../../bench/support/contact-rows.js';
import { readRowsApart } from '../../../src/outbound/contacts/reading-apart.js';
import { readRows } from '../../../src/outbound/contacts/reading.js';
import type { OnFound, ReadingOrder, SettledRow } from '../../../src/outbound/contacts/reading.js';

// A file that is large enough is read in a process of its own: nobody can tell.

const order: ReadingOrder = { settings: { format: 'csv', encoding: undefined, delimiter: undefined, map: {} }, defaultCountry: 'CN', tags: ['spring'], now: 1_700_000_000_000, importId: 'imp_1', attributes: [['city', 'text']] };
const ROWS = 8_000;

async function* parts(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(rows: AsyncGenerator<readonly SettledRow[]>): Promise<SettledRow[]> {
  const read: SettledRow[] = [];
  for await (const some of rows) read.push(...some);
  return read;
}

async function largeFile(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of csvOf(ROWS)) chunks.push(chunk);
  const file = Buffer.concat(chunks);
  // A row that is refused, in the middle of what the other process reads.
  const middle = file.indexOf('\n', file.length / 2) + 1;
  return Buffer.concat([file.subarray(0, middle), Buffer.from('x,not a number\n'), file.subarray(middle)]);
}

t.test('the same rows and the same findings as read here', async (t) => {
  const file = await largeFile();
  t.ok(file.length > 512 * 1024, `${file.length} bytes`);
  const found: unknown[] = [];
  const note: OnFound = async (what, attributes) => void found.push([what, [...attributes]]);
  const here = await all(readRows(parts(file), order, note));
  const apart = await all(readRowsApart(parts(file), order, note));
  t.equal(apart.length, ROWS + 1);
  t.same(apart, here);
  t.same(found[1], found[0]);
  t.equal(apart.filter(({ contact }) => contact === undefined).length, 1);
  t.ok(apart[0]?.contact?.tags.includes('spring'));
});

t.test('a file that is none has the same error', async (t) => {
  const file = Buffer.from(`colour,taste\n${'red,sweet\n'.repeat(60_000)}`);
  const errorOf = async (rows: AsyncGenerator<readonly SettledRow[]>): Promise<unknown> => await all(rows).then(() => undefined, ({ code, message, field }: { code: string; message: string; field: string }) => ({ code, message, field }));
  const nothing: OnFound = async () => undefined;
  const apart = await errorOf(readRowsApart(parts(file), order, nothing));
  t.match(apart, { code: 'TRK_IMPORT_INVALID', field: 'header' });
  t.same(apart, await errorOf(readRows(parts(file), order, nothing)));
});

t.test('a sender that breaks off, and a store that refuses the columns', async (t) => {
  const file = await largeFile();
  async function* broken(): AsyncGenerator<Buffer> {
    yield* parts(file.subarray(0, 400_000));
    throw new Error('the sender went away');
  }
  const read: SettledRow[] = [];
  await t.rejects(async () => {
    for await (const rows of readRowsApart(broken(), order, async () => undefined)) read.push(...rows);
  }, { code: 'TRK_INTERNAL', message: /the sender went away/ });
  t.ok(read.length > 1_000, `${read.length} rows came before that`);
  await t.rejects(all(readRowsApart(parts(file), order, async () => Promise.reject(new Error('no room for columns')))), { message: /no room for columns/ });
});

t.test('a process that is killed ends the reading with a code, after the rows that it had read', async (t) => {
  const file = await largeFile();
  async function* stalling(): AsyncGenerator<Buffer> {
    yield file.subarray(0, 400_000);
    // The sender pauses for ever: only the death of the process can end this.
    await new Promise(() => undefined);
  }
  const rows = readRowsApart(stalling(), order, async () => undefined);
  t.ok((await rows.next()).value, 'rows of the beginning');
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const [reader] = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('reading-process'));
  process.kill(Number(reader), 'SIGKILL');
  await t.rejects(all(rows), { code: 'TRK_INTERNAL', message: /process that reads/ });
});

t.test('whoever saves slowly holds back the sender', async (t) => {
  const file = await largeFile();
  let sent = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const part of parts(file, 16 * 1024)) {
      sent += 1;
      yield part;
    }
  }
  const rows = readRowsApart(counted(), order, async () => undefined);
  await rows.next();
  const first = sent;
  // As many turns as the whole file would need many times over.
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  t.ok(sent - first <= 8, `${sent - first} more chunks were taken meanwhile`);
  await rows.return(undefined);
});
