import { SeededRandom } from './random.js';

export interface ChaosSize {
  /** People to be called: half of them by tasks of no campaign, half by a campaign. */
  readonly contacts: number;
  /** On PostgreSQL two servers share one database, which is killed, too. */
  readonly store: 'sqlite' | 'postgres';
  /** Processes that are killed: servers, speech workers, the database. */
  readonly kills: number;
  readonly seed: number;
}

/** What goes wrong. `server`: which of them, from 0. */
export type Fault =
  | { readonly kind: 'server'; readonly server: number }
  | { readonly kind: 'database'; readonly forMs: number }
  | { readonly kind: 'ear' | 'mouth' }
  | { readonly kind: 'disk_full'; readonly server: number; readonly forMs: number; readonly dies: boolean }
  | { readonly kind: 'clock_jump'; readonly byMs: number }
  | { readonly kind: 'trunk_cut'; readonly forMs: number };

/** A fault, and how long after the one before it has been mended. */
export type PlannedFault = Fault & { readonly afterMs: number };

const HOUR_MS = 3_600_000;
const JUMPS_MS = [-HOUR_MS, -30_000, -2_000, 2_000, 30_000, HOUR_MS] as const;
/** The clock goes no further from the right time than this, ms: whoever may be called at all may be called in the end. */
export const FURTHEST_MS = 2 * HOUR_MS;
/** Of twenty kills: seventeen of servers, three of workers; on PostgreSQL every third of the former is one of the database. */
const KILLS = [...Array.from({ length: 17 }, () => 'server' as const), 'ear', 'mouth', 'ear'] as const;
const DATABASE_KILLS = 1 / 3;
/** The database is away for so long at most, ms. */
const LONGEST_AWAY_MS = 4_000;
/** Now and then a server dies while its disk is full. */
const DIES_FULL = 0.3;
const TROUBLES = ['disk_full', 'clock_jump', 'trunk_cut'] as const;

export function serversOf(store: ChaosSize['store']): number {
  return store === 'postgres' ? 2 : 1;
}

/** Every kind of trouble comes once in three kills at least. All of it follows from the seed. */
export function planFaults({ kills, store, seed }: Omit<ChaosSize, 'contacts'>): readonly PlannedFault[] {
  const random = new SeededRandom(seed);
  const faults: PlannedFault[] = [];
  let offMs = 0;
  const server = (): number => random.between(0, serversOf(store) - 1);
  const add = (fault: Fault): void => void faults.push({ ...fault, afterMs: random.between(0, 900) });
  const trouble = (kind: (typeof TROUBLES)[number]): Fault => {
    if (kind === 'disk_full') return { kind, server: server(), forMs: random.between(200, 1_500), dies: random.next() < DIES_FULL };
    if (kind === 'trunk_cut') return { kind, forMs: random.between(200, 2_500) };
    const wanted = random.pick(JUMPS_MS);
    const byMs = Math.abs(offMs + wanted) > FURTHEST_MS ? -wanted : wanted;
    offMs += byMs;
    return { kind, byMs };
  };
  for (let kill = 0; kill < kills; kill += 1) {
    const kind = kill % 10 === 4 ? random.pick(['ear', 'mouth'] as const) : random.pick(KILLS);
    if (kind !== 'server') add({ kind });
    else if (store === 'postgres' && random.next() < DATABASE_KILLS) add({ kind: 'database', forMs: random.between(100, LONGEST_AWAY_MS) });
    else add({ kind, server: server() });
    if (kill % 2 === 1) add(trouble(TROUBLES[Math.floor(kill / 2) % TROUBLES.length] ?? 'trunk_cut'));
  }
  return faults;
}
