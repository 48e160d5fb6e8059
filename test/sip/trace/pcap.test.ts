import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { pcapOf } from '../../../src/sip/trace/pcap.js';
import { TraceRing } from '../../../src/sip/trace/trace-ring.js';
import type { CallTrace, RtpHeader, TapPath } from '../../../src/sip/trace/trace.js';
import { ManualClock } from '../../support/manual-clock.js';

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8\r\na=sendrecv\r\n';
const UDP: TapPath = { protocol: 'udp', localAddress: '192.0.2.1', localPort: 5060, remoteAddress: '198.51.100.7', remotePort: 5062 };

function invite(body = SDP, extra = ''): string {
  return `INVITE sip:bob@198.51.100.7 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:bob@198.51.100.7>\r\nCall-ID: a@x\r\nCSeq: 1 INVITE\r\n${extra}Content-Type: application/sdp\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
const answer = (status: string): string => `SIP/2.0 ${status}\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:bob@198.51.100.7>;tag=2\r\nCall-ID: a@x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n`;

function rtpHeader(sequence: number): Uint8Array {
  const header = Buffer.alloc(12);
  header.set([0x80, 8]);
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(160 * sequence, 4);
  header.writeUInt32BE(0xdecade, 8);
  return header;
}

function traceOf(messages: readonly (readonly ['in' | 'out', string, TapPath])[], rtp: readonly RtpHeader[] = []): CallTrace {
  const clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
  const ring = new TraceRing(clock, { maxBytes: 1e7, maxCalls: 10, perCall: 100, keepMs: 1e6 });
  ring.leg('call_1', 'a@x');
  for (const [direction, raw, path] of messages) {
    clock.advance(10);
    ring.message(direction, raw, path);
  }
  ring.rtp('call_1', { maxBytes: 0, read: () => rtp });
  const found = ring.find('call_1');
  ring.close();
  if (found === undefined) throw new Error('no trace');
  return found;
}

/** Debian's tshark reads what we wrote, with every checksum verified. */
async function dissect(dir: string, pcap: Buffer, fields: readonly string[], options: readonly string[] = []): Promise<string[][]> {
  const file = join(dir, 'call.pcap');
  writeFileSync(file, pcap);
  const checks = ['ip.check_checksum', 'udp.check_checksum', 'tcp.check_checksum'].flatMap((name) => ['-o', `${name}:TRUE`]);
  const { stdout } = await promisify(execFile)('tshark', ['-r', file, '-n', ...checks, ...options, '-T', 'fields', '-E', 'separator=\t', ...fields.flatMap((field) => ['-e', field])]);
  return stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
}

t.test('SIP over UDP on IPv4 and IPv6, with right checksums and times', async (t) => {
  const six: TapPath = { ...UDP, localAddress: '2001:db8::1', remoteAddress: '2001:db8:0:1:2::9' };
  const rows = await dissect(t.testdir(), pcapOf(traceOf([['out', invite(), UDP], ['in', answer('180 Ringing'), UDP], ['in', answer('200 OK'), six]])),
    ['frame.time_epoch', 'ip.src', 'ipv6.src', 'udp.srcport', 'udp.dstport', 'sip.Method', 'sip.Status-Code', 'sdp.media', 'ip.checksum.status', 'udp.checksum.status', '_ws.malformed']);
  t.same(rows, [
    ['1780315200.010000000', '192.0.2.1', '', '5060', '5062', 'INVITE', '', 'audio 20000 RTP/AVP 8', '1', '1', ''],
    ['1780315200.020000000', '198.51.100.7', '', '5062', '5060', '', '180', '', '1', '1', ''],
    ['1780315200.030000000', '', '2001:db8:0:1:2::9', '5062', '5060', '', '200', '', '', '1', ''],
  ]);
});

t.test('SIP over TCP is one stream, large messages are put together again, and TLS is shown in clear', async (t) => {
  const tcp: TapPath = { ...UDP, protocol: 'tcp', remotePort: 40_000 };
  const large = invite(SDP, `X-Large: ${'x'.repeat(40_000)}\r\n`);
  const tls: TapPath = { ...UDP, protocol: 'tls', localPort: 5061, remotePort: 50_000 };
  const rows = await dissect(t.testdir(), pcapOf(traceOf([['in', large, tcp], ['out', answer('100 Trying'), tcp], ['out', answer('200 OK'), tcp], ['out', answer('486 Busy Here'), tls]])),
    ['tcp.stream', 'tcp.srcport', 'tcp.seq', 'tcp.ack', 'sip.Method', 'sip.Status-Code', 'tcp.checksum.status', 'tcp.analysis.flags']);
  t.same(rows.map((row) => [row[0], row[1], row[4], row[5], row[6], row[7]]), [
    ['0', '40000', '', '', '1', ''],
    ['0', '40000', '', '', '1', ''],
    ['0', '40000', 'INVITE', '', '1', ''],
    ['0', '5060', '', '100', '1', ''],
    ['0', '5060', '', '200', '1', ''],
    ['1', '5060', '', '486', '1', ''],
  ]);
});

t.test('RTP headers are RTP, as long as they were, without their audio', async (t) => {
  const local = { address: '192.0.2.1', port: 20_000 };
  const remote = { address: '198.51.100.7', port: 30_000 };
  const rtp = [1, 2, 3].map((sequence): RtpHeader => ({ atMs: 100 + sequence * 20, direction: sequence === 2 ? 'in' : 'out', local, remote, header: rtpHeader(sequence), length: 172 }));
  const rows = await dissect(t.testdir(), pcapOf(traceOf([['out', invite(), UDP]], rtp)), ['frame.len', 'frame.cap_len', 'udp.length', 'ip.src', 'rtp.seq', 'rtp.p_type', 'rtp.ssrc', 'ip.checksum.status'], ['-d', 'udp.port==20000,rtp']);
  t.same(rows.slice(1), [
    ['200', '40', '180', '192.0.2.1', '1', '8', '0x00decade', '1'],
    ['200', '40', '180', '198.51.100.7', '2', '8', '0x00decade', '1'],
    ['200', '40', '180', '192.0.2.1', '3', '8', '0x00decade', '1'],
  ]);
});

t.test('without any hint, the SDP tells tshark which packets are RTP', async (t) => {
  const local = { address: '192.0.2.1', port: 20_000 };
  const rtp: RtpHeader[] = [{ atMs: 500, direction: 'in', local, remote: { address: '198.51.100.7', port: 30_000 }, header: rtpHeader(7), length: 172 }];
  const rows = await dissect(t.testdir(), pcapOf(traceOf([['out', invite(), UDP]], rtp)), ['frame.protocols', 'rtp.seq']);
  t.match(rows[1], [/rtp$/, '7']);
});

t.test('ends that are unknown or no addresses still make a file', async (t) => {
  const rows = await dissect(t.testdir(), pcapOf(traceOf([['out', invite(), { ...UDP, localAddress: '', localPort: 0, remoteAddress: 'sip.example.com', remotePort: 5060 }], ['in', answer('200 OK'), { ...UDP, localAddress: '192.0.2.1', remoteAddress: '::1' }]])), ['ip.src', 'ip.dst', 'ipv6.dst', 'sip.Method']);
  t.same(rows, [['0.0.0.0', '0.0.0.0', '', 'INVITE'], ['', '', '::ffff:192.0.2.1', '']]);
});
