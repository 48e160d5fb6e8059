import type { NegotiatedAudio } from '../../sdp/offer-answer.js';
import type { TalkEvent, TalkScript } from './talk-script.js';

/** What the phone tells its RTP thread. `call` is the Call-ID. */
export type ToThread =
  | { readonly type: 'open'; readonly call: string; readonly address: string; readonly script: TalkScript; readonly record: boolean }
  | { readonly type: 'negotiated'; readonly call: string; readonly remote: NegotiatedAudio }
  | { readonly type: 'established'; readonly call: string; readonly atMs: number }
  | { readonly type: 'close'; readonly call: string };

/** What the thread reports. */
export type FromThread =
  | { readonly type: 'opened'; readonly call: string; readonly port: number }
  | { readonly type: 'failed'; readonly call: string; readonly reason: string }
  | { readonly type: 'talk'; readonly call: string; readonly event: TalkEvent }
  | { readonly type: 'digit'; readonly call: string; readonly digit: string; readonly atMs: number }
  | { readonly type: 'closed'; readonly call: string; readonly stats: RtpStats; readonly heard: Int16Array; readonly said: Int16Array };

export interface RtpStats {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Missing in the sequence numbers. */
  readonly packetsLost: number;
  /** Wrong source or payload type, or not RTP. */
  readonly packetsRefused: number;
  /** How late our worst packet left, ms: the error of our own measurement. */
  readonly worstSendLateMs: number;
  /** The longest time between two packets of the far end while it sent, ms. */
  readonly longestGapMs: number;
}
