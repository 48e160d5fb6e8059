/** The encoding of rtpengine's control protocol: integers, strings, lists, dictionaries. */
export type Bencoded = string | number | readonly Bencoded[] | { readonly [key: string]: Bencoded };

export function encodeBencode(value: Bencoded): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return Buffer.from(`${Buffer.byteLength(value)}:${value}`);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from('l'), ...(value as readonly Bencoded[]).map(encodeBencode), Buffer.from('e')]);
  const entries = Object.entries(value as Readonly<Record<string, Bencoded>>).flatMap(([key, one]) => [encodeBencode(key), encodeBencode(one)]);
  return Buffer.concat([Buffer.from('d'), ...entries, Buffer.from('e')]);
}

/** Throws on what is not whole. */
export function decodeBencode(data: Buffer): Bencoded {
  let at = 0;
  const until = (mark: string): string => {
    const end = data.indexOf(mark, at);
    if (end < 0) throw new Error(`no ${mark} after byte ${at}`);
    const text = data.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const value = (): Bencoded => {
    const kind = String.fromCharCode(data[at] ?? 0);
    if (kind === 'i') {
      at += 1;
      return Number(until('e'));
    }
    if (kind === 'l' || kind === 'd') {
      at += 1;
      const items: Bencoded[] = [];
      while (data[at] !== 0x65) items.push(value());
      at += 1;
      if (kind === 'l') return items;
      return Object.fromEntries(Array.from({ length: items.length / 2 }, (_, index) => [items[2 * index] as string, items[2 * index + 1]!]));
    }
    const length = Number(until(':'));
    if (!(length >= 0) || at + length > data.length) throw new Error(`no string at byte ${at}`);
    at += length;
    return data.toString('utf8', at - length, at);
  };
  return value();
}
