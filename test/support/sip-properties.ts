import { inspectRequest } from '../../src/sip/embedded/message/inspect.js';
import { createResponse, serialize } from '../../src/sip/embedded/message/message.js';
import { parseMessage, SipParseError } from '../../src/sip/embedded/message/parse.js';
import { StreamFramer } from '../../src/sip/embedded/transport/stream-framer.js';

/**
 * What must hold for any bytes that come off the network; throws if it does not.
 * Returns whether they were a message.
 */
export function checkBytes(data: Buffer): boolean {
  let parsed;
  try {
    parsed = parseMessage(data, { stream: false });
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    // Whatever is refused can be answered from what was read, and the answer is one message.
    if (error.responseStatus !== undefined) answerable(serialize(createResponse(error.partial!, error.responseStatus, undefined, { toTag: 'x' })));
    return false;
  }
  const { message, consumed } = parsed;
  if (consumed > data.length) throw new Error('consumed more than there was');
  const wire = serialize(message);
  const again = parseMessage(wire, { stream: true });
  if (again.consumed !== wire.length) throw new Error('own output holds more than one message');
  if (!serialize(again.message).equals(wire)) throw new Error('serialize(parse(x)) is not stable');
  if (message.kind === 'request') {
    const refusal = inspectRequest(message, { challenge: () => 'Digest realm="r"' });
    answerable(serialize(createResponse(message, refusal?.status ?? 200, refusal?.reason, { toTag: 'x', headers: refusal?.headers ?? [] })));
  }
  return true;
}

/** An answer of ours must end where it says and hold exactly one empty line before its body. */
function answerable(bytes: Buffer): void {
  if (bytes.indexOf('\r\n\r\n') !== bytes.length - 4) throw new Error('an answer was split by what it copied');
}

/** The same bytes as a stream, cut at `cuts`: the same messages come out wherever it is cut. */
export function checkStream(data: Buffer, cuts: readonly number[]): void {
  const whole = describe([data]);
  const positions = [...new Set(cuts.map((cut) => cut % (data.length + 1)))].sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const position of [...positions, data.length]) {
    pieces.push(data.subarray(from, position));
    from = position;
  }
  const cut = describe(pieces);
  if (JSON.stringify(whole) !== JSON.stringify(cut)) throw new Error('the framing depends on where the stream is cut');
}

function describe(pieces: readonly Buffer[]): string[] {
  const framer = new StreamFramer();
  const frames = [...pieces.flatMap((piece) => framer.push(piece)), ...framer.finish()];
  // Keep-alives are seen only when their empty lines come together.
  return frames
    .filter((frame) => frame.kind !== 'ping')
    .map((frame) => (frame.kind === 'message' ? serialize(frame.message).toString('latin1') : frame.kind === 'failure' ? `${frame.error.reason} ${frame.fatal}` : ''));
}
