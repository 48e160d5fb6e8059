import type { LedgerEntry } from '../support/phone-network.js';
import type { Callee, Evidence } from './judge.js';

/** From this moment on the servers' wall clock went ahead of the network's by so much; ms. */
export interface ClockSetting {
  readonly atMs: number;
  readonly offsetMs: number;
}

/**
 * An INVITE is in the ledger so long after the rules were asked, at most, ms: the line may
 * have been cut, and servers read a clock that was set within a second.
 */
const LATE_MS = 10_000;

/** Calls that a rule should have kept back, by the network's ledger alone. */
export function againstRules(evidence: Evidence): string[] {
  const callees = new Map(evidence.callees.map((callee) => [callee.number, callee]));
  const suppressed = new Map(evidence.suppressed.map(({ number, atMs }) => [number, atMs]));
  const singly = evidence.ledger.flatMap((invite) => {
    const callee = callees.get(invite.number);
    if (callee === undefined) return [`nobody asked for a call to this number: ${invite.callId}`];
    return [
      ...(invite.atMs - LATE_MS > (suppressed.get(invite.number) ?? Infinity) ? [`a suppressed number was called: ${invite.callId}`] : []),
      ...(callee.consents ? [] : [`called without consent: ${invite.callId}`]),
      ...(hoursHeld(callee, invite, evidence.clock) ? [] : [`called outside of allowed hours: ${invite.callId}`]),
    ];
  });
  return [...singly, ...overCap(evidence, callees)];
}

/** In each zone where the callee may be, at one of the times that the servers may have taken it for. */
function hoursHeld({ hours }: Callee, { atMs }: LedgerEntry, clock: readonly ClockSetting[]): boolean {
  const times = offsetsIn(clock, atMs - LATE_MS, atMs).flatMap((offset) => [atMs - LATE_MS + offset, atMs + offset]);
  return times.some((time) => hours.zones.every((zone) => {
    const { minutes } = wallOf(zone, time);
    return minutes >= minutesOf(hours.from) && minutes < minutesOf(hours.to);
  }));
}

function overCap({ ledger, clock, capADay }: Evidence, callees: ReadonlyMap<string, Callee>): string[] {
  const counts = new Map<string, number>();
  return ledger.flatMap(({ number, atMs, callId }) => {
    const [offset = 0] = offsetsIn(clock, atMs, atMs);
    const zones = callees.get(number)?.hours.zones ?? [];
    const over = zones.map((zone) => {
      const key = `${number} ${zone} ${wallOf(zone, atMs + offset).day}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count > capADay;
    });
    return over.includes(true) ? [`called more often in a day than the cap: ${callId}`] : [];
  });
}

/** All that were in force at some moment of this time. */
function offsetsIn(clock: readonly ClockSetting[], from: number, to: number): readonly number[] {
  return clock.filter(({ atMs }, index) => atMs <= to && (clock[index + 1]?.atMs ?? Infinity) >= from).map(({ offsetMs }) => offsetMs);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallOf(zone: string, time: number): { readonly day: string; readonly minutes: number } {
  let format = formats.get(zone);
  if (format === undefined) formats.set(zone, (format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' })));
  const [day = '', wall = ''] = format.format(time).split(', ');
  return { day, minutes: minutesOf(wall) };
}

function minutesOf(wall: string): number {
  const [hours, minutes] = wall.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
