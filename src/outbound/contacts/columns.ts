import { cut } from '../../kernel/text.js';
import type { AttributeType } from '../../store/contact-filter.js';
import { nearest } from '../audiences/nearest.js';

/** What a column of a file becomes. */
export type ColumnTarget =
  | { readonly to: 'externalId' | 'name' | 'firstName' | 'lastName' | 'email' | 'language' | 'timeZone' | 'country' | 'region' | 'city' | 'postalCode' | 'street' | 'tags' }
  | { readonly to: 'number'; readonly label: string | undefined }
  | { readonly to: 'consent'; readonly purpose: string }
  | { readonly to: 'attribute'; readonly name: string; readonly type: AttributeType | undefined }
  | { readonly to: 'ignore' };

export interface Column {
  readonly header: string;
  readonly target: ColumnTarget;
}

type Field = Exclude<ColumnTarget, { to: 'attribute' | 'consent' | 'ignore' }>['to'];

/** Headers as they are found in files, in English and Chinese, without case, spaces and signs. */
const names: Readonly<Record<Field, readonly string[]>> = {
  externalId: ['externalid', 'id', 'customerid', 'contactid', 'crmid', 'userid', 'customerno', 'customernumber', 'accountid', '编号', '客户编号', '客户id', '用户id', '会员号', '客户号', '編號', '客戶編號', '會員編號'],
  number: ['number', 'phone', 'phonenumber', 'mobile', 'mobilephone', 'mobilenumber', 'cell', 'cellphone', 'telephone', 'tel', 'msisdn', 'homephone', 'workphone', 'businessphone', 'contactnumber', '电话', '手机', '手机号', '手机号码', '电话号码', '联系电话', '联系方式', '移动电话', '座机', '固定电话', '電話', '手機', '手機號碼', '行動電話', '聯絡電話'],
  name: ['name', 'fullname', 'contactname', 'customername', 'customer', '姓名', '名字', '客户姓名', '客户名称', '联系人', '客戶姓名', '聯絡人'],
  firstName: ['firstname', 'givenname', 'forename', '名'],
  lastName: ['lastname', 'surname', 'familyname', '姓'],
  email: ['email', 'emailaddress', 'mail', '邮箱', '电子邮箱', '电子邮件', '邮件', '電子郵件', '電郵'],
  language: ['language', 'lang', 'locale', '语言', '语种', '語言'],
  timeZone: ['timezone', 'tz', '时区', '時區'],
  country: ['country', 'countrycode', '国家', '国家代码', '國家'],
  region: ['region', 'state', 'province', '省', '省份', '州', '地區'],
  city: ['city', 'town', '城市', '市'],
  postalCode: ['postalcode', 'postcode', 'zip', 'zipcode', '邮编', '邮政编码', '郵遞區號'],
  street: ['street', 'address', 'streetaddress', 'addressline1', '地址', '街道', '详细地址'],
  tags: ['tags', 'tag', 'labels', 'groups', '标签', '分组', '標籤'],
};

const byName = new Map<string, Field>();
for (const [field, list] of Object.entries(names) as [Field, readonly string[]][]) for (const name of list) byName.set(name, field);

