import iconv from 'iconv-lite';
import t from 'tap';
import type { AttributeType } from '../../../src/store/contact-filter.js';
import type { NewContact } from '../../../src/store/contacts.js';
import { readFile } from '../../../src/outbound/contacts/read-file.js';
import type { FoundFile, ReadSettings } from '../../../src/outbound/contacts/read-file.js';

interface Read {
  readonly found: FoundFile | undefined;
  readonly contacts: readonly NewContact[];
  /** `line column code`. */
  readonly refused: readonly string[];
}

const NOW = Date.UTC(2026, 5, 1);

async function read(file: string | Buffer, changes: Partial<ReadSettings> = {}, attributes: Record<string, AttributeType> = {}, size = 50): Promise<Read> {
  const bytes = Buffer.from(file);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  let found: FoundFile | undefined;
  const contacts: NewContact[] = [];
  const refused: string[] = [];
  const settings: ReadSettings = { format: 'csv', encoding: undefined, delimiter: undefined, map: {}, ...changes };
  const context = { defaultCountry: 'CN', now: NOW, source: 'import', evidenceOf: (line: number) => `imp:${line}`, attributes: new Map(Object.entries(attributes)), onFound: async (one: FoundFile) => void (found = one) };
  for await (const rows of readFile(chunks(), settings, context)) {
    for (const { line, draft, refusal } of rows) {
      const contact = draft?.finish();
      if (contact !== undefined) contacts.push(contact);
      if (refusal !== undefined) refused.push(`${line} - ${refusal.code}`);
      for (const { column, code } of draft?.problems ?? []) refused.push(`${line} ${column ?? '-'} ${code}`);
    }
  }
  return { found, contacts, refused };
}

t.test('a Chinese spreadsheet', async (t) => {
  const { found, contacts, refused } = await read('客户编号;姓名;手机号;城市;信用分;会员;注册日期;标签\nA1;张伟;13812345678;上海;720;是;2025/3/1;vip，gold\nA2;李娜;13912345678;北京;;否;;\n');
  t.same(refused, []);
  t.same(found?.columns?.map(({ becomes }) => becomes), ['externalId', 'name', 'number:手机号', 'city', 'attribute:信用分:number', 'attribute:会员:boolean', 'attribute:注册日期:date', 'tags']);
  t.equal(found?.delimiter, ';');
  t.match(contacts[0], { externalId: 'A1', name: '张伟', address: { city: '上海' }, attributes: { 信用分: 720, 会员: true, 注册日期: '2025-03-01' }, tags: ['vip', 'gold'], timeZones: [] });
  t.same(contacts[1]?.attributes, { 会员: false });
});

t.test('every encoding says the same', async (t) => {
  const text = `姓名,电话,城市\n${Array.from({ length: 30 }, (_, index) => `客户王小明,1381234${String(index).padStart(4, '0')},乌鲁木齐市天山区`).join('\n')}\n`;
  for (const encoding of ['utf-8', 'gbk', 'gb18030', 'utf-16le', 'utf-16be']) {
    for (const addBOM of encoding.startsWith('gb') ? [false] : [true, encoding === 'utf-8' ? false : true]) {
      const { contacts, refused, found } = await read(iconv.encode(text, encoding, { addBOM }));
      t.same(refused, [], encoding);
      t.match(contacts[29], { name: '客户王小明', address: { city: '乌鲁木齐市天山区' } }, `${encoding} ${found?.encoding}`);
    }
  }
  t.match((await read(iconv.encode(`姓名,電話,城市\n王小明,+886223456789,臺北市\n`, 'big5'))).contacts[0], { name: '王小明', address: { city: '臺北市' } });
  t.match((await read(iconv.encode(`姓名,电话,城市\n王小明,13812345678,北京市\n`, 'gbk'))).contacts[0], { name: '王小明', address: { city: '北京市' } }, 'two lines are enough');
  const western = `Name;Phone;City\n${Array.from({ length: 30 }, (_, index) => `José Müller;+4930123${String(index).padStart(4, '0')};Köln`).join('\n')}`;
  t.match((await read(iconv.encode(western, 'windows-1252'))).contacts[0], { name: 'José Müller', address: { city: 'Köln' } });
  t.match((await read(iconv.encode(western, 'utf-8'), { encoding: 'latin1' })).contacts[0], { name: 'JosÃ© MÃ¼ller' }, 'what was declared is believed');
});

t.test('mixed encodings: what cannot be read is refused, the rest is not', async (t) => {
  const mixed = Buffer.concat([Buffer.from('姓名,电话\n王,13812340001\n'), iconv.encode('李,13812340002\n', 'gbk'), Buffer.from('赵,13812340003\n')]);
  const utf = await read(mixed);
  t.same(utf.refused, ['3 姓名 encoding']);
  t.same(utf.contacts.map(({ name }) => name), ['王', '赵']);
  const gbk = Buffer.concat([iconv.encode(`姓名,电话\n${'王小明,13812340001\n'.repeat(20)}`, 'gbk'), Buffer.from('欧阳娜娜,13812340002\n')]);
  t.equal((await read(gbk)).contacts.at(-1)?.name, '欧阳娜娜', 'a line of UTF-8 in a file of GBK');
});

