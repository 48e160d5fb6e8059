import t from 'tap';
import { encodeFrame, FrameDecoder, MAX_FRAME_BYTES, parsePayload } from '../../../../src/sip/embedded/admin-protocol/frame.js';

t.test('the length counts UTF-8 bytes, not characters', async (t) => {
  const frame = encodeFrame('id|sip|a', 'é😀');
  t.equal(frame.toString('utf8'), `${8 + 2 + 6}#id|sip|a\r\né😀`);
  t.same(new FrameDecoder().push(frame), ['id|sip|a\r\né😀']);
});

t.test('frames split at every byte, and several in one read, come out whole and in order', async (t) => {
  const frames = [encodeFrame('1|ping'), encodeFrame('2|sip||', 'INVITE sip:ü@x SIP/2.0\r\n\r\nbody #12#|'), encodeFrame('3|route|invite')];
  const all = Buffer.concat(frames);
  const whole = new FrameDecoder().push(all);
  t.equal(whole.length, 3);
  for (let cut = 1; cut < all.length; cut += 1) {
    const decoder = new FrameDecoder();
    t.same([...decoder.push(all.subarray(0, cut)), ...decoder.push(all.subarray(cut))], whole, `cut at ${cut}`);
  }
  const bytewise = new FrameDecoder();
  const seen: string[] = [];
  for (const byte of all) seen.push(...bytewise.push(Buffer.from([byte])));
  t.same(seen, whole);
});

t.test('fields keep empty places, and a frame without message has none', async (t) => {
  t.same(parsePayload('a|sip||dlg|'), { id: 'a', type: 'sip', fields: ['', 'dlg', ''], message: undefined });
  t.same(parsePayload('a|sip|x\r\nOPTIONS\r\n\r\n'), { id: 'a', type: 'sip', fields: ['x'], message: 'OPTIONS\r\n\r\n' });
});

t.test('what is no frame is refused with a code', async (t) => {
  for (const [bytes, code] of [
    ['hello', 'TRK_SIP_PARSE'],
    ['#abc', 'TRK_SIP_PARSE'],
    ['-1#a', 'TRK_SIP_PARSE'],
    ['0#', 'TRK_SIP_PARSE'],
    ['1e3#a', 'TRK_SIP_PARSE'],
    ['9999999#', 'TRK_SIP_PARSE'],
    [`${MAX_FRAME_BYTES + 1}#`, 'TRK_SIP_TOO_LARGE'],
  ] as const) {
    t.throws(() => new FrameDecoder().push(Buffer.from(bytes)), { code }, bytes);
  }
  const largest = encodeFrame('x'.repeat(MAX_FRAME_BYTES));
  t.equal(new FrameDecoder().push(largest)[0]?.length, MAX_FRAME_BYTES);
});
