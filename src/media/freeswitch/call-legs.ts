import { delay } from '../../kernel/clock.js';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import type { AudioCodec } from '../../sdp/codecs.js';
import { AUDIO_CODECS, TELEPHONE_EVENT_PAYLOAD_TYPE } from '../../sdp/codecs.js';
import { Leg } from './leg.js';
import type { Placing } from './leg.js';
import { describeEnd, readEnd } from './sdp.js';
import type { FreeswitchEnd, StreamEnd } from './sdp.js';
import type { FreeswitchServer } from './server.js';

/** How often, and how many times, FreeSWITCH is asked whether audio passes, ms. */
const FLOWING_POLL_MS = 10;
const FLOWING_TRIES = 30;
/** A channel of a new bridge throws away what comes first. */
const SETTLED_PACKETS = 4;

export interface LegsContext {
  readonly placing: Placing;
  readonly random: Random;
  readonly server: FreeswitchServer;
  /** Where the native core listens for this call. */
  readonly nativeAddress: string;
  readonly nativePort: number;
  /** Learn the far end's source from its packets. */
  readonly nat: boolean;
}

/**
 * The two channels of a call in FreeSWITCH: one to the far end, one to the
 * native core. Both carry one codec with one packet length, so that packets pass
 * through without being decoded.
 */
export class CallLegs {
  readonly far: Leg;
  readonly near: Leg;
  readonly #context: LegsContext;
  readonly #sessionId: string;
  #version = 1;
  #carried: Carriage;
  #toFar: string;

  private constructor(context: LegsContext, legs: { far: Leg; near: Leg }, opened: { sessionId: string; carried: Carriage; toFar: string }) {
    this.#context = context;
    this.far = legs.far;
    this.near = legs.near;
    this.#sessionId = opened.sessionId;
    this.#carried = opened.carried;
    this.#toFar = opened.toFar;
  }

  /** `end`: the far end, or a stand-in until it is known. Nothing is left behind on failure. TRK_MEDIA_FREESWITCH_*. */
  static async open(context: LegsContext, end: StreamEnd): Promise<CallLegs> {
    const { server, placing, random, nat } = context;
    const sessionId = String(Buffer.from(random.bytes(4)).readUInt32BE(0));
    const toFar = describeEnd(end, sessionId, 1);
    const carried = { codec: end.codec, ptimeMs: end.ptimeMs };
    const toNear = describeEnd(nativeEnd(context, carried), sessionId, 1);
    const [far, near] = await Promise.allSettled([
      Leg.open(server, placing, random, { kind: 'far', sdp: toFar, fixedSource: !nat }),
      Leg.open(server, placing, random, { kind: 'near', sdp: toNear, fixedSource: true }),
    ]);
    if (far.status === 'fulfilled' && near.status === 'fulfilled') {
      const legs = new CallLegs(context, { far: far.value, near: near.value }, { sessionId, carried, toFar });
      try {
        await server.bridge(far.value.uuid, near.value.uuid);
        return legs;
      } catch (error) {
        void legs.close();
        throw error;
      }
    }
    for (const leg of [far, near]) if (leg.status === 'fulfilled') void leg.value.close();
    throw far.status === 'rejected' ? far.reason : (near as PromiseRejectedResult).reason;
  }

  /** FreeSWITCH's end towards the far end. TRK_SDP_*. */
  farEnd(): FreeswitchEnd {
    return readEnd(this.far.sdp, this.#carried.codec);
  }

  /** True where the near leg has to change, too. */
  differs(end: StreamEnd): boolean {
    return end.codec !== this.#carried.codec || end.ptimeMs !== this.#carried.ptimeMs;
  }

  /** The far end changed, or is known now. The codec and packet length of both legs follow it. */
  async change(end: StreamEnd): Promise<void> {
    const toFar = describeEnd(end, this.#sessionId, 1);
    const carried = { codec: end.codec, ptimeMs: end.ptimeMs };
    const sameCarriage = !this.differs(end);
    if (toFar === this.#toFar && sameCarriage) return;
    this.#version++;
    await Promise.all([
      toFar === this.#toFar ? undefined : this.far.modify(describeEnd(end, this.#sessionId, this.#version)),
      sameCarriage ? undefined : this.near.modify(describeEnd(nativeEnd(this.#context, carried), this.#sessionId, this.#version)),
    ]);
    this.#toFar = toFar;
    this.#carried = carried;
  }

  /** Resolves when audio of ours leaves FreeSWITCH: what it gets while it joins the legs it throws away. */
  async flowing(clock: Clock): Promise<void> {
    for (let tries = 0; tries < FLOWING_TRIES; tries++) {
      if ((await this.far.sentPackets()) >= SETTLED_PACKETS) return;
      await delay(clock, FLOWING_POLL_MS);
    }
  }

  onLost(listener: (error: TrunklineError) => void): void {
    const tell = (): void => listener(new TrunklineError('TRK_MEDIA_FREESWITCH_LOST', { params: { server: this.#context.server.name, reason: 'it ended a leg of the call' } }));
    this.far.onLost(tell);
    this.near.onLost(tell);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.far.close(), this.near.close()]);
  }
}

interface Carriage {
  readonly codec: AudioCodec;
  readonly ptimeMs: number;
}

function nativeEnd(context: LegsContext, { codec, ptimeMs }: Carriage): StreamEnd {
  return {
    address: context.nativeAddress,
    port: context.nativePort,
    rtcpPort: context.nativePort + 1,
    codec,
    payloadType: AUDIO_CODECS[codec].staticPayloadType ?? 0,
    telephoneEventPayloadType: TELEPHONE_EVENT_PAYLOAD_TYPE,
    ptimeMs,
    rtcpMux: false,
    crypto: undefined,
  };
}
