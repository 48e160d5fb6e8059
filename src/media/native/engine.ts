import { isIP, isIPv6 } from 'node:net';
import { constants } from 'node:os';
import { Lifetime } from '../../kernel/lifetime.js';
import { TrunklineError } from '../../kernel/errors.js';
import { systemRandom } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';
import type { MediaEngine, MediaEngineOptions, MediaSessionOptions } from '../media-session.js';
import { SRTP_KEY_BYTES, SRTP_SUITES } from '../../sdp/crypto.js';
import type { AudioCodec } from '../../sdp/codecs.js';
import type { LocalSrtp } from '../../sdp/crypto.js';
import { Feature, loadAddon } from './addon.js';
import type { EngineHandle, MediaAddon } from './addon.js';
import { NativeSession } from './session.js';
import { TickReader } from './tick-reader.js';

const DEFAULT_CODECS = ['PCMA', 'PCMU'] as const;
const DEFAULT_PTIME_MS = 20;
const DEFAULT_OPUS_COMPLEXITY = 5;
/** Codecs that a build may lack. */
const CODEC_FEATURE: Partial<Record<AudioCodec, number>> = { G722: Feature.g722, OPUS: Feature.opus };

/** The native RTP core as a `MediaEngine`. */
export class NativeEngine implements MediaEngine {
  readonly #addon: MediaAddon;
  readonly #handle: EngineHandle;
  readonly #options: MediaEngineOptions;
  readonly #random: Random;
  readonly #reader: TickReader;
  readonly #lifetime = new Lifetime();
  readonly #sessions = new Map<number, NativeSession>();
  /** Closed by their owner, but a recording is still on its way to the disk. */
  readonly #finishing = new Map<number, NativeSession>();
  readonly #idOut = new Float64Array(1);
  #idle: (() => void) | undefined;

  /** TRK_NATIVE_MISSING; TRK_CONFIG_INVALID for a bad address or port range. */
  constructor(options: MediaEngineOptions, random: Random = systemRandom) {
    checkOptions(options);
    this.#options = options;
    this.#random = random;
    this.#addon = loadAddon();
    const handle = this.#addon.createEngine(options.address, options.portMin, options.portMax, options.timeoutMs, () => this.#onTick());
    if (typeof handle === 'number') throw invalid('address must be a numeric IP address');
    this.#handle = handle;
    this.#reader = new TickReader(this.#addon, handle);
    this.#lifetime.onClose(() => this.#closeNow());
  }

  createSession(options: MediaSessionOptions = {}): NativeSession {
    const srtp = this.#localSrtp(options.srtp ?? 'off');
    const codecs = (options.codecs ?? DEFAULT_CODECS).filter((codec) => this.#has(CODEC_FEATURE[codec] ?? 0));
    if (codecs.length === 0) throw new TrunklineError('TRK_SDP_NO_CODEC');
    if (this.#lifetime.closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The media engine' } });
    const port = this.#addon.createSession(this.#handle, this.#idOut);
    if (port < 0) {
      if (port === -constants.errno.EADDRNOTAVAIL) throw new TrunklineError('TRK_MEDIA_PORTS_EXHAUSTED');
      throw new TrunklineError('TRK_INTERNAL', { params: { reason: `RTP socket failed with errno ${-port}` } });
    }
    const session = new NativeSession(this.#idOut[0]!, port, {
      addon: this.#addon,
      engine: this.#handle,
      address: options.announce ?? this.#options.externalAddress ?? this.#options.address,
      codecs,
      reaches: (address) => this.#reaches(address),
      nat: options.nat === true,
      ptimeMs: options.ptimeMs ?? DEFAULT_PTIME_MS,
      rtcpMux: options.rtcpMux === true,
      opusComplexity: options.opusComplexity ?? DEFAULT_OPUS_COMPLEXITY,
      srtp,
      sdpSessionId: Buffer.from(this.#random.bytes(4)).readUInt32BE(0),
      onClose: (closed) => this.#onSessionClosed(closed),
    });
    this.#sessions.set(session.id, session);
    return session;
  }

  /** A socket on `::` serves both families; what is no numeric address is left to the far end's word. */
  #reaches(address: string): boolean {
    const own = this.#options.address;
    return isIP(address) === 0 || own === '::' || isIPv6(address) === isIPv6(own);
  }

  #has(feature: number): boolean {
    return (this.#addon.features() & feature) === feature;
  }

  /** TRK_MEDIA_NO_SRTP where it is required and this build has none. */
  #localSrtp(wanted: 'off' | 'optional' | 'required'): LocalSrtp | undefined {
    if (wanted === 'off') return undefined;
    const required = wanted === 'required';
    if (!this.#has(Feature.srtp)) {
      if (required) throw new TrunklineError('TRK_MEDIA_NO_SRTP');
      return undefined;
    }
    return { required, keys: SRTP_SUITES.map((suite) => ({ suite, key: this.#random.bytes(SRTP_KEY_BYTES) })) };
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get freePorts(): number {
    return this.#addon.freePorts(this.#handle);
  }

  /** Ticks whose frames were dropped because JavaScript did not take them for 2 s. */
  get droppedTicks(): number {
    return this.#reader.droppedTicks;
  }

  /** Ticks that the I/O thread skipped because the machine did not let it run for 100 ms. */
  get missedTicks(): number {
    return this.#addon.missedTicks(this.#handle);
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  async #closeNow(): Promise<void> {
    for (const session of [...this.#sessions.values()]) session.close();
    if (this.#finishing.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#addon.closeEngine(this.#handle);
  }

  #onSessionClosed(session: NativeSession): void {
    this.#sessions.delete(session.id);
    if (session.pending) this.#finishing.set(session.id, session);
  }

  #onTick(): void {
    this.#reader.read(
      (id, samples, atMs, sampleRate) => this.#sessions.get(id)?.onEngineFrame(samples, atMs, sampleRate),
      (id, kind, a, b, x) => {
        const session = this.#sessions.get(id) ?? this.#finishing.get(id);
        if (session === undefined) return;
        session.onEngineEvent(kind, a, b, x);
        if (this.#finishing.has(id) && !session.pending) this.#finishing.delete(id);
      },
    );
    if (this.#finishing.size === 0) this.#idle?.();
  }
}

function checkOptions(options: MediaEngineOptions): void {
  const { portMin, portMax, timeoutMs } = options;
  const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1024 && port <= 65535;
  if (!isPort(portMin) || !isPort(portMax) || portMin >= portMax) throw invalid('RTP ports must be a range within 1024 to 65535');
  if (!Number.isInteger(timeoutMs) || timeoutMs < 0) throw invalid('timeoutMs must be a whole number of ms, 0 or more');
}

function invalid(reason: string): TrunklineError {
  return new TrunklineError('TRK_CONFIG_INVALID', { params: { reason } });
}
