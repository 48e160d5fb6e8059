import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { systemClock } from '../../../src/kernel/clock.js';
import { TrunklineError } from '../../../src/kernel/errors.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { FreeswitchPool } from '../../../src/media/freeswitch/pool.js';
import type { Dialog, DialogEnd, OutgoingCallRequest } from '../../../src/sip/signalling.js';
import { serverOptions } from './real.js';
import type { FreeswitchUnderTest } from './real.js';
import { RECORDED } from './record.js';
import type { Recorded } from './record.js';

const PASSWORD = 'a password of the test';

/** One leg: what FreeSWITCH has of it is a port, and where to send. */
class ScriptedLeg {
  readonly rtp: UdpSocket;
  target: { address: string; port: number };
  other: ScriptedLeg | undefined;
  sent = 0;
  readonly #ends: ((end: DialogEnd) => void)[] = [];
  #end: DialogEnd | undefined;

  private constructor(rtp: UdpSocket, target: ScriptedLeg['target'], fixed: boolean) {
    this.rtp = rtp;
    this.target = target;
    rtp.on('message', (packet, from) => {
      if (!fixed) this.target = from;
      if (from.port === this.target.port) this.other?.forward(packet);
    });
  }

  static async open(sdp: string, fixed: boolean): Promise<ScriptedLeg> {
    const rtp = createSocket('udp4');
    rtp.bind(0, '127.0.0.1');
    await once(rtp, 'listening');
    return new ScriptedLeg(rtp, targetOf(sdp), fixed);
  }

