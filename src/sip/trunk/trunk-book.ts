import type { Config } from '../../config/schema.js';
import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import type { IncomingCall, Signalling } from '../signalling.js';
import { isDenied, prefixLength } from './destinations.js';
import { inviteHeaders } from './invite-headers.js';
import { rewriteIn, rewriteOut, sameNumber } from './numbers.js';
import { strangerPolicy } from './strangers.js';
import type { StrangerPolicy } from './strangers.js';
import { TargetResolver } from './resolve.js';
import type { Dns, Target } from './resolve.js';
import { domainOf, labelOf, nextHopOf, uriAt } from './target-uri.js';
import { TrunkLine } from './trunk-line.js';
import type { LineParts } from './trunk-line.js';
import type { TrunkLease, TrunkOrder, Trunks, TrunkStatus, TrunkTry } from './trunks.js';
import { weightedOrder } from './weighted-order.js';

export interface TrunkBookParts {
  readonly signalling: Pick<Signalling, 'request'>;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** User part of From when neither task nor trunk names a caller. */
  readonly caller: string;
  /** `undefined`: strangers are accepted as long as no trunk has an ACL. */
  readonly unknownSources: Config['sip']['unknown_sources'];
  readonly onState?: (trunk: string, state: TrunkStatus['state'], reason: string | undefined) => void;
  /** `talkedMs` of outbound talk on the UTC day `day` (`2026-01-31`) shall be remembered. */
  readonly onTalked?: (trunk: string, day: string, talkedMs: number) => void;
}

const MINUTE_MS = 60_000;

/** Day of the minutes that are counted. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The trunks of this server, which may come and go while it runs. */
export class TrunkBook implements Trunks {
  readonly #parts: TrunkBookParts;
  readonly #lineParts: LineParts;
  readonly #lines = new Map<string, TrunkLine>();
  #talked: { day: string; readonly ms: Map<string, number> };
  #started = false;
  #version = 0;

  constructor(parts: TrunkBookParts) {
    this.#parts = parts;
    this.#talked = { day: utcDay(parts.clock.now()), ms: new Map() };
    this.#lineParts = {
      ...parts,
      resolver: new TargetResolver(parts),
      onState: (line, state, reason) => {
        if (this.#lines.get(line.settings.name) !== line) return;
        parts.log.info({ trunk: line.settings.name, state, reason }, 'trunk changed its state');
        parts.onState?.(line.settings.name, state, reason);
      },
      onTalked: (line, ms) => this.#countTalk(line.settings.name, ms),
    };
  }

