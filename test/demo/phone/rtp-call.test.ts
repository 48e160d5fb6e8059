import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import type { Test } from 'tap';
import { encodeG711 } from '../../../src/audio/g711.js';
import { tone } from '../../../src/audio/tone.js';
import { RtpCall } from '../../../src/demo/phone/rtp-call.js';
import { formatDigit, formatRtp, parseRtp } from '../../../src/demo/phone/rtp-packet.js';
import type { RtpPacket } from '../../../src/demo/phone/rtp-packet.js';
import type { TalkEvent } from '../../../src/demo/phone/talk-script.js';
import type { NegotiatedAudio } from '../../../src/sdp/offer-answer.js';

const LOUD = encodeG711('PCMA', tone([500], 20, 8000, -15).samples);

async function rig(t: Test, dtmf = ''): Promise<{ call: RtpCall; events: TalkEvent[]; digits: string[]; far: RemoteInfo; arrive: (more: Partial<RtpPacket>, atMs: number, from?: RemoteInfo) => void; packet: () => Promise<RtpPacket> }> {
  const open = async (): Promise<Socket> => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    t.teardown(() => socket.close());
    return socket;
  };
  const [own, other] = [await open(), await open()];
  const events: TalkEvent[] = [];
  const digits: string[] = [];
  const call = new RtpCall({
    socket: own,
    record: true,
    ssrc: 0xdead_beef,
    onTalk: (event) => events.push(event),
    onDigit: (digit) => digits.push(digit),
    script: {
      steps: dtmf === '' ? [] : [{ clip: undefined, dtmf, after: 0, thinkMs: 0, bargeInAfterMs: undefined, timeoutMs: 1000, label: '' }],
      hangupAfter: 'never',
      speechThresholdDbfs: -40,
      botThresholdDbfs: -50,
      botSilenceMs: 200,
      maxCallMs: 60_000,
      noiseDbfs: undefined,
    },
  });
  const far: RemoteInfo = { address: '127.0.0.1', port: other.address().port, family: 'IPv4', size: 0 };
  const remote: NegotiatedAudio = {
    address: far.address, port: far.port, rtcpPort: far.port + 1, codec: 'PCMA', payloadType: 8, receivePayloadType: 8,
    telephoneEventPayloadType: 96, receiveTelephoneEventPayloadType: 101, comfortNoisePayloadType: 13, ptimeMs: 20, direction: 'sendrecv',
  };
  call.negotiated(remote);
  return {
    call,
    events,
    digits,
    far,
    arrive: (more, atMs, from = far) => call.received(formatRtp({ payloadType: 8, marker: false, sequence: 1, timestamp: 0, ssrc: 1, payload: LOUD, ...more }), from, atMs),
    packet: async () => parseRtp(((await once(other, 'message')) as [Buffer])[0])!,
  };
}

t.test('sends a packet a tick, numbered and timed by 160', async (t) => {
  const { call, packet } = await rig(t);
  const packets: RtpPacket[] = [];
  for (const ms of [0, 20, 40]) {
    const coming = packet();
    call.tick(ms, ms);
    packets.push(await coming);
  }
  t.same(packets.map(({ marker }) => marker), [true, false, false]);
  t.same(packets.map(({ sequence }) => (sequence - packets[0]!.sequence) & 0xffff), [0, 1, 2]);
  t.same(packets.map(({ timestamp }) => (timestamp - packets[0]!.timestamp) >>> 0), [0, 160, 320]);
  t.ok(packets.every(({ payload, payloadType }) => payloadType === 8 && payload.length === 160));
});

t.test('digits go out with the number of the far end and one timestamp', async (t) => {
  const { call, packet } = await rig(t, '7');
  call.established(0);
  const packets: RtpPacket[] = [];
  for (const ms of [0, 20, 40, 60, 80, 100, 120]) {
    const coming = packet();
    call.tick(ms, ms);
    packets.push(await coming);
  }
  t.ok(packets.every(({ payloadType, timestamp }) => payloadType === 96 && timestamp === packets[0]!.timestamp));
  t.same(packets.map(({ payload }) => payload[1]! >> 7), [0, 0, 0, 0, 1, 1, 1]);
});

for (const first of [0, 127, 32_767, 32_768, 65_534, 65_535]) {
  t.test(`loss is counted across sequence number ${first}`, async (t) => {
    const { call, arrive } = await rig(t);
    // 10 numbers, one missing, two swapped, one doubled.
    for (const offset of [0, 1, 3, 2, 4, 6, 6, 7, 8, 9]) arrive({ sequence: (first + offset) & 0xffff, timestamp: offset * 160 }, offset * 20);
    const { stats } = call.close();
    t.equal(stats.packetsReceived, 10);
    // As RFC 3550 A.3 counts: a doubled packet hides a lost one.
    t.equal(stats.packetsLost, 0);
    const again = await rig(t);
    for (const offset of [0, 1, 3, 4, 9]) again.arrive({ sequence: (first + offset) & 0xffff }, offset * 20);
    t.equal(again.call.close().stats.packetsLost, 5);
  });
}

t.test('what is not for us is refused and not heard', async (t) => {
  const { call, arrive, events, far } = await rig(t);
  arrive({}, 0, { ...far, port: far.port + 1 });
  arrive({ payloadType: 0 }, 0);
  call.received(Buffer.from('garbage'), far, 0);
  arrive({ payloadType: 13, payload: Uint8Array.of(40) }, 0);
  t.same(events, []);
  t.equal(call.close().stats.packetsRefused, 3, 'comfort noise is not refused');
});

t.test('a digit counts once, at its first end', async (t) => {
  const { arrive, digits } = await rig(t);
  const press = (timestamp: number, digit: string): void => {
    for (const [duration, end] of [[160, false], [320, false], [480, true], [480, true], [480, true]] as const) {
      arrive({ payloadType: 101, timestamp, payload: formatDigit(digit, duration, end) }, 0);
    }
  };
  press(1000, '5');
  press(5000, '5');
  press(9000, '*');
  t.same(digits, ['5', '5', '*']);
});

t.test('the recording stands on the time line of the stream, not of its jitter', async (t) => {
  const { call, arrive } = await rig(t);
  call.tick(100, 100);
  for (const [index, late] of [0, 15, 3, 19].entries()) arrive({ sequence: index, timestamp: index * 160 }, 150 + index * 20 + late);
  const { heard } = call.close();
  t.equal(heard.length, 50 * 8 + 4 * 160);
  t.ok(heard.subarray(400).every((sample, index, all) => sample === all[index % 160]), 'no holes');
});

t.test('on hold nothing is sent, but it is still heard', async (t) => {
  const { call, arrive, events, far } = await rig(t);
  call.negotiated({
    address: far.address, port: far.port, rtcpPort: 1, codec: 'PCMA', payloadType: 8, receivePayloadType: 8, telephoneEventPayloadType: undefined,
    receiveTelephoneEventPayloadType: undefined, comfortNoisePayloadType: undefined, ptimeMs: 20, direction: 'recvonly',
  });
  call.tick(0, 0);
  arrive({}, 5);
  t.match(events, [{ event: 'bot_speech_start' }]);
  t.equal(call.close().stats.packetsSent, 0);
});
