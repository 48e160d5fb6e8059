/**
 * PORT: what is kept of the signalling of calls, so that people can see what happened.
 * `TraceRing` implements it. Every time is ms on the clock `Clock.monotonic()`.
 */

/** Between which two ends a message went. Addresses are IP literals without brackets. */
export interface TapPath {
  /** `udp`, `tcp`, `tls`; a real drachtio-server may know others. */
  readonly protocol: string;
  /** Empty if it is not known. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Where adapters of signalling show each message, as it is on the wire. It never throws and keeps no reference to `raw`. */
export interface SipTap {
  message(direction: 'in' | 'out', raw: Uint8Array | string, path: TapPath): void;
}

/** What happened to a call besides SIP messages; no words, digits or numbers. */
export type TraceEvent =
  | 'started' | 'ringing' | 'answered' | 'first_rtp_out' | 'first_rtp_in' | 'hold' | 'resume' | 'dtmf' | 'caller_turn' | 'bot_turn' | 'transfer' | 'hangup' | 'ended';

/** Where calls say what belongs to them. None of it throws. */
export interface CallTracer {
  /** SIP messages with this Call-ID belong to the call; a call that is sent elsewhere has several. */
  leg(callId: string, sipCallId: string): void;
  /** `atMs`: default is now. `detail`: a few plain words. */
  note(callId: string, event: TraceEvent, detail?: string, atMs?: number): void;
  /** RTP headers of the call are captured: whoever looks reads them there. */
  rtp(callId: string, capture: RtpCapture): void;
  /** It is over and may be forgotten before those that live. */
  ended(callId: string): void;
}

export interface TracedMessage {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly path: TapPath;
  readonly sipCallId: string;
  /** As on the wire but without secrets; each character is one byte. */
  readonly raw: string;
  /** The same bytes went the same way before. */
  readonly repeated: boolean;
}

export interface TracedEvent {
  readonly atMs: number;
  readonly event: TraceEvent;
  readonly detail: string | undefined;
}

/** The header of one RTP packet; its audio is never kept. */
export interface RtpHeader {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** The first 12 bytes (RFC 3550 5.1). */
  readonly header: Uint8Array;
  /** Bytes of the whole packet, header and payload. */
  readonly length: number;
}

/** The last RTP packets of one leg of a call. */
export interface RtpCapture {
  /** Memory that it may come to take. */
  readonly maxBytes: number;
  /** As of now, or of the end of the leg. */
  read(): readonly RtpHeader[];
}

/** Everything that is kept of one call, in the order of its times. */
export interface CallTrace {
  /** `call_...`; undefined for messages that belong to no call of ours, e.g. OPTIONS. */
  readonly callId: string | undefined;
  readonly sipCallIds: readonly string[];
  readonly live: boolean;
  /** Add it to a monotonic time to get ms since the epoch. */
  readonly epochOffsetMs: number;
  readonly messages: readonly TracedMessage[];
  readonly events: readonly TracedEvent[];
  /** Empty unless they were captured. */
  readonly rtp: readonly RtpHeader[];
  /** Messages and events that were given up because there were too many of this call. */
  readonly leftOut: number;
}

/** Where readers find traces. */
export interface TraceBook {
  /** By `call_...` or SIP Call-ID. */
  find(id: string): CallTrace | undefined;
}