  /** Begins keep-alive and registration, of later trunks too. */
  start(): void {
    this.#started = true;
    for (const line of this.#lines.values()) line.start();
  }

  /** Stops asking and takes registrations back. */
  async stop(): Promise<void> {
    this.#started = false;
    await Promise.allSettled([...this.#lines.values()].map((line) => line.stop()));
  }

  /** Adds a trunk, or puts it in the place of the one with its name; running calls go on and keep counting there. */
  put(settings: TrunkSettings): void {
    const before = this.#lines.get(settings.name);
    const line = new TrunkLine(this.#lineParts, settings, before?.channels);
    this.#lines.set(settings.name, line);
    this.#version += 1;
    // Not before the old registration is taken back: both are the same binding.
    void Promise.resolve(before?.stop()).finally(() => {
      if (this.#started && this.#lines.get(settings.name) === line) line.start();
    });
  }

  remove(name: string): void {
    const line = this.#lines.get(name);
    this.#lines.delete(name);
    this.#version += 1;
    void line?.stop();
  }

  /** Minutes of the day that an earlier process has counted. */
  remember(day: string, talkedMs: ReadonlyMap<string, number>): void {
    if (day !== this.#today().day) return;
    for (const [name, ms] of talkedMs) this.#talked.ms.set(name, (this.#talked.ms.get(name) ?? 0) + ms);
  }

  routes(order: TrunkOrder): readonly string[] {
    const open = [...this.#lines.values()].filter(({ settings }) => settings.enabled && prefixLength(settings.prefixes, order.to) >= 0);
    if (open.length === 0) throw new TrunklineError('TRK_SIP_NO_ROUTE', { field: 'to' });
    const refusals = open.map(({ settings }) => ({ trunk: settings.name, reason: this.#refusal(settings, order) }));
    const allowed = open.filter((_, index) => refusals[index]?.reason === undefined).map(({ settings }) => settings);
    const first = refusals[0];
    if (allowed.length === 0 && first?.reason !== undefined) throw new TrunklineError('TRK_TRUNK_DENIED', { params: { trunk: first.trunk, reason: first.reason } });
    const lengths = [...new Set(allowed.map(({ prefixes }) => prefixLength(prefixes, order.to)))].sort((a, b) => b - a);
    return lengths.flatMap((length) => weightedOrder(allowed.filter(({ prefixes }) => prefixLength(prefixes, order.to) === length), this.#parts.random)).map(({ name }) => name);
  }

  reserve(order: TrunkOrder): TrunkLease | 'busy' | undefined {
    let names: readonly string[];
    try {
      names = this.routes(order);
    } catch (error) {
      if (error instanceof TrunklineError) return undefined;
      throw error;
    }
    for (const name of names) {
      const lease = this.take(name);
      if (lease !== undefined) return lease;
    }
    return 'busy';
  }

  take(name: string): TrunkLease | undefined {
    return this.#lines.get(name)?.take();
  }

  takeInbound(name: string): TrunkLease | undefined {
    return this.#lines.get(name)?.takeInbound();
  }

  async tries(lease: TrunkLease, order: TrunkOrder): Promise<readonly TrunkTry[]> {
    const { trunk } = lease;
    const line = this.#lines.get(trunk.name);
    if (line === undefined) return [];
    return (await line.targets()).map((target) => ({
      label: labelOf(target),
      request: requestFor(trunk, target, order, this.#parts.caller),
      failed: () => line.suspect(target),
    }));
  }

  /** Changes with the trunks. */
  get version(): number {
    return this.#version;
  }

  /** What becomes of requests from addresses that no trunk knows. */
  get policy(): StrangerPolicy {
    return strangerPolicy(this.#parts.unknownSources, [...this.#lines.values()].map(({ settings }) => settings));
  }

  /** Whose calls come from `address`: `claimed` where its calls must still prove a password, because the address alone proves nothing then. */
  standing(address: string): 'trunk' | 'claimed' | 'stranger' {
    const line = this.#lineOf(address);
    if (line === undefined) return 'stranger';
    return line.settings.inbound_auth === undefined ? 'trunk' : 'claimed';
  }

  #lineOf(address: string): TrunkLine | undefined {
    for (const line of this.#lines.values()) if (line.knows(address)) return line;
    return undefined;
  }

  admit(call: Pick<IncomingCall, 'source'>): ReturnType<Trunks['admit']> {
    const known = this.#lineOf(call.source.address);
    if (known !== undefined) return { kind: 'known', trunk: known.settings };
    // Behind a real drachtio-server the INVITE has its transaction and its 100 by now, so that `drop` can only be a refusal.
    return { kind: this.policy === 'accept' ? 'unknown' : 'refused' };
  }

  calledNumber(trunk: TrunkSettings, number: string): string {
    return rewriteIn(trunk, 'called', number);
  }

  callerNumber(trunk: TrunkSettings, number: string): string {
    return rewriteIn(trunk, 'caller', number);
  }

  list(): readonly TrunkStatus[] {
    return [...this.#lines.values()].map((line) => line.status(this.#talkedMs(line.settings.name)));
  }

  /** Why the trunk may not carry this call; no digits, as it is read by many. */
  #refusal(trunk: TrunkSettings, { to, from }: TrunkOrder): string | undefined {
    if (isDenied(trunk, to)) return 'the destination is on its list of denied prefixes';
    if (from !== undefined && trunk.caller_numbers.length > 0 && !trunk.caller_numbers.some((number) => sameNumber(number, from))) return 'the caller number is not one of its own';
    if (trunk.minutes_per_day > 0 && this.#talkedMs(trunk.name) >= trunk.minutes_per_day * MINUTE_MS) return 'its minutes of the day are used up';
    return undefined;
  }

  #today(): { day: string; readonly ms: Map<string, number> } {
    const day = utcDay(this.#parts.clock.now());
    if (day !== this.#talked.day) this.#talked = { day, ms: new Map() };
    return this.#talked;
  }

  #talkedMs(name: string): number {
    return this.#today().ms.get(name) ?? 0;
  }

  #countTalk(name: string, talkedMs: number): void {
    const { day, ms } = this.#today();
    ms.set(name, (ms.get(name) ?? 0) + talkedMs);
    this.#parts.onTalked?.(name, day, talkedMs);
  }
}

function requestFor(trunk: TrunkSettings, target: Target, order: TrunkOrder, fallbackCaller: string): TrunkTry['request'] {
  const caller = rewriteOut(trunk, 'caller', order.from ?? trunk.caller_numbers[0] ?? fallbackCaller);
  const called = rewriteOut(trunk, 'called', order.to);
  const host = domainOf(trunk, target).replace(/:\d+$/, '');
  return {
    to: uriAt(trunk, target, called),
    // A carrier with digest knows us by its own domain; others by our address.
    from: trunk.domain === undefined ? caller : `sip:${caller}@${host}`,
    headers: inviteHeaders(trunk, { caller, called, host }),
    nextHop: nextHopOf(target),
    ...(trunk.username === undefined ? {} : { auth: { username: trunk.username, password: trunk.password ?? '' } }),
  };
}
