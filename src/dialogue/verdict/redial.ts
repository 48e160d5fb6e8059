import type { Verdict } from '../../store/store.js';
import type { SlotContext, SlotReading, SlotType, SlotValue } from '../slots/slot-type.js';
import { isoInstant } from '../slots/wall-clock.js';
import { nextInside } from './calling-hours.js';
import type { CallingHours } from './calling-hours.js';

/** A wish to be called again, wherever a flow takes it from: its rules, an `end` node, a `schedule` node. */
export interface Redial {
  /** What was kept where a moment should be. */
  readonly heard: SlotValue | undefined;
  /** From now, where no moment to come was heard. */
  readonly inMinutes: number | undefined;
  readonly reason: string;
  readonly attemptsLeft: number;
  readonly hours: CallingHours | undefined;
  readonly nowMs: number;
  /** IANA name; calling hours are read off the walls there. */
  readonly timeZone: string;
}

/** RFC 3339 with its zone. A day or an hour alone is no moment: read as one it would be midnight in another zone. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
/** A moved time is not what the caller said: it is read back unless the flow never does. */
const MOVED_SURE = 0.5;

/** `redial_at` inside the calling hours, or `end` where the promise to call again could not be kept. */
export function redialVerdict({ heard, inMinutes, reason, attemptsLeft, hours, nowMs, timeZone }: Redial): Verdict {
  if (attemptsLeft <= 0) return { kind: 'end', reason: `${reason}; no attempt left` };
  const wished = momentOf(heard);
  const at = wished !== undefined && wished > nowMs ? wished : inMinutes === undefined ? undefined : nowMs + inMinutes * 60_000;
  const allowed = at === undefined || hours === undefined ? at : nextInside(hours, at, timeZone);
  return allowed === undefined ? { kind: 'end', reason: 'no_redial_time' } : { kind: 'redial_at', at: isoInstant(allowed), reason };
}

/** Undefined for whatever is no instant. */
export function momentOf(value: SlotValue | undefined): number | undefined {
  const at = typeof value === 'string' && MOMENT.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** The same kind of value for a time at which somebody will be called: what is kept, and so what is read back, is inside the calling hours. */
export function insideHours(type: SlotType, hours: CallingHours): SlotType {
  return {
    ...type,
    hear: (text, context) => moved(type.hear(text, context), hours, context),
    keyed: (keys, context) => moved(type.keyed(keys, context), hours, context),
  };
}

function moved(reading: SlotReading | undefined, hours: CallingHours, { timeZone }: SlotContext): SlotReading | undefined {
  if (reading?.kind === 'ambiguous') {
    const values = [...new Set(reading.values.map((one) => inside(one, hours, timeZone)))];
    const [only = ''] = values;
    return values.length > 1 ? { ...reading, values } : { kind: 'value', value: only, sure: MOVED_SURE, rest: '' };
  }
  if (reading?.kind !== 'value') return reading;
  const value = inside(reading.value, hours, timeZone);
  return value === reading.value ? reading : { ...reading, value, sure: Math.min(reading.sure, MOVED_SURE) };
}

function inside(value: SlotValue, hours: CallingHours, timeZone: string): SlotValue {
  const at = momentOf(value);
  const allowed = at === undefined ? undefined : nextInside(hours, at, timeZone);
  return allowed === undefined || allowed === at ? value : isoInstant(allowed);
}
