export type Part = { readonly partial: boolean; readonly start: number; readonly end: number };

/** RFC 9110 section 14.2: a Range that is malformed or has several parts may be ignored, and is. */
export function partOf(header: string | undefined, size: number): Part | 'unsatisfiable' {
  const whole = { partial: false, start: 0, end: size - 1 };
  const range = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (range === null || (range[1] === '' && range[2] === '')) return whole;
  if (range[1] === '') {
    // suffix-range (RFC 9110 section 14.1.2): the last so many bytes.
    const length = Number(range[2]);
    return length === 0 || size === 0 ? 'unsatisfiable' : { partial: true, start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(range[1]);
  const end = range[2] === '' ? size - 1 : Math.min(Number(range[2]), size - 1);
  if (range[2] !== '' && Number(range[2]) < start) return whole;
  return start >= size ? 'unsatisfiable' : { partial: true, start, end };
}
