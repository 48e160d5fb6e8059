import { HelperProcess } from '../../kernel/helper-process.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import { calendarOf } from './holiday-places.js';

/** Public holidays by place and day. */
export interface HolidayBook {
  /** Undefined: not known yet; it is being looked up. `place`: `CN`, `US-CA`; `day`: `2026-12-25`. */
  isHoliday(place: string, day: string): boolean | undefined;
  /** Resolves when the days of these places around now are known, or cannot be. */
  load(places: readonly string[]): Promise<void>;
}

/** What the helper is started with. */
export interface HolidayOrder {
  readonly places: readonly string[];
  readonly years: readonly number[];
}

/** One for each place, in their order. */
export interface HolidayAnswer {
  readonly place: string;
  readonly days: readonly string[];
}

/** A `HelperProcess`. */
export interface HolidayHelper {
  onMessage(listener: (message: unknown) => void): void;
  onEnd(listener: () => void): void;
  terminate(): Promise<void>;
}

/** Years before and after the present one. */
const YEARS = [-1, 0, 1, 2] as const;
/** Longest look-up of one place, ms. */
const LIMIT_MS = 60_000;
/** Countries without a calendar that the log is told of. */
const MOST_TOLD = 100;

interface Known {
  readonly years: ReadonlySet<string>;
  readonly days: ReadonlySet<string>;
}

interface Waiting {
  readonly loaded: Promise<void>;
  readonly settle: () => void;
}

/**
 * Asks date-holidays in a process of its own, once a place: its calendars, the Chinese
 * one among them, take more than a hundred MB and a second, and are then not needed
 * for a year. There is one such process at a time, and it looks up what has come together
 * meanwhile, one place after the other. What is remembered is bounded by the calendars that
 * there are (`holiday-places.ts`), whatever places are asked for.
 */
export class Holidays implements HolidayBook {
  readonly #parts: { readonly clock: Clock; readonly log: Logger };
  readonly #start: (order: HolidayOrder) => HolidayHelper;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Map<string, Waiting>();
  /** Places without a calendar, of which the log was told. */
  readonly #without = new Set<string>();
  #asking = false;

  constructor(parts: { clock: Clock; log: Logger }, start: (order: HolidayOrder) => HolidayHelper = (order) => new HelperProcess(new URL('./holidays-process.js', import.meta.url), order)) {
    this.#parts = parts;
    this.#start = start;
  }

  isHoliday(place: string, day: string): boolean | undefined {
    const calendar = this.#calendarFor(place);
    if (calendar === undefined) return false;
    const known = this.#known.get(calendar);
    if (known?.years.has(day.slice(0, 4)) === true) return known.days.has(day);
    void this.#loadOne(calendar);
    return undefined;
  }

  async load(places: readonly string[]): Promise<void> {
    await Promise.all(places.map((place) => this.#loadOne(this.#calendarFor(place))));
  }

  #loadOne(calendar: string | undefined): Promise<void> {
    if (calendar === undefined || this.#known.get(calendar)?.years.has(String(this.#year())) === true) return Promise.resolve();
    let waiting = this.#waiting.get(calendar);
    if (waiting === undefined) {
      let settle = (): void => undefined;
      waiting = { loaded: new Promise((resolve) => (settle = resolve)), settle: () => settle() };
      this.#waiting.set(calendar, waiting);
      if (!this.#asking) void this.#askAll();
    }
    return waiting.loaded;
  }

  /** `US-CA` and the like, as installation and campaigns name them; a region without a calendar has that of its country. */
  #calendarFor(place: string): string | undefined {
    const [country = '', region] = place.split('-', 2);
    const calendar = calendarOf({ country, region });
    if (calendar === undefined && !this.#without.has(country) && this.#without.size < MOST_TOLD) {
      this.#without.add(country);
      this.#parts.log.warn({ place: country }, 'no calendar of public holidays for this place: it has none');
    }
    return calendar;
  }

  #year(): number {
    return new Date(this.#parts.clock.now()).getUTCFullYear();
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    // Whoever asks for many places does so in one turn of the event loop.
    await Promise.resolve();
    while (this.#waiting.size > 0) await this.#ask([...this.#waiting.keys()]);
    this.#asking = false;
  }

  /** Resolves when the helper has ended. A place at which it fails is given up until somebody asks again; those behind it stay waiting. */
  async #ask(places: readonly string[]): Promise<void> {
    const { clock, log } = this.#parts;
    const years = YEARS.map((away) => this.#year() + away);
    const helper = this.#start({ places, years });
    const left = [...places];
    const failedAt = await new Promise<string | undefined>((resolve) => {
      const failed = (): void => resolve(left[0]);
      let limit = clock.after(LIMIT_MS, failed, { keepAlive: false });
      helper.onMessage((message) => {
        const { place, days } = message as HolidayAnswer;
        limit.cancel();
        left.shift();
        this.#known.set(place, { years: new Set(years.map(String)), days: new Set(days) });
        this.#settle(place);
        if (left.length === 0) resolve(undefined);
        else limit = clock.after(LIMIT_MS, failed, { keepAlive: false });
      });
      helper.onEnd(() => {
        limit.cancel();
        failed();
      });
    });
    await helper.terminate();
    if (failedAt === undefined) return;
    log.error({ place: failedAt }, 'public holidays could not be looked up');
    this.#settle(failedAt);
  }

  #settle(place: string): void {
    this.#waiting.get(place)?.settle();
    this.#waiting.delete(place);
  }
}
