import { HelperProcess } from '../../kernel/helper-process.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';

/** Public holidays by place and day. */
export interface HolidayBook {
  /** Undefined: not known yet; it is being looked up. `place`: `CN`, `US-CA`; `day`: `2026-12-25`. */
  isHoliday(place: string, day: string): boolean | undefined;
  /** Resolves when the days of these places around now are known, or cannot be. */
  load(places: readonly string[]): Promise<void>;
}

export interface HolidayAnswer {
  readonly place: string;
  /** Undefined: there is no calendar for it. */
  readonly days: readonly string[] | undefined;
}

/** Years before and after the present one. */
const YEARS = [-1, 0, 1, 2] as const;
/** Longest look-up, ms. */
const LIMIT_MS = 60_000;

interface Known {
  readonly years: ReadonlySet<string>;
  readonly days: ReadonlySet<string>;
}

/**
 * Asks date-holidays in a process of its own, once a place: its calendars, the Chinese
 * one among them, take more than a hundred MB and a second, and are then not needed
 * for a year.
 */
export class Holidays implements HolidayBook {
  readonly #parts: { readonly clock: Clock; readonly log: Logger };
  readonly #known = new Map<string, Known>();
  readonly #loading = new Map<string, Promise<void>>();

  constructor(parts: { clock: Clock; log: Logger }) {
    this.#parts = parts;
  }

  isHoliday(place: string, day: string): boolean | undefined {
    const known = this.#known.get(place);
    if (known?.years.has(day.slice(0, 4)) === true) return known.days.has(day);
    void this.#loadOne(place);
    return undefined;
  }

  async load(places: readonly string[]): Promise<void> {
    await Promise.all(places.map((place) => this.#loadOne(place)));
  }

  #loadOne(place: string): Promise<void> {
    const { clock } = this.#parts;
    const present = new Date(clock.now()).getUTCFullYear();
    if (this.#known.get(place)?.years.has(String(present)) === true) return Promise.resolve();
    let loading = this.#loading.get(place);
    if (loading === undefined) {
      const years = YEARS.map((away) => present + away);
      loading = this.#ask(place, years).finally(() => this.#loading.delete(place));
      this.#loading.set(place, loading);
    }
    return loading;
  }

  #ask(place: string, years: readonly number[]): Promise<void> {
    const { clock, log } = this.#parts;
    return new Promise((resolve) => {
      const helper = new HelperProcess(new URL('./holidays-process.js', import.meta.url), { place, years });
      let over = false;
      const done = (answer?: HolidayAnswer): void => {
        if (over) return;
        over = true;
        limit.cancel();
        if (answer !== undefined) {
          if (answer.days === undefined) log.warn({ place }, 'no calendar of public holidays for this place: it has none');
          this.#known.set(place, { years: new Set(years.map(String)), days: new Set(answer.days) });
        } else log.error({ place }, 'public holidays could not be looked up');
        void helper.terminate();
        resolve();
      };
      const limit = clock.after(LIMIT_MS, () => done(), { keepAlive: false });
      helper.onMessage((message) => done(message as HolidayAnswer));
      helper.onEnd(() => done());
    });
  }
}
