import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { connectMrf } from './fsmrf-types.js';
import type { MrfMediaServer } from './fsmrf-types.js';
import { ProbeFailure, probe } from './probe.js';

/** From the probe to a connection that takes commands, ms. */
const CONNECT_MS = 3_000;
const COMMAND_MS = 5_000;
/** From the command until both channels have left what they did before; a channel without incoming audio looks up every 20 ms. */
const BRIDGE_MS = 2_000;
/** Commands whose answers may be waited for at once; FreeSWITCH works them off one by one. */
const MAX_WAITING = 1_000;

export interface EventSocketOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly clock: Clock;
}

/** One connection to the event socket of one FreeSWITCH. */
export class EventSocket {
  readonly coreUuid: string;
  /** `host:port` that takes our INVITEs. */
  readonly sipAddress: string;
  /** Numeric address of the server. */
  readonly address: string;
  readonly #options: EventSocketOptions;
  readonly #media: MrfMediaServer;
  #ended = false;
  #waiting = 0;
  readonly #endListeners: (() => void)[] = [];
  readonly #bridged = new Map<string, () => void>();

  private constructor(options: EventSocketOptions, media: MrfMediaServer, coreUuid: string) {
    this.#options = options;
    this.#media = media;
    this.coreUuid = coreUuid;
    this.address = media.conn.socket?.remoteAddress?.replace(/^::ffff:/, '') ?? options.host;
    this.sipAddress = media.sip.ipv4.udp.address ?? '';
    const { conn } = media;
    // The library would reconnect by itself, without end, and print that it does.
    conn.removeAllListeners('esl::end');
    const end = (): void => {
      conn.closing = true;
      if (this.#ended) return;
      this.#ended = true;
      for (const listener of this.#endListeners) listener();
    };
    conn.on('error', end);
    conn.on('esl::end', end);
    conn.on('esl::event::CHANNEL_BRIDGE::*', (event) => this.#bridged.get(event.getHeader('Unique-ID') ?? '')?.());
    conn.subscribe(['HEARTBEAT', 'CHANNEL_BRIDGE']);
  }

  /** TRK_MEDIA_FREESWITCH_DOWN with the reason, within 3 s. */
  static async open(options: EventSocketOptions, signal: AbortSignal): Promise<EventSocket> {
    const down = (reason: string): TrunklineError => new TrunklineError('TRK_MEDIA_FREESWITCH_DOWN', { params: { server: options.name, reason } });
    let late = false;
    let timer: Timer | undefined;
    try {
      const { coreUuid } = await probe(options, options.clock, signal);
      const connecting = connectMrf(options);
      // The deadline does not stop the library: what it brings too late is thrown away.
      connecting.then((media) => (late ? hangUp(media) : undefined), () => undefined);
      const media = await Promise.race([
        connecting,
        new Promise<never>((_resolve, reject) => {
          timer = options.clock.after(CONNECT_MS, () => reject(new ProbeFailure('it stopped answering while we connected')), { keepAlive: false });
        }),
      ]);
      if (signal.aborted) {
        hangUp(media);
        throw new ProbeFailure('closed');
      }
      return new EventSocket(options, media, coreUuid);
    } catch (error) {
      late = true;
      throw down(error instanceof Error ? error.message : String(error));
    } finally {
      timer?.cancel();
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Fires once, not for `close`. */
  onEnd(listener: () => void): void {
    this.#endListeners.push(listener);
  }

  /** The body of the answer. TRK_MEDIA_FREESWITCH_DOWN if none comes within `limitMs`. */
  api(command: string, limitMs = COMMAND_MS): Promise<string> {
    const { clock, name } = this.#options;
    const down = (reason: string): TrunklineError => new TrunklineError('TRK_MEDIA_FREESWITCH_DOWN', { params: { server: name, reason } });
    // A command ends with an empty line: what follows one would be a command of its own.
    if (/[\r\n\0]/.test(command)) return Promise.reject(new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'a FreeSWITCH command holds a line break' } }));
    if (this.#ended) return Promise.reject(down('the connection is gone'));
    if (this.#waiting >= MAX_WAITING) return Promise.reject(down('too many commands wait'));
    return new Promise((resolve, reject) => {
      this.#waiting++;
      const timer = clock.after(limitMs, () => reject(down(`no answer to a command for ${limitMs} ms`)), { keepAlive: false });
      this.#media.conn.api(command, (response) => {
        timer.cancel();
        this.#waiting--;
        resolve(response.getBody() ?? '');
      });
    });
  }

  /** Joins two channels; resolves when audio passes between them. TRK_MEDIA_FREESWITCH_DOWN, TRK_MEDIA_FREESWITCH_REFUSED. */
  async bridge(one: string, other: string): Promise<void> {
    const { clock, name } = this.#options;
    const failed = (reason: string): TrunklineError => new TrunklineError('TRK_MEDIA_FREESWITCH_REFUSED', { params: { server: name, what: 'a bridge', reason } });
    let timer: Timer | undefined;
    // FreeSWITCH tells of it under one of the two; its answer to the command comes long before.
    const passes = new Promise<void>((resolve, reject) => {
      for (const uuid of [one, other]) this.#bridged.set(uuid, resolve);
      timer = clock.after(BRIDGE_MS, () => reject(failed('it did not come about')), { keepAlive: false });
    });
    try {
      const answer = await this.api(`uuid_bridge ${one} ${other}`);
      if (!answer.startsWith('+OK')) throw failed(answer.trim().slice(0, 200));
      await passes;
    } finally {
      timer?.cancel();
      for (const uuid of [one, other]) this.#bridged.delete(uuid);
    }
  }

  close(): void {
    this.#ended = true;
    hangUp(this.#media);
  }
}

function hangUp(media: MrfMediaServer): void {
  const { conn } = media;
  const { socket } = conn;
  conn.closing = true;
  media.disconnect();
  // A server that hangs never answers our farewell.
  socket?.destroy();
  conn.on('error', () => undefined);
}
