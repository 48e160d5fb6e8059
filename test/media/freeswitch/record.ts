import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/kernel/clock.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { FreeswitchEngine } from '../../../src/media/freeswitch/engine.js';
import { NativeEngine } from '../../../src/media/native/engine.js';
import { freeMediaPorts } from '../../support/ports.js';
import { RtpFarEnd } from '../rtp-far-end.js';
import { openReal, realServer } from './real.js';

/**
 * Writes `recorded/exchanges.json`: what a real FreeSWITCH, named by TRUNKLINE_TEST_FREESWITCH,
 * answers to each command that the adapter sends in a call, its one event, and its SDP.
 * `node --import tsx test/media/freeswitch/record.ts`
 */
export const RECORDED = fileURLToPath(new URL('./recorded/exchanges.json', import.meta.url));

export interface Recorded {
  readonly version: string;
  /** In order, with `UUID`, `FAR`, `NEAR` and ports in the place of what changes. */
  readonly exchanges: readonly { readonly command: string; readonly answer: string }[];
  readonly event: string;
  readonly sdp: Readonly<Record<string, string>>;
}

/** Headers of an event that the adapter, or the library below it, reads. */
const READ = ['Event-Name', 'Core-UUID', 'Unique-ID', 'Bridge-A-Unique-ID', 'Bridge-B-Unique-ID', 'Channel-State', 'Answer-State'];

async function record(): Promise<void> {
  const named = realServer();
  if (named === undefined) throw new Error('TRUNKLINE_TEST_FREESWITCH must name a FreeSWITCH');
  const sent: string[] = [];
  const answered: string[] = [];
  const proxy = createServer((client) => {
    const server = connect(named.port, named.host);
    let commands = '';
    let answers = '';
    client.on('data', (data) => (commands += data.toString(), server.write(data)));
    server.on('data', (data) => (answers += data.toString('latin1'), client.write(data)));
    client.on('close', () => (sent.push(commands), answered.push(answers), server.destroy()));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    server.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const under = await openReal({ ...named, host: '127.0.0.1', port: (proxy.address() as AddressInfo).port });
  const sdp: Record<string, string> = {};
  const uuids: Record<string, string> = {};
  const engine = new FreeswitchEngine({
    pool: under.pool,
    native: new NativeEngine({ address: '127.0.0.1', ...(await freeMediaPorts(5)), timeoutMs: 0 }),
    placing: {
      place: async (request) => {
        const kind = /^sip:(\w+)@/.exec(request.to)![1]!;
        uuids[request.callId] = kind.toUpperCase();
        const dialog = await under.placing.place(request);
        sdp[kind] = dialog.remoteSdp.replace(/^(o=\S+ )\d+ \d+/m, '$1ID VERSION').replace(/IP4 (?!127)[\d.]+/g, 'IP4 127.0.0.1').replace(/^m=audio \d+/m, 'm=audio PORT').replace(/^a=rtcp:\d+/m, 'a=rtcp:RTCP');
        return dialog;
      },
    },
    clock: systemClock,
    random: systemRandom,
  });
  const far = await RtpFarEnd.open();
  const session = engine.createSession({ codecs: ['PCMU'] });
  await session.acceptOffer(far.sdp());
  await session.features.sendDtmf('1');
  await session.features.play('/nowhere.wav').catch(() => undefined);
  await engine.close();
  await under.close();
  far.close();
  proxy.close();
  // The probe's connection and the one that stays.
  while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const clean = (text: string): string => Object.entries(uuids).reduce((all, [uuid, name]) => all.replaceAll(uuid, name), text).replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, 'UUID');
  const commands = sent.flatMap((text) => clean(text).split('\n\n')).map((command) => command.replace(/^auth .*/, 'auth PASSWORD').trim()).filter((command) => command !== '');
  const { replies, events } = split(answered);
  const event = events.map((body) => JSON.parse(clean(body)) as Record<string, string>).find((one) => one['Event-Name'] === 'CHANNEL_BRIDGE') ?? {};
  const recorded: Recorded = {
    version: replies.find((reply) => reply.startsWith('FreeSWITCH Version')) ?? process.argv[2] ?? '',
    exchanges: commands.map((command, index) => ({ command, answer: clean(replies[index] ?? '') })).filter(({ command }) => command !== 'exit'),
    event: JSON.stringify(Object.fromEntries(Object.entries(event).filter(([name]) => READ.includes(name)))),
    sdp,
  };
  writeFileSync(RECORDED, `${JSON.stringify(recorded, undefined, 2)}\n`);
}

/** Bodies of answers and of events of several connections. */
function split(streams: readonly string[]): { replies: string[]; events: string[] } {
  const replies: string[] = [];
  const events: string[] = [];
  for (let text of streams) {
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const head = text.slice(0, end);
      const length = Number(/^Content-Length: (\d+)/m.exec(head)?.[1] ?? 0);
      const body = text.slice(end + 2, end + 2 + length);
      text = text.slice(end + 2 + length);
      if (head.includes('text/event-json')) events.push(body);
      else if (/command\/reply|api\/response/.test(head)) replies.push(length > 0 ? body : (/Reply-Text: (.*)/.exec(head)?.[1] ?? ''));
    }
  }
  return { replies, events };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await record();
