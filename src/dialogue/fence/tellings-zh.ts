import { MAY, plain, wordsIn } from './wording-zh.js';
import type { Circumstances } from './tellings-en.js';

type Row = readonly string[];

/** Where what a Chinese sentence is about ends. */
const HINGE = /^(?:#.*|[首免收付为是在可能不没有取送返需请要每最还才根按凭])$/;
/** A part that sounds so is a condition of the next one. */
const CONDITION = /(?:后|前|(?<!小)时|起|以上|以下|情况下?|为限|除外|满|到期|过期|两晚|三晚)$|^(?:如|若|只|除|凡|满|仅|限|须|当|要是|假如|一旦|按|持|对于|针对|凭|为了|不过?满)/;
/** A part that begins so follows from the one before it. */
const FOLLOWS = /^(?:才|便|则|即|可|能|不|没|免|送|赠|返|退|减|都|将|要|需|收|加|打|给|享|有)/;
/** It limits the one before it. */
const LIMITS = /^(?:但|不过|除|仅|只|限|须|必须|前提|条件|且|而且要|满|超|不满)|最[多少高低]|至[多少]|^每.*#|为限|除外|而定/;
const CONTRAST = /^但.*#/;
const OURSELVES = /^(?:我们|我行|本行|本店|网点|门店|诊所|公司|办公室|营业厅|酒店|商店|书店|客服)/;
const OPEN = /营业|开门|开放|上班/;
const REACHES = /的话|如果|要是|假如|只要|只有|除非|除了/;
/** The day may be told without the hours. */
const TIMED = /营业|开[放门]|送/;
const PLACE = /[楼层](?:上|下)$|(?:后面|前面|旁边|对面)$/;
const HOURS = /^#\d+:\d\d>\d+:\d\d$/;
const DAY = /^#(?:下+|上+|本)?(?:weekday|day|month|\d+-\d)/;

/** Every row of characters that tells a sentence: of it whole parts, with all that they hang on. */
export function tellingsOf(sentence: string, _before: string | undefined, { ourNames }: Circumstances): Set<string> {
  const words = wordsIn(sentence);
  const tellings = new Set<string>();
  const rows = partsOf(words, sentence).flatMap((row) => [row, ...withSubject(row, ourNames)]).flatMap(withHours).flatMap((row) => [row, ...swapped(row)]);
  for (const row of rows) {
    const told = plain(row);
    tellings.add(told);
    // What is so may be so; not the other way round, and not of what is denied.
    if (!told.endsWith(MAY) && !/[不没未]/.test(told)) tellings.add(told + MAY);
  }
  return tellings;
}

function subjectOf(row: Row): Row {
  const end = row.findIndex((word) => HINGE.test(word));
  return end < 0 || row.slice(0, end).some(isMark) ? [] : row.slice(0, end);
}

function isMark(word: string): boolean {
  return /^[，,；;]$/.test(word);
}

function partsOf(words: Row, sentence: string): Row[] {
  const cuts = words.flatMap((word, index) => (isMark(word) ? [index] : []));
  const parts = [0, ...cuts].map((from, index) => words.slice(index === 0 ? 0 : from + 1, cuts[index])).filter((part) => part.length > 0);
  // A condition may reach over all that follows.
  if (parts.length < 2 || REACHES.test(sentence)) return [words];
  const texts = parts.map((part) => part.join(''));
  const [first = []] = parts;
  const subject = subjectOf(first);
  const rows: Row[] = [words];
  for (const [index, part] of parts.entries()) {
    const text = texts[index] ?? '';
    const before = texts[index - 1];
    const hangs = (before !== undefined && (texts.slice(0, index).some((one) => CONDITION.test(one)) || FOLLOWS.test(text))) || (LIMITS.test(text) && !CONTRAST.test(text) && !/^满/.test(text)) || (CONDITION.test(text) && !/^满.*#.*[免送减打返]/.test(text));
    if (index > 0 && /^[它其这]/.test(text)) continue;
    const next = texts.slice(index + 1).find((one) => ((LIMITS.test(one) || /不/.test(one)) && !CONTRAST.test(one)) || FOLLOWS.test(one));
    if (hangs || next !== undefined) continue;
    const bare = part[0] === '但' ? part.slice(1) : part;
    // 但周一不开放 alone is said of nothing.
    if (part[0] !== '但') rows.push(bare);
    if (index > 0 && subject.length > 0 && subjectOf(bare).length === 0) rows.push([...subject, ...bare]);
    if (index > 0 && sentence.includes('在') && PLACE.test(text) && subject.length > 0) rows.push([...subject, '在', ...bare], [...first, '在', ...bare]);
  }
  return rows;
}

/** We for our house, which may also be left out, as a name of ours may. */
function withSubject(row: Row, ourNames: ReadonlySet<string>): Row[] {
  const house = OURSELVES.exec(row.join(''))?.[0];
  const subject = subjectOf(row);
  const rows: Row[] = [];
  if (house !== undefined) {
    const rest = row.slice(house.length);
    rows.push(['我', '们', ...rest]);
    if (house !== '我们') rows.push(['我', '们', ...row]);
    if (/^(?:#.*|不)$/.test(rest[0] ?? '')) rows.push(rest);
  }
  if (row[0]?.startsWith('#') === true && OPEN.test(row.join(''))) rows.push(['我', '们', ...row]);
  if (subject.length > 2 && subject.slice(0, 2).every((word) => ourNames.has(word))) rows.push(row.slice(subject.length));
  return rows;
}

/** The hours at the end, or left out where the day is told and nothing denied. */
function withHours(row: Row): Row[] {
  const at = row.findIndex((word) => HOURS.test(word));
  if (at < 0) return [row];
  const without = [...row.slice(0, at), ...row.slice(at + 1)];
  return row.some((word) => DAY.test(word)) && TIMED.test(row.join('')) && !row.some((word) => /^[不没未只仅]$/.test(word)) ? [row, without, [...without, row[at] ?? '']] : [row];
}

/** The day before its subject; 银行卡或者转账 and the other way round. */
function swapped(row: Row): Row[] {
  const rows: Row[] = [];
  const subject = subjectOf(row);
  const day = row.findIndex((word, index) => index >= subject.length && !word.startsWith('#'));
  if (subject.length > 0 && day > subject.length && row[subject.length]?.startsWith('#') === true && DAY.test(row[subject.length] ?? '')) rows.push([...row.slice(subject.length, day), ...subject, ...row.slice(day)]);
  const either = /^(.*用)([^，]+?)(或者?)([^，]+?)(付款|付|交)$/u.exec(row.join(''));
  if (either !== null && !row.some((word) => word.startsWith('#'))) rows.push([...`${either[1] ?? ''}${either[4] ?? ''}${either[3] ?? ''}${either[2] ?? ''}${either[5] ?? ''}`]);
  return rows;
}
