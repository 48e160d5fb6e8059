import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import type { Dialog, PlaceFailure, Signalling } from '../../sip/signalling.js';
import type { FreeswitchServer } from './server.js';

/** FreeSWITCH answers at once: it only has to open a port, ms. */
const ANSWER_MS = 3_000;

/** What of the signalling PORT is needed to have a channel in FreeSWITCH. */
export type Placing = Pick<Signalling, 'place'>;

/** Extension of FreeSWITCH's dialplan: `far` is steady where nothing comes in, `near` is fast where audio always does. */
export type LegKind = 'far' | 'near';

/** One channel in a FreeSWITCH: an INVITE of ours that its dialplan answers and parks. */
export class Leg {
  /** FreeSWITCH's id of the channel; it is the Call-ID of our INVITE. */
  readonly uuid: string;
  readonly #dialog: Dialog;
  readonly #server: FreeswitchServer;
  #sdp: string;
  #closing = false;

  private constructor(uuid: string, dialog: Dialog, server: FreeswitchServer) {
    this.uuid = uuid;
    this.#dialog = dialog;
    this.#server = server;
    this.#sdp = dialog.remoteSdp;
  }

  /** TRK_MEDIA_FREESWITCH_REFUSED, TRK_MEDIA_FREESWITCH_DOWN. `fixedSource`: RTP from elsewhere than its SDP says moves nothing. */
  static async open(server: FreeswitchServer, placing: Placing, random: Random, options: { kind: LegKind; sdp: string; fixedSource: boolean }): Promise<Leg> {
    const uuid = uuidFrom(random.bytes(16));
    try {
      const dialog = await placing.place({
        to: `sip:${options.kind}@${server.sipAddress}`,
        from: 'trunkline',
        callId: uuid,
        sdp: options.sdp,
        headers: { 'X-Trunkline-Fixed-Source': String(options.fixedSource) },
        ringTimeoutMs: ANSWER_MS,
      });
      return new Leg(uuid, dialog, server);
    } catch (error) {
      throw failure(error, server, 'a call leg');
    }
  }

  /** FreeSWITCH's description of this leg, the last one. */
  get sdp(): string {
    return this.#sdp;
  }

  /** Fires for any end that is not ours. */
  onLost(listener: () => void): void {
    this.#dialog.onEnd(({ by }) => {
      if (by !== 'local' && !this.#closing) listener();
    });
  }

  /** Tells FreeSWITCH of another other end; its port stays. Errors as of `open`. */
  async modify(sdp: string): Promise<void> {
    try {
      this.#sdp = await this.#dialog.modify(sdp);
    } catch (error) {
      throw failure(error, this.#server, 'a change of a call leg');
    }
  }

  /** Packets of audio that FreeSWITCH has sent on this leg. */
  async sentPackets(): Promise<number> {
    // The second command reads what the first one made; both go in one turn.
    const [, count] = await Promise.all([
      this.#server.command('figures of a leg', `uuid_set_media_stats ${this.uuid}`),
      this.#server.command('figures of a leg', `uuid_getvar ${this.uuid} rtp_audio_out_media_packet_count`),
    ]);
    return Number(count) || 0;
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#dialog.ended) return;
    const ended = new Promise<void>((resolve) => this.#dialog.onEnd(() => resolve()));
    try {
      // A bridged channel that hears nothing takes a BYE only after seconds; this it takes at once, and says BYE itself.
      await this.#server.command('the end of a leg', `uuid_kill ${this.uuid}`);
      await ended;
    } catch {
      await this.#dialog.hangup();
    }
  }
}

function failure(error: unknown, server: FreeswitchServer, what: string): TrunklineError {
  if (!(error instanceof TrunklineError)) throw error;
  if (error.code === 'TRK_MEDIA_FREESWITCH_DOWN') return error;
  const { status, reason } = (error.cause ?? {}) as Partial<PlaceFailure>;
  if (error.code === 'TRK_SIP_REJECTED') return new TrunklineError('TRK_MEDIA_FREESWITCH_REFUSED', { params: { server: server.name, what, reason: `${status ?? ''} ${reason ?? ''}`.trim() }, cause: error });
  return new TrunklineError('TRK_MEDIA_FREESWITCH_DOWN', { params: { server: server.name, reason: `its SIP side: ${error.message}` }, cause: error });
}

/** RFC 9562 5.4. */
function uuidFrom(bytes: Uint8Array): string {
  const copy = Buffer.from(bytes);
  copy[6] = (copy[6]! & 0x0f) | 0x40;
  copy[8] = (copy[8]! & 0x3f) | 0x80;
  return copy.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
