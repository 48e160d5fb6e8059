import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import t from 'tap';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { ServerProcess } from '../support/server-process.js';
import { Sipp } from '../support/sipp.js';
import { askAgain } from '../support/timer-e.js';
import { longFarewellFlow, shortFlow } from './flows.js';

// A thousand datagrams of rubbish on the SIP port and on the RTP port of a running
// call: the server goes on answering, the call ends as it would have, and it is counted.

const COUNT = 1_000;
const server = await ServerProcess.start({ inbound: [{ number: '*', flow: 'garbage-inbound' }] });
t.teardown(() => server.stop());
await server.publish(longFarewellFlow('garbage'));
await server.publish(shortFlow('garbage-inbound'));

async function open(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(0, '127.0.0.1', resolve));
  t.teardown(() => socket.close());
  return socket;
}

/** Sends them in small bursts: the RTP socket is read once in 20 ms, and all must be there to be counted. */
async function pour(socket: Socket, port: number, make: (index: number) => Buffer): Promise<void> {
  for (let index = 0; index < COUNT; index += 1) {
    await new Promise<void>((resolve, reject) => socket.send(make(index), port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
    if (index % 20 === 19) await delay(systemClock, 20);
  }
}

const OPTIONS = (port: number, to: number): string =>
  [`OPTIONS sip:127.0.0.1:${to} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK-garbage-${to}-${port}`, 'Max-Forwards: 70', `From: <sip:tester@127.0.0.1:${port}>;tag=1`, `To: <sip:127.0.0.1:${to}>`, `Call-ID: garbage-${port}`, 'CSeq: 1 OPTIONS', 'Content-Length: 0', '', ''].join('\r\n');

async function answersOptions(): Promise<boolean> {
  const socket = await open();
  const answer = new Promise<string>((resolve) => socket.on('message', (data) => resolve(data.toString('latin1'))));
  const text = await askAgain(answer, () => socket.send(OPTIONS(socket.address().port, server.sipPort), server.sipPort, '127.0.0.1'));
  return text?.startsWith('SIP/2.0 200 ') === true;
}

/** Noise, and things that begin as SIP and go wrong. */
function sipGarbage(index: number): Buffer {
  const whole = Buffer.from(OPTIONS(9, server.sipPort));
  switch (index % 5) {
    case 0: return randomBytes(1 + (index % 1_400));
    case 1: return whole.subarray(0, index % whole.length);
    case 2: return Buffer.concat([whole.subarray(0, 20), randomBytes(60), whole.subarray(20)]);
    case 3: return Buffer.from('INVITE sip:x SIP/2.0\r\nContent-Length: 99999999\r\n\r\n');
    default: return Buffer.from(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnone${index}\r\nCSeq: 1 INVITE\r\n\r\n`);
  }
}

/** Not RTP at all, or RTP in a payload type that was never agreed. */
function rtpGarbage(index: number): Buffer {
  const packet = randomBytes(1 + (index % 400));
  if (index % 2 === 0) packet[0] = (packet[0] ?? 0) & 0x3f;
  else if (packet.length >= 2) packet.set([0x80, 77]);
  return packet;
}

t.test('on the SIP port', async (t) => {
  const socket = await open();
  await pour(socket, server.sipPort, sipGarbage);
  t.ok(await answersOptions(), 'OPTIONS is answered afterwards');
  const metrics = await (await fetch(`${server.api}/metrics`)).text();
  const unreadable = Number(/^trunkline_sip\{what="unreadable"\} (\d+)$/m.exec(metrics)?.[1]);
  t.ok(unreadable > COUNT * 0.5, `what could not be read is counted: ${unreadable} of ${COUNT}`);
  const caller = await Sipp.start({ scenario: 'caller-listens', target: { port: server.sipPort, user: 'anyone' } });
  await caller.done();
  t.match(await server.resultsWhen('garbage-inbound', 1), [{ disposition: 'answered_human', endedBy: 'bot' }], 'and calls are taken');
});

t.test('on the RTP port of a running call, from a stranger and from the far end', async (t) => {
  const [phone, stranger] = [await open(), await open()];
  let heard = 0;
  phone.on('message', () => (heard += 1));
  const sipp = await Sipp.start({ scenario: 'callee-answers-elsewhere', keys: { audio_port: phone.address().port } });
  const task = await server.createTask({ to: `sip:callee@127.0.0.1:${sipp.port}`, flow: 'garbage' });
  await server.event((event) => event.type === 'call.transcript' && event.data.taskId === task, 20_000, 'first words');
  const rtpPort = Number(/m=audio (\d+)/.exec(sipp.messages)?.[1]);
  await Promise.all([pour(stranger, rtpPort, rtpGarbage), pour(phone, rtpPort, rtpGarbage), pour(stranger, server.sipPort, sipGarbage)]);
  t.ok(await answersOptions());
  const result = await server.result(task);
  await sipp.done();
  t.match(result, { disposition: 'answered_human', endedBy: 'bot', reason: 'flow_end', verdict: { kind: 'follow_up', template: 'contract' } });
  const media = result.media ?? {};
  t.ok((media['packetsRefused'] ?? 0) >= 2 * COUNT * 0.95, `what came is counted as refused: ${media['packetsRefused']}`);
  t.ok((media['packetsReceived'] ?? 0) <= COUNT * 0.05, `and none of it as audio: ${media['packetsReceived']}`);
  // The statistics of a result are a few ticks old.
  const sent = media['packetsSent'] ?? 0;
  t.ok(sent > 300 && heard >= sent && heard - sent < 25, `every packet of ours arrived: ${sent} counted, ${heard} heard`);
});
