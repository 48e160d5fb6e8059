import t from 'tap';
import { CsvReader } from '../../../src/outbound/contacts/csv.js';
import type { CsvRow } from '../../../src/outbound/contacts/csv.js';
import { sniffDelimiter } from '../../../src/outbound/contacts/delimiter.js';
import fc from '../../support/property.js';

/** The text in chunks of this many characters. */
function read(text: string, size = text.length || 1, reader = new CsvReader(',')): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length; at += size) rows.push(...reader.push(text.slice(at, at + size)));
  return [...rows, ...reader.end()];
}
const cells = (rows: readonly CsvRow[]): readonly (readonly string[] | string)[] => rows.map((row) => row.problem ?? row.cells);

t.test('RFC 4180, and what spreadsheets write besides', async (t) => {
  t.same(cells(read('a,b\r\n1,2\r\n')), [['a', 'b'], ['1', '2']]);
  t.same(cells(read('a,b\n\n1,2')), [['a', 'b'], ['1', '2']], 'empty lines say nothing, the last line needs no end');
  t.same(cells(read('a,b\r1,2\r')), [['a', 'b'], ['1', '2']], 'old Macs');
  t.same(cells(read('"a ""b""","c,d","e\nf"\n')), [['a "b"', 'c,d', 'e\nf']]);
  t.same(cells(read('x"y,"z"w\n')), [['x"y', 'zw']], 'quotes that mean nothing');
  t.same(read('a\n"b\nc"\nd\n').map(({ line }) => line), [1, 2, 4], 'lines are those of the file');
});

t.test('whatever was written is read, however it is cut', async (t) => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é'), maxLength: 8 });
  const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom('\n', '\r\n'), (rows, size, end) => {
      t.same(cells(read(rows.map((row) => row.map(quote).join(',')).join(end), size)), rows);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('a quote that is not closed costs its line and no other', async (t) => {
  const rest = Array.from({ length: 60 }, (_, index) => `${index},x`).join('\n');
  for (const size of [7, 100_000]) {
    const rows = read(`a,b\n"1,2\n${rest}`, size);
    t.equal(rows[1]?.problem, 'quote_not_closed');
    t.equal(rows[1]?.line, 2);
    t.equal(rows.length, 62);
    t.same(rows[2], { line: 3, cells: ['0', 'x'] });
  }
  t.same(cells(read('a,b\n1,"2')), [['a', 'b'], 'quote_not_closed'], 'nor at the end of the file');
});

t.test('bounds', async (t) => {
  const limits = { rowBytes: 20, cellLines: 3, cells: 3 };
  const long = 'x'.repeat(50);
  for (const size of [3, 1_000]) {
    t.same(cells(read(`a\n${long}\nb\n`, size, new CsvReader(',', limits))), [['a'], 'row_too_long', ['b']]);
    t.same(cells(read(`1,2,3,4\n1\n`, size, new CsvReader(',', limits))), ['too_many_cells', ['1']]);
    t.same(cells(read(`"a\nb\nc\nd"\ne\n`, size, new CsvReader(',', limits)))[0], 'quote_not_closed');
  }
});

t.test('the delimiter is found', async (t) => {
  t.equal(sniffDelimiter('id,phone\n1,2\n'), ',');
  t.equal(sniffDelimiter('id;phone;note\n1;2;a,b\n3;4;c,d,e\n'), ';');
  t.equal(sniffDelimiter('id\tphone\n1\t2'), '\t');
  t.equal(sniffDelimiter('id|phone|x\n1|2|3'), '|');
  t.equal(sniffDelimiter('phone\n+1\n'), ',');
  t.equal(sniffDelimiter('id,name\n1,"a;b;c"\n2,"d;e;f"\n'), ',');
});
