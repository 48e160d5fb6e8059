/** Digits in INFO requests, the way of gateways that send no RFC 4733. */
import type { Clock } from '../kernel/clock.js';

const DIGIT = /^[0-9*#A-D]$/;
/** A far end that sends digits both ways does so at the same moment; a person presses one key more slowly, ms. */
const SAME_DIGIT_MS = 250;
const DEFAULT_DURATION_MS = 160;
/** RFC 4733 3.2: events 10 and 11 are * and #, 12 to 15 are A to D; some gateways send the numbers. */
const BY_EVENT: Readonly<Record<string, string>> = { '10': '*', '11': '#', '12': 'A', '13': 'B', '14': 'C', '15': 'D' };

/** Undefined where the type is none of digits; empty string where it is and the body is not a digit. */
export function digitOfInfo(contentType: string | undefined, body: string): string | undefined {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return undefined;
  const text = type === 'application/dtmf' ? body.trim() : (/^\s*Signal\s*=\s*(\S{1,2})\s*$/im.exec(body)?.[1] ?? '');
  const digit = (BY_EVENT[text] ?? text).toUpperCase();
  return DIGIT.test(digit) ? digit : '';
}

/** Content type and body that carry one digit. */
export function infoOfDigit(digit: string, durationMs = DEFAULT_DURATION_MS): { headers: { 'Content-Type': string }; body: string } {
  return { headers: { 'Content-Type': 'application/dtmf-relay' }, body: `Signal=${digit}\r\nDuration=${durationMs}\r\n` };
}

export type DigitWay = 'rtp' | 'info';

/** Joins both ways of digits: one that comes by both within a moment counts once. */
export class DigitMerge {
  readonly #clock: Clock;
  readonly #out: (digit: string) => void;
  /** Digits that came by one way and may still come by the other. */
  #waiting: { readonly digit: string; readonly way: DigitWay; readonly atMs: number }[] = [];

  constructor(clock: Clock, out: (digit: string) => void) {
    this.#clock = clock;
    this.#out = out;
  }

  press(digit: string, way: DigitWay): void {
    const now = this.#clock.monotonic();
    this.#waiting = this.#waiting.filter((one) => now - one.atMs <= SAME_DIGIT_MS);
    const twin = this.#waiting.findIndex((one) => one.digit === digit && one.way !== way);
    if (twin >= 0) {
      this.#waiting.splice(twin, 1);
      return;
    }
    this.#waiting.push({ digit, way, atMs: now });
    this.#out(digit);
  }
}
