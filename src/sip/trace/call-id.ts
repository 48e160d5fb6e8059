const CALL_ID = /^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)[ \t]*$/im;
/** RFC 3261 sets no limit; longer ones are nobody's that we want to trace. */
const MAX_LENGTH = 300;

/** Call-ID of a SIP message; undefined if it has none. */
export function callIdOf(message: string): string | undefined {
  const end = message.indexOf('\r\n\r\n');
  const found = CALL_ID.exec(end < 0 ? message : message.slice(0, end + 2).replaceAll('\r', ''))?.[1];
  if (found === undefined || found.length > MAX_LENGTH) return undefined;
  // A copy: what a pattern finds would keep the whole message in memory.
  return Buffer.from(found, 'latin1').toString('latin1');
}