  forward(packet: Buffer): void {
    this.sent++;
    if (this.#end === undefined) this.rtp.send(packet, this.target.port, this.target.address);
  }

  onEnd(listener: (end: DialogEnd) => void): void {
    if (this.#end !== undefined) listener(this.#end);
    else this.#ends.push(listener);
  }

  finish(end: DialogEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.rtp.close();
    for (const listener of this.#ends) listener(end);
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }
}

function targetOf(sdp: string): { address: string; port: number } {
  return { address: /^c=IN IP4 (\S+)/m.exec(sdp)![1]!, port: Number(/^m=audio (\d+)/m.exec(sdp)![1]) };
}

/** An event socket and its SIP side that answer as a real FreeSWITCH was recorded to, over real sockets. */
export class ScriptedFreeswitch {
  readonly legs = new Map<string, ScriptedLeg>();
  /** Connects and says nothing: what a hanging server does. */
  silent = false;
  coreUuid = '12d8cec2-d590-4e82-befc-2942bfb29e3c';
  readonly commands: string[] = [];
  readonly #recorded: Recorded;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.#recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Recorded;
    server.on('connection', (socket) => this.#onConnection(socket));
  }

  static async listen(): Promise<ScriptedFreeswitch> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ScriptedFreeswitch(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** As `Signalling.place`, answered with the recorded SDP. */
  place = async (request: OutgoingCallRequest): Promise<Dialog> => {
    if (this.silent || !this.#server.listening) throw new TrunklineError('TRK_SIP_TIMEOUT', { cause: { status: 408, reason: 'no response' } });
    const kind = /^sip:(\w+)@/.exec(request.to)![1]!;
    const leg = await ScriptedLeg.open(request.sdp, request.headers?.['X-Trunkline-Fixed-Source'] === 'true');
    this.legs.set(request.callId, leg);
    const answer = (offer: string): string => {
      const { port } = leg.rtp.address();
      const [, formats] = /^m=audio \d+ (.*)\r$/m.exec(offer)!;
      // FreeSWITCH answers the one codec and packet length that it is offered.
      const lines = offer.split('\r\n').filter((line) => /^a=(?:rtpmap|fmtp|ptime)/.test(line));
      const recorded = this.#recorded.sdp[kind]!.split('\r\n').filter((line) => !/^a=(?:rtpmap|fmtp|ptime)|^$/.test(line));
      return [...recorded, ...lines, ''].join('\r\n').replace(/^m=audio PORT.*$/m, `m=audio ${port} ${formats}`).replace('RTCP', String(port + 1)).replace('ID VERSION', '1 1');
    };
    return {
      callId: request.callId,
      remoteSdp: answer(request.sdp),
      localSdp: request.sdp,
      get ended() {
        return leg.ended;
      },
      onEnd: (listener: (end: DialogEnd) => void) => leg.onEnd(listener),
      modify: async (sdp: string) => {
        leg.target = targetOf(sdp);
        return answer(sdp);
      },
      hangup: async () => leg.finish({ by: 'local', reason: 'BYE' }),
    } as unknown as Dialog;
  };

  /** As a process that ends: no connection is left, no port answers. */
  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const leg of this.legs.values()) leg.other = undefined;
    await new Promise<void>((resolve) => (this.#server.listening ? this.#server.close(() => resolve()) : resolve()));
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    if (!this.silent) socket.write('Content-Type: auth/request\n\n');
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const command = text.slice(0, end).trim();
        text = text.slice(end + 2);
        if (!this.silent) this.#answer(socket, command);
      }
    });
  }

  #answer(socket: Socket, command: string): void {
    this.commands.push(command);
    if (command === 'exit') return void socket.end();
    if (command.startsWith('auth ')) return void socket.write(`Content-Type: command/reply\nReply-Text: ${command === `auth ${PASSWORD}` ? '+OK accepted' : '-ERR invalid'}\n\n`);
    const uuids = [...command.matchAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g)].map(([uuid]) => uuid);
    const general = uuids.reduce((all, uuid, index) => all.replace(uuid, index === 0 ? 'FAR' : 'NEAR'), command);
    const body = this.#act(general, uuids) ?? this.#recorded.exchanges.find((exchange) => exchange.command === general)?.answer ?? '-ERR not recorded\n';
    const answer = body.replaceAll('FAR', uuids[0] ?? '').replaceAll('NEAR', uuids[1] ?? '');
    if (command.startsWith('api ')) socket.write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(answer)}\n\n${answer}`);
    else socket.write(`Content-Type: command/reply\nReply-Text: ${answer}\n\n`);
    if (general === 'api uuid_bridge FAR NEAR') {
      const event = this.#recorded.event.replaceAll('FAR', uuids[0]!).replaceAll('NEAR', uuids[1]!);
      socket.write(`Content-Length: ${Buffer.byteLength(event)}\nContent-Type: text/event-json\n\n${event}`);
    }
  }

  /** Does what the command asks for; the answer where it is not the recorded one. */
  #act(general: string, uuids: readonly string[]): string | undefined {
    const [far, near] = uuids.map((uuid) => this.legs.get(uuid));
    if (general === 'api global_getvar core_uuid') return this.coreUuid;
    if (general === 'api uuid_bridge FAR NEAR' && far && near) [far.other, near.other] = [near, far];
    if (general === 'api uuid_getvar FAR rtp_audio_out_media_packet_count') return String(far?.sent ?? 0);
    if (general === 'api uuid_kill FAR') far?.finish({ by: 'remote', reason: 'BYE' });
    if (general === 'api uuid_kill NEAR') near?.finish({ by: 'remote', reason: 'BYE' });
    return undefined;
  }
}

export function scriptedOptions(server: ScriptedFreeswitch, more: Parameters<typeof serverOptions>[3] = {}): ReturnType<typeof serverOptions> {
  return serverOptions('127.0.0.1', server.port, PASSWORD, more);
}

/** The suites' FreeSWITCH where no real one is named. */
export async function openScripted(): Promise<FreeswitchUnderTest> {
  const server = await ScriptedFreeswitch.listen();
  const pool = new FreeswitchPool([scriptedOptions(server)], { clock: systemClock, random: systemRandom, log: silentLogger });
  await pool.start();
  return {
    pool,
    placing: server,
    real: false,
    close: async () => {
      pool.close();
      await server.kill();
    },
  };
}
