import { TrunklineError } from '../../kernel/errors.js';
import type { Audio } from '../../audio/frame.js';
import type { Clock } from '../../kernel/clock.js';
import type { Random } from '../../kernel/random.js';
import type { AudioCodec } from '../../sdp/codecs.js';
import { AUDIO_CODECS, TELEPHONE_EVENT_PAYLOAD_TYPE } from '../../sdp/codecs.js';
import { SRTP_KEY_BYTES, SRTP_SUITES } from '../../sdp/crypto.js';
import type { LocalSrtp } from '../../sdp/crypto.js';
import { answerOffer, createOffer, readAnswer } from '../../sdp/offer-answer.js';
import type { LocalAudio, NegotiatedAudio } from '../../sdp/offer-answer.js';
import type { DtmfEvent, MediaSession, MediaSessionOptions, MediaStats, PlayOptions, Playout } from '../media-session.js';
import { CallLegs } from './call-legs.js';
import { FreeswitchFeatures } from './features.js';
import type { ForkServer } from './fork-server.js';
import type { Placing } from './leg.js';
import type { FreeswitchPool } from './pool.js';
import { addressIn, codecsIn, withDirection } from './sdp.js';
import type { FreeswitchEnd, StreamEnd } from './sdp.js';
import type { Carried, FreeswitchServer } from './server.js';

/** RFC 863: what is sent here by mistake is thrown away. */
const DISCARD_PORT = 9;

export interface FreeswitchSessionContext {
  readonly pool: FreeswitchPool;
  readonly placing: Placing;
  readonly random: Random;
  readonly clock: Clock;
  readonly forks: ForkServer;
  readonly options: MediaSessionOptions;
  /** Opens our end for a FreeSWITCH at this address. */
  openNative(address: string): MediaSession;
  onClose(session: FreeswitchSession, legsClosed: Promise<void>): void;
}

/**
 * One call whose far end talks to FreeSWITCH, and FreeSWITCH to a session of the
 * native core: what is played, heard, paced and recorded here is the native core's.
 */
export class FreeswitchSession implements MediaSession, Carried {
  readonly id: number;
  readonly #native: MediaSession;
  readonly #context: FreeswitchSessionContext;
  readonly #sdpSessionId: number;
  #server: FreeswitchServer;
  #legs: CallLegs | undefined;
  #nativeOffer: string | undefined;
  #end: FreeswitchEnd | undefined;
  #offer: string | undefined;
  /** What we last sent, for the number and order of streams. */
  #described: string | undefined;
  #sdpVersion = 0;
  #remote: NegotiatedAudio | undefined;
  #negotiating: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Audio was seen to come out of FreeSWITCH. */
  #flows = false;
  #lostError: TrunklineError | undefined;
  readonly #lostListeners: ((error: TrunklineError) => void)[] = [];

  /** TRK_MEDIA_FREESWITCH_NONE, and those of the native core. */
  constructor(context: FreeswitchSessionContext) {
    this.#context = context;
    this.#sdpSessionId = Buffer.from(context.random.bytes(4)).readUInt32BE(0);
    this.#server = context.pool.take(this);
    try {
      this.#native = context.openNative(this.#server.address);
    } catch (error) {
      this.#server.leave(this);
      throw error;
    }
    this.id = this.#native.id;
  }

  /** FreeSWITCH's port for the far end; before there is one, the native core's. */
  get localPort(): number {
    return this.#end?.port ?? this.#native.localPort;
  }

  /** Name of the server that carries the call. */
  get server(): string {
    return this.#server.name;
  }

