/** Rows of made-up customers, the same for every run; numbers in no order, as in real lists. */
const cities = ['上海', '北京', '广州', '深圳', '成都', 'Hangzhou', 'Wuhan', 'Nanjing'];
const segments = ['new', 'regular', 'gold', 'platinum'];
const HEADER = 'customer id,name,mobile,city,credit_score,segment,balance,since,tags\n';
const CHUNK = 64 * 1024;

/** A permutation of 0..2^27: each row has a number of its own. */
const scatter = (index: number): number => (Math.imul(index, 0x2c9277b5) >>> 5) & 0x7ffffff;

export function rowOf(index: number): string {
  const day = 1 + (index % 28);
  return `C${index},"客户, ${index}",13${String(100_000_000 + scatter(index)).slice(-9)},${cities[index % cities.length]},${300 + ((index * 7919) % 551)},${segments[(index >> 3) % segments.length]},${(index * 31) % 100_000}.${index % 100},2024-0${1 + (index % 9)}-${String(day).padStart(2, '0')},"${index % 5 === 0 ? 'vip;' : ''}june"\n`;
}

export async function* csvOf(rows: number): AsyncGenerator<Buffer> {
  let text = HEADER;
  for (let index = 0; index < rows; index += 1) {
    text += rowOf(index);
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}
