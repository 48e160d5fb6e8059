/** What one caller does in one call, with the audio at hand. Times are ms. */
export interface TalkScript {
  readonly steps: readonly TalkStep[];
  /** When the caller hangs up after the last step; `never` leaves it to the far end. */
  readonly hangupAfter: 'bot_speech_end' | 'never' | number;
  /** A sample of a clip louder than this (peak dBFS) is speech. */
  readonly speechThresholdDbfs: number;
  /** A received packet louder than this (RMS dBFS) is the bot's speech. */
  readonly botThresholdDbfs: number;
  /** So long a silence ends the bot's speech. */
  readonly botSilenceMs: number;
  /** Hang up after this time, whatever happens. */
  readonly maxCallMs: number;
  /** Level of the noise in the caller's room (RMS dBFS); undefined is digital silence. */
  readonly noiseDbfs: number | undefined;
}

export interface TalkStep {
  /** 8 kHz; undefined for a step of digits alone. */
  readonly clip: Int16Array | undefined;
  /** Digits pressed after the clip. */
  readonly dtmf: string;
  /** Wait for the end of the bot's speech, or this time from the end of the step before. */
  readonly after: 'bot_speech_end' | number;
  /** Think so long after the last word of the bot. */
  readonly thinkMs: number;
  /** Speak over the bot, so long after it began; undefined waits for it to end. */
  readonly bargeInAfterMs: number | undefined;
  /** Speak anyway if the bot said nothing for so long. */
  readonly timeoutMs: number;
  /** Comes back in the events of this step. */
  readonly label: string;
}

/** What is observed, with the moment (CLOCK_MONOTONIC ms). */
export type TalkEvent =
  | { readonly event: 'bot_speech_start'; readonly atMs: number }
  | { readonly event: 'bot_speech_end'; readonly atMs: number }
  /** From ACK to the first packet with speech. */
  | { readonly event: 'greeting'; readonly atMs: number; readonly ms: number }
  | { readonly event: 'caller_speech_start' | 'caller_speech_end'; readonly atMs: number; readonly step: number; readonly label: string }
  /** From the last packet of the caller's speech to the first packet of the bot's. */
  | { readonly event: 'reply'; readonly atMs: number; readonly ms: number; readonly step: number; readonly label: string }
  /** The bot spoke while the caller did; such a turn has no reply time. */
  | { readonly event: 'talked_over'; readonly atMs: number; readonly step: number; readonly label: string }
  /** The bot stayed silent until the step's time was over. */
  | { readonly event: 'no_reply'; readonly atMs: number; readonly step: number; readonly label: string }
  /** From the first packet of the caller's speech to the last of the bot's; undefined if the bot went on. */
  | { readonly event: 'barge_in'; readonly atMs: number; readonly ms: number | undefined; readonly step: number; readonly label: string }
  | { readonly event: 'dtmf_sent'; readonly atMs: number; readonly step: number; readonly label: string }
  | { readonly event: 'hangup'; readonly atMs: number; readonly reason: 'script' | 'too_long' };

/** What to send in the next 20 ms. */
export type Outgoing =
  | { readonly kind: 'audio'; readonly samples: Int16Array }
  /** RFC 4733; `elapsed` counts the packets of this digit from 1. */
  | { readonly kind: 'digit'; readonly digit: string; readonly elapsed: number; readonly end: boolean };