  createOffer(): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#remote !== undefined) throw state('negotiation already began');
      // FreeSWITCH tells its key only together with an answer to ours, and changes it with the next re-INVITE.
      if (this.#context.options.srtp === 'required') throw new TrunklineError('TRK_MEDIA_FREESWITCH_REFUSED', { params: { server: this.#server.name, what: 'an offer of SRTP', reason: 'only calls that come in can be encrypted through FreeSWITCH' } });
      if (this.#offer === undefined) {
        const codecs = await this.#codecs();
        await this.#open(standIn(addressIn(await this.#nativeDescription()), codecs[0]!, this.#ptimeMs));
        this.#offer = createOffer(await this.#localAudio());
      }
      this.#described = this.#offer;
      return this.#offer;
    });
  }

  reoffer(options: { readonly direction?: 'sendrecv' | 'sendonly' | 'inactive'; readonly fresh?: boolean } = {}): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#remote === undefined) throw state('there is no session that could change');
      if (this.encrypted) throw state('the keys of FreeSWITCH cannot be offered again');
      this.#sdpVersion++;
      this.#offer = createOffer({ ...(await this.#localAudio()), direction: options.direction ?? 'sendrecv' }, options.fresh === true ? undefined : this.#described);
      this.#described = this.#offer;
      return this.#offer;
    });
  }

  acceptAnswer(sdp: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#offer === undefined) throw state('there is no offer to be answered');
      await this.#configure(readAnswer(sdp, await this.#localAudio()));
    });
  }

  acceptOffer(sdp: string): Promise<string> {
    return this.#inTurn(async () => {
      const wanted = this.#context.options.srtp ?? 'off';
      const { remote } = answerOffer(sdp, await this.#localAudio(this.#placeholderKeys(wanted)));
      await this.#configure(remote);
      const key = this.#end?.key;
      if (remote.srtp !== undefined && key === undefined) throw new TrunklineError('TRK_MEDIA_FREESWITCH_REFUSED', { params: { server: this.#server.name, what: 'SRTP', reason: 'it answered without a key' } });
      const keys = key === undefined ? undefined : { required: wanted === 'required', keys: [key] };
      const { answer } = answerOffer(sdp, await this.#localAudio(keys));
      this.#sdpVersion++;
      this.#described = answer;
      return answer;
    });
  }

  get onHold(): boolean {
    return this.#native.onHold;
  }

  get encrypted(): boolean {
    return this.#remote?.srtp !== undefined;
  }

  play(audio: Audio, options?: PlayOptions): Playout {
    return this.#native.play(audio, options);
  }

  flush(): void {
    this.#native.flush();
  }

  get queuedMs(): number {
    return this.#native.queuedMs;
  }

  sendDtmf(digits: string, options?: { durationMs?: number; gapMs?: number }): Promise<void> {
    // FreeSWITCH takes them whatever the far end does.
    if (this.#remote !== undefined && this.#remote.telephoneEventPayloadType === undefined) return Promise.reject(state('the far end takes no telephone events'));
    return this.#native.sendDtmf(digits, options);
  }

  startRecording(path: string): void {
    this.#native.startRecording(path);
  }

  stopRecording(): Promise<{ durationMs: number }> {
    return this.#native.stopRecording();
  }

  /** Of the stream between FreeSWITCH and the native core; that to the far end FreeSWITCH keeps to itself. */
  stats(): MediaStats {
    return this.#native.stats();
  }

  onFrame(listener: Parameters<MediaSession['onFrame']>[0]): void {
    this.#native.onFrame(listener);
  }

  onDtmf(listener: (event: DtmfEvent) => void): void {
    this.#native.onDtmf(listener);
  }

  onTimeout(listener: (silentMs: number) => void): void {
    this.#native.onTimeout(listener);
  }

  onRecordingError(listener: (error: Error) => void): void {
    this.#native.onRecordingError(listener);
  }

  onLost(listener: (error: TrunklineError) => void): void {
    if (this.#lostError !== undefined) listener(this.#lostError);
    else this.#lostListeners.push(listener);
  }

  heard(): number {
    return this.#native.stats().packetsReceived;
  }

  lost(error: TrunklineError): void {
    if (this.#closed || this.#lostError !== undefined) return;
    this.#lostError = error;
    for (const listener of this.#lostListeners) listener(error);
  }

  /** What only FreeSWITCH can do. TRK_MEDIA_STATE before negotiation. */
  get features(): FreeswitchFeatures {
    if (this.#legs === undefined || this.#closed) throw state('there is no channel in FreeSWITCH');
    return new FreeswitchFeatures(this.#server, this.#legs, this.#context.forks);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.leave(this);
    this.#native.close();
    // Legs that are still on their way are closed when they have come.
    const legsClosed = this.#negotiating.then(() => this.#legs?.close());
    this.#context.onClose(this, legsClosed);
  }

  /** One negotiation after the other: each builds on what the last one left. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#negotiating.then(async () => {
      if (this.#closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The media session' } });
      if (this.#lostError !== undefined) throw this.#lostError;
      return step();
    });
    this.#negotiating = result.catch(() => undefined);
    return result;
  }

  async #configure(remote: NegotiatedAudio): Promise<void> {
    const held = remote.direction === 'recvonly' || remote.direction === 'inactive';
    const before = this.#remote;
    // RFC 3264 8.4: on hold in the old way there is no address. FreeSWITCH keeps the one it has; it gets nothing to send.
    const target = held && before !== undefined ? { ...remote, address: before.address, port: before.port, rtcpPort: before.rtcpPort } : remote;
    const end = farStreamEnd(target);
    if (this.#legs === undefined) {
      await this.#open(end);
    } else {
      // A leg without a timer looks up only when a packet comes: the native core has to send before it can change.
      if (this.#legs.differs(end)) await this.#native.acceptAnswer(this.#legs.near.sdp);
      await this.#legs.change(end);
    }
    const legs = this.#legs!;
    await this.#native.acceptAnswer(withDirection(legs.near.sdp, remote.direction));
    if (!this.#flows && !held) {
      await legs.flowing(this.#context.clock);
      this.#flows = true;
    }
    this.#end = legs.farEnd();
    this.#remote = { ...remote, address: target.address, port: target.port, rtcpPort: target.rtcpPort };
  }

  /** Opens both legs, on another server if the first one fails. */
  async #open(end: StreamEnd): Promise<void> {
    try {
      await this.#openOn(this.#server, end);
    } catch (error) {
      if (!(error instanceof TrunklineError) || !error.code.startsWith('TRK_MEDIA_FREESWITCH')) throw error;
      const failed = this.#server;
      failed.leave(this);
      try {
        this.#server = this.#context.pool.take(this, failed);
      } catch {
        throw error;
      }
      await this.#openOn(this.#server, end);
    }
  }

  async #openOn(server: FreeswitchServer, end: StreamEnd): Promise<void> {
    const nativeAddress = addressIn(await this.#nativeDescription());
    const { placing, random, options } = this.#context;
    const legs = await CallLegs.open({ placing, random, server, nativeAddress, nativePort: this.#native.localPort, nat: options.nat === true }, end);
    this.#legs = legs;
    this.#end = legs.farEnd();
    legs.onLost((error) => this.lost(error));
  }

  async #nativeDescription(): Promise<string> {
    this.#nativeOffer ??= await this.#native.createOffer();
    return this.#nativeOffer;
  }

  /** What this build has of what is wanted. */
  async #codecs(): Promise<AudioCodec[]> {
    return codecsIn(await this.#nativeDescription());
  }

  get #ptimeMs(): number {
    return this.#context.options.ptimeMs ?? 20;
  }

  async #localAudio(srtp?: LocalSrtp): Promise<LocalAudio> {
    const { rtcpMux } = this.#context.options;
    return {
      address: this.#end?.address ?? addressIn(await this.#nativeDescription()),
      port: this.localPort,
      codecs: await this.#codecs(),
      ptimeMs: this.#ptimeMs,
      rtcpMux: rtcpMux === true ? 'offer' : 'answer',
      sessionId: this.#sdpSessionId,
      sessionVersion: this.#sdpSessionId + this.#sdpVersion,
      ...(srtp === undefined ? {} : { srtp }),
    };
  }

  /** Which suite the far end offers must be known before FreeSWITCH can be asked for its key. */
  #placeholderKeys(wanted: 'off' | 'optional' | 'required'): LocalSrtp | undefined {
    if (wanted === 'off') return undefined;
    return { required: wanted === 'required', keys: SRTP_SUITES.map((suite) => ({ suite, key: new Uint8Array(SRTP_KEY_BYTES) })) };
  }
}

function farStreamEnd(remote: NegotiatedAudio): StreamEnd {
  const { srtp } = remote;
  return {
    address: remote.address,
    port: remote.port,
    rtcpPort: remote.rtcpPort,
    codec: remote.codec,
    payloadType: remote.payloadType,
    telephoneEventPayloadType: remote.telephoneEventPayloadType,
    ptimeMs: remote.ptimeMs,
    rtcpMux: remote.rtcpMux === true,
    crypto: srtp === undefined ? undefined : `${srtp.tag} ${srtp.suite} inline:${Buffer.from(srtp.remoteKey).toString('base64')}`,
  };
}

/** The far end before it has answered: nobody hears what is sent there, and nothing is. */
function standIn(address: string, codec: AudioCodec, ptimeMs: number): StreamEnd {
  return { address, port: DISCARD_PORT, rtcpPort: DISCARD_PORT, codec, payloadType: AUDIO_CODECS[codec].staticPayloadType ?? 0, telephoneEventPayloadType: TELEPHONE_EVENT_PAYLOAD_TYPE, ptimeMs, rtcpMux: false, crypto: undefined };
}

function state(reason: string): TrunklineError {
  return new TrunklineError('TRK_MEDIA_STATE', { params: { reason } });
}
