import t from 'tap';
import { limits } from '../../../../src/sip/embedded/message/limits.js';
import { StreamFramer } from '../../../../src/sip/embedded/transport/stream-framer.js';
import { growth, isLinear } from '../../../support/growth.js';
import type { Frame } from '../../../../src/sip/embedded/transport/stream-framer.js';

function message(body: string, contentLength: string | null = String(Buffer.byteLength(body)), method = 'MESSAGE'): string {
  const lines = [
    `${method} sip:a@b SIP/2.0`,
    'Via: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKx',
    'From: <sip:c@d>;tag=1',
    'To: <sip:a@b>',
    'Call-ID: framer',
    `CSeq: 1 ${method}`,
    ...(contentLength === null ? [] : [`Content-Length: ${contentLength}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function words(frames: readonly Frame[]): string[] {
  return frames.map((frame) => {
    if (frame.kind === 'message') return frame.message.body.toString();
    if (frame.kind === 'failure') return `${frame.error.responseStatus ?? 'drop'}${frame.fatal ? ' fatal' : ''}`;
    return 'ping';
  });
}

function push(framer: StreamFramer, text: string): string[] {
  return words(framer.push(Buffer.from(text)));
}

t.test('RFC 3261 18.3: Content-Length parts the stream, several messages to a read and several reads to a message', (t) => {
  const stream = Buffer.from(message('one') + message('') + message('drei ist größer'));
  t.same(words(new StreamFramer().push(stream)), ['one', '', 'drei ist größer']);
  for (let size = 1; size < 40; size++) {
    const framer = new StreamFramer();
    const heard: string[] = [];
    for (let at = 0; at < stream.length; at += size) heard.push(...words(framer.push(stream.subarray(at, at + size))));
    t.same(heard, ['one', '', 'drei ist größer'], `in pieces of ${size}`);
    t.notOk(framer.partial);
  }
  t.end();
});

t.test('RFC 5626 3.5.1: CRLF CRLF is a ping, a single CRLF is nothing, and neither disturbs what follows', (t) => {
  const framer = new StreamFramer();
  t.same(push(framer, '\r\n\r\n'), ['ping']);
  t.same(push(framer, '\r\n'), []);
  t.notOk(framer.partial);
  t.same(push(framer, '\r'), []);
  t.same(push(framer, `\n${message('after')}`), ['after'], 'even when CR and LF come apart');
  t.end();
});

t.test('a refused message whose length is known leaves the stream in order', (t) => {
  const framer = new StreamFramer();
  t.same(push(framer, message('x').replace('To: <', 'To: "<') + message('next')), ['400', 'next']);
  t.end();
});

t.test('when the length is not known the stream is over', (t) => {
  for (const length of ['-1', '5\r\nContent-Length: 6', 'abc', '99999999999', '']) {
    const framer = new StreamFramer();
    t.same(push(framer, message('hello', length) + message('next')), ['400 fatal'], length);
    t.same(push(framer, message('more')), []);
  }
  t.end();
});

t.test('what is not SIP ends the stream without an answer', (t) => {
  for (const text of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\x02\r\n\r\n', 'hello\r\n\r\n']) {
    t.same(push(new StreamFramer(), text), ['drop fatal'], JSON.stringify(text));
  }
  t.end();
});

t.test('limits: too large a body is refused at its head, an endless head is cut off', (t) => {
  t.same(push(new StreamFramer(), message('', String(limits.streamMessageBytes))), ['413 fatal']);
  const framer = new StreamFramer();
  const frames: string[] = [];
  let pushed = 0;
  while (frames.length === 0 && pushed < 2 * limits.headBytes) {
    frames.push(...push(framer, 'X: y\r\n'.repeat(100)));
    pushed += 600;
  }
  t.same(frames, ['drop fatal']);
  t.ok(pushed <= limits.headBytes + 600);
  t.end();
});

t.test('a body near the limit in small pieces costs no quadratic time', (t) => {
  const size = limits.streamMessageBytes - 1_000;
  const [short, long] = [size / 2, size].map((length) => Buffer.from(message('x'.repeat(length))));
  const inPieces = (stream: Buffer): string[] => {
    const framer = new StreamFramer();
    const heard: string[] = [];
    for (let at = 0; at < stream.length; at += 20) heard.push(...words(framer.push(stream.subarray(at, at + 20))));
    return heard;
  };
  t.same(inPieces(long!).map((body) => body.length), [size]);
  // Joining 256 KiB for each of 13,000 pieces would move 1.7 GB.
  const factor = growth(() => void inPieces(short!), () => void inPieces(long!));
  t.ok(isLinear(factor), `${factor.toFixed(1)} times as long for twice the length`);
  t.end();
});

t.test('RFC 4475 3.4.1: without Content-Length the body lasts until the peer falls silent', (t) => {
  const framer = new StreamFramer();
  t.same(push(framer, message('open ', null)), []);
  t.ok(framer.openEnded);
  t.same(push(framer, 'end'), []);
  t.same(words(framer.flush()), ['open end']);
  t.notOk(framer.partial);
  t.same(push(framer, message('next')), ['next']);
  t.end();
});

t.test('judge: an unfinished head that is wrong already is refused, one that may still be right is not', (t) => {
  const bad = new StreamFramer();
  push(bad, message('').replace('To: <sip:a@b>', 'To: Bell, Alexander <sip:a@b>').slice(0, -2));
  t.same(words(bad.judge()), ['400 fatal']);
  const folded = new StreamFramer();
  push(folded, message('').replace(/Content-Length[^]*/, 'Contact:\r\n'));
  t.same(words(folded.judge()), [], 'a continuation line may make the last field whole');
  t.same(push(folded, ' <sip:x@y>\r\nContent-Length: 2\r\n\r\nok'), ['ok']);
  const half = new StreamFramer();
  push(half, message('').slice(0, 40));
  t.same(words(half.judge()), []);
  t.end();
});

t.test('finish: what is incomplete when the stream ends is refused', (t) => {
  const shortBody = new StreamFramer();
  push(shortBody, message('short', '99'));
  t.same(words(shortBody.finish()), ['400 fatal']);
  const noEnd = new StreamFramer();
  push(noEnd, message('').slice(0, -2));
  t.same(words(noEnd.finish()), ['400 fatal']);
  const openEnded = new StreamFramer();
  push(openEnded, message('open', null));
  t.same(words(openEnded.finish()), ['open']);
  t.same(words(new StreamFramer().finish()), []);
  t.end();
});