const bare = (header: string): string => header.toLowerCase().replace(/[\s_\-./()（）:：*#]+/g, '');

/** Name of an attribute in expressions; others are made from the header. */
const ATTRIBUTE_NAME = /^[\p{L}_][\p{L}\p{N}_]{0,63}$/u;

/** `Credit score (2026)` as `credit_score_2026`; Chinese stays as it is. Undefined if nothing is left. */
function attributeName(header: string): string | undefined {
  const name = header.normalize('NFC').trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^_+|_+$/g, '');
  const full = cut(/^\p{N}/u.test(name) ? `_${name}` : name, 64);
  return ATTRIBUTE_NAME.test(full) ? full : undefined;
}

const types: readonly AttributeType[] = ['text', 'number', 'boolean', 'date'];

/** `--map` in words: `number`, `number:home`, `attribute:score:number`, `consent:marketing`, `ignore`, ... Undefined: there is no such field. */
export function parseTarget(text: string, header: string): ColumnTarget | undefined {
  const [to = '', first, second] = text.split(':');
  if (to === 'ignore') return { to };
  if (to === 'number') return { to, label: first === undefined || first === '' ? undefined : cut(first, 40) };
  if (to === 'consent') return first !== undefined && /^[a-z][a-z0-9_.-]{0,63}$/.test(first) ? { to, purpose: first } : undefined;
  if (to === 'attribute') {
    const name = first === undefined || first === '' ? attributeName(header) : ATTRIBUTE_NAME.test(first) ? first : undefined;
    const type = types.find((one) => one === second);
    return name === undefined || (second !== undefined && type === undefined) ? undefined : { to, name, type };
  }
  return Object.hasOwn(names, to) ? ({ to } as ColumnTarget) : undefined;
}

/** The words that `parseTarget` knows. */
const targetWords: readonly string[] = [...Object.keys(names), 'consent', 'attribute', 'ignore'];

export interface ColumnProblem {
  readonly column: string;
  readonly reason: string;
}

export type ColumnPlan = { readonly columns: readonly Column[] } | { readonly problem: ColumnProblem };

/** What each column becomes: what was asked for, else what its header says, else an attribute. */
export function planColumns(headers: readonly string[], map: Readonly<Record<string, string>>): ColumnPlan {
  const seen = new Set<string>();
  for (const header of headers) {
    if (header.trim() !== '' && seen.has(header)) return { problem: { column: header, reason: 'two columns have this header' } };
    seen.add(header);
  }
  // Nobody's number is repeated in what is told of it.
  if (headers.some((header) => header.replace(/\D/g, '').length >= 7)) return { problem: { column: '', reason: 'the first line looks like a person: put a line with the names of the columns before it' } };
  for (const wanted of Object.keys(map)) {
    if (!seen.has(wanted)) return { problem: { column: wanted, reason: `no column has this header${meant(wanted, headers)}` } };
  }
  const taken = new Map<string, string>();
  const columns: Column[] = [];
  for (const header of headers) {
    const asked = map[header];
    const target = asked === undefined ? byHeader(header) : parseTarget(asked, header);
    if (target === undefined) return { problem: { column: header, reason: `"${asked ?? ''}" is not a field${meant(asked ?? '', targetWords)}` } };
    const place = placeOf(target);
    const other = place === undefined ? undefined : taken.get(place);
    if (place !== undefined && other !== undefined) {
      // Two headers that mean the same thing: the second is kept as an attribute unless both were asked for.
      const name = asked === undefined ? attributeName(header) : undefined;
      if (name === undefined || taken.has(`attribute:${name}`)) return { problem: { column: header, reason: `it means the same as the column "${other}"; map one of them` } };
      taken.set(`attribute:${name}`, header);
      columns.push({ header, target: { to: 'attribute', name, type: undefined } });
      continue;
    }
    if (place !== undefined) taken.set(place, header);
    columns.push({ header, target });
  }
  if (!columns.some(({ target }) => target.to === 'number')) {
    const headerList = headers.filter((header) => header.trim() !== '').slice(0, 20).map((header) => `"${cut(header, 40)}"`).join(', ');
    const near = headers.map((header) => ({ header, name: nearest(bare(header), names.number) })).find(({ name }) => name !== undefined)?.header;
    return { problem: { column: '', reason: `no column holds phone numbers; found ${headerList}${near === undefined ? '' : `; did you mean "${near}"? map it: ${near}=number`}` } };
  }
  return { columns };
}

const meant = (wanted: string, among: readonly string[]): string => {
  const near = nearest(wanted, among);
  return near === undefined ? '' : `; did you mean "${near}"?`;
};

function byHeader(header: string): ColumnTarget {
  const plain = bare(header);
  if (plain === '') return { to: 'ignore' };
  const consent = /^(?:consent|opt_?in)[_\s:-]+([A-Za-z][A-Za-z0-9_.-]{0,63})$/i.exec(header.trim());
  if (consent !== null) return { to: 'consent', purpose: consent[1]!.toLowerCase() };
  // `phone 2`, `mobile_1`: more numbers of the same person.
  const field = byName.get(plain) ?? (byName.get(plain.replace(/[0-9一二三]$/, '')) === 'number' ? 'number' : undefined);
  if (field === 'number') return { to: 'number', label: cut(header.trim(), 40) };
  if (field !== undefined) return { to: field };
  const name = attributeName(header);
  return name === undefined ? { to: 'ignore' } : { to: 'attribute', name, type: undefined };
}

/** What may be filled by one column only. */
function placeOf(target: ColumnTarget): string | undefined {
  if (target.to === 'ignore' || target.to === 'number') return undefined;
  if (target.to === 'consent') return `consent:${target.purpose}`;
  return target.to === 'attribute' ? `attribute:${target.name}` : target.to;
}