t.test('what no database takes is refused where it stands', async (t) => {
  const table = await read('name,phone,na\0te\nL\0i,13812340001,\nBo,13812340002,x\nAl,13812340003,\0\n', {}, {}, 9);
  t.same(table.refused, ['2 name encoding', '4 na\ufffdte encoding']);
  t.same(table.contacts.map(({ name, attributes }) => [name, attributes]), [['Bo', { na_te: 'x' }]]);
  const lines = ['{"phone":"13812340001","name":"\\u0000"}', '{"phone":"13812340002","attributes":{"a\\ud83c":1}}', '{"phone":"13812340003","tags":["\\udf89"]}', `{"numbers":[{"number":"13812340004","label":"${'x'.repeat(39)}🎉"}]}`, '{"\\u0000":{},"phone":"13812340005"}'];
  const objects = await read(lines.join('\n'), { format: 'ndjson' });
  t.same(objects.refused, ['1 name encoding', '2 attributes.a\ufffd encoding', '3 tags[0] encoding', '5 \ufffd wrong_kind']);
  t.same(objects.contacts.map(({ numbers }) => numbers[0]?.label), ['x'.repeat(39)]);
});

t.test('wrong headers', async (t) => {
  const refuse = (file: string, reason: RegExp, map = {}): Promise<unknown> => t.rejects(read(file, { map }), { code: 'TRK_IMPORT_INVALID', message: reason });
  await refuse('', /empty/);
  await refuse('name,phnoe\nLi,1\n', /no column holds phone numbers; found "name", "phnoe"; did you mean "phnoe"\? map it: phnoe=number/);
  await refuse('name,phone\nLi,1\n', /no column has this header; did you mean "phone"/, { phon: 'number' });
  await refuse('name,phone\nLi,1\n', /"numbr" is not a field; did you mean "number"/, { phone: 'numbr' });
  await refuse('phone,name,name\n1,a,b\n', /two columns have this header/);
  await refuse('Li Wei,+86 138 1234 5678\nWang,+86 138 1234 5679\n', /^(?!.*(Li|1234)).*the first line looks like a person/);
  const second = await read('phone,email,mail\n13812345678,a@example.com,b\n');
  t.same(second.contacts[0]?.attributes, { mail: 'b' }, 'a second column for one thing is an attribute');
});

t.test('each wrong cell is named', async (t) => {
  const { refused, contacts } = await read(
    ['id,phone,phone 2,email,tz,country,lang,score,consent_marketing', '1,13812345678,13912345678,a@example.com,Asia/Shanghai,China,zh_CN,5,yes', '2,8.61391E+12,,x,Mars/Base,Narnia,!!,6,maybe', '3,,,,,,,7,', '4,13812345679,,,,,,many,2026-01-31', '5,13812345670,a,b,c,d,e,8,yes,extra'].join('\n'),
    {},
    { score: 'number' },
  );
  t.same(refused, ['3 phone number_mangled', '3 email email_invalid', '3 tz time_zone_invalid', '3 country country_invalid', '3 lang language_invalid', '3 consent_marketing consent_invalid', '4 - number_missing', '5 score attribute_type', '6 - cells_left_over']);
  t.equal(contacts.length, 1);
  t.match(contacts[0], { language: 'zh-CN', address: { country: 'CN' }, consents: [{ purpose: 'marketing', granted: true, at: NOW, evidence: 'imp:2' }] });
  t.same(contacts[0]?.numbers.map(({ label }) => label), ['phone', 'phone 2']);
});

t.test('a broken last line', async (t) => {
  for (const [end, code] of [['2,"13912345678', 'quote_not_closed'], ['2,1391', 'number_invalid']] as const) {
    const { refused, contacts } = await read(`id,phone\n1,13812345678\n${end}`);
    t.equal(contacts.length, 1);
    t.match(refused[0], new RegExp(`^3 .*${code}`));
  }
});

t.test('digits that are names stay text, and a type is settled once', async (t) => {
  const { found } = await read('phone,branch,long,flag,empty\n13812345678,007,1234567890123456,1,\n13912345678,12,1,0,\n');
  t.same(found?.columns?.map(({ becomes }) => becomes), ['number:phone', 'attribute:branch:text', 'attribute:long:text', 'attribute:flag:number', 'attribute:empty:text']);
  await t.rejects(read('phone,score\n13812345678,1\n', { map: { score: 'attribute:score:text' } }, { score: 'number' }), { code: 'TRK_IMPORT_INVALID', message: /number already, not text/ });
  const mapped = await read('a,b,c\n13812345678,5,x\n', { map: { a: 'number:home', b: 'attribute:points:text', c: 'ignore' } });
  t.match(mapped.contacts[0], { attributes: { points: '5' }, numbers: [{ label: 'home' }] });
});

t.test('NDJSON', async (t) => {
  const lines = [
    { externalId: 'a', numbers: ['13812345678', { number: '13912345678', label: 'work' }], attributes: { score: 720, vip: true }, tags: ['x'], address: { country: 'CN', city: '上海' }, consents: [{ purpose: 'marketing', granted: true, at: '2026-01-01T00:00:00Z' }] },
    { phone: '13812345677', score: '7', name: 'Li', nothing: null },
    { phone: '13812345676', attributes: { deep: { er: 1 } }, consents: [{ purpose: 'x' }], tags: 'a;b' },
  ];
  const { contacts, refused } = await read(`${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n[1]\n`, { format: 'ndjson' }, {}, 17);
  t.match(contacts[0], { externalId: 'a', attributes: { score: 720, vip: true }, address: { city: '上海' }, consents: [{ at: Date.UTC(2026, 0, 1) }] });
  t.match(contacts[1], { name: 'Li', attributes: { score: '7' } });
  t.same(refused, ['3 attributes.deep wrong_kind', '3 consents[0] consent_invalid', '4 - json_invalid', '5 - json_invalid']);
  const long = await read(`{"phone":"13812345678"}\n{"phone":"${'1'.repeat(70_000)}"}\n{"phone":"13812345679"}`, { format: 'ndjson' }, {}, 9_000);
  t.same(long.refused, ['2 - row_too_long']);
  t.equal(long.contacts.length, 2);
});
