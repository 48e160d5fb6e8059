import type { TalkEvent } from './talk-script.js';
import type { RtpStats } from './thread-messages.js';

/** One JSON line on standard output. */
export interface PhoneEvent {
  readonly event: 'invite' | 'ringing' | 'answered' | 'established' | 'digit' | 'ended' | TalkEvent['event'];
  /** Call-ID. */
  readonly call: string;
  /** RFC 3339, for people. */
  readonly at: string;
  /** CLOCK_MONOTONIC, ms, for measuring. */
  readonly atMs: number;
  /** Name of the script that the call follows. */
  readonly script: string;
  /** The measured time of `greeting`, `reply` and `barge_in`. */
  readonly ms?: number | undefined;
  readonly step?: number;
  readonly label?: string;
  readonly reason?: string;
  readonly digit?: string;
  /** Of `ended`. */
  readonly status?: number;
  readonly by?: 'bot' | 'caller' | 'system';
  readonly durationMs?: number;
  readonly recording?: string;
  readonly stats?: RtpStats;
}
