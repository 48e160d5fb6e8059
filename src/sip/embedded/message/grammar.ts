/** Small pieces of the RFC 3261 section 25.1 grammar that several parsers share. */

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~") */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Takes SP and HTAB off both ends: String.trim() would take more, such as the U+FEFF of RFC 4475 3.1.1.2. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Splits a header value at its top-level commas (RFC 3261 7.3.1): those inside
 * quoted strings and angle brackets separate nothing. Empty elements are kept,
 * because whether they are allowed depends on the header.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return [value];
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < value.length; i++) {
    const char = value.charCodeAt(i);
    if (quoted) {
      if (char === 0x5c) i++;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x3c) bracketed = true;
    else if (char === 0x3e) bracketed = false;
    else if (char === 0x2c && !bracketed) {
      parts.push(trimSpace(value.slice(start, i)));
      start = i + 1;
    }
  }
  parts.push(trimSpace(value.slice(start)));
  return parts;
}

/** Index just after the quoted string that begins at `start`, or -1 if it never ends. */
export function quotedEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x5c) i++;
    else if (char === 0x22) return i + 1;
  }
  return -1;
}

/** Content of a quoted string, quotes and escapes taken off. */
export function unquote(text: string): string {
  if (text.length < 2 || text[0] !== '"') return text;
  return text.slice(1, -1).replace(/\\([^])/g, '$1');
}

/** `text` as a quoted string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
