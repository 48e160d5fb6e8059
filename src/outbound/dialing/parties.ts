import type { DueParty } from '../../store/dialing.js';
import { Pacer } from '../pacer.js';
import { FairShare } from './fair-share.js';

/** Weight of all tasks of no campaign together: that of a campaign that says nothing. */
const WEIGHT_ALONE = 10;

/** A party that wants to dial. */
interface Known {
  party: DueParty;
  /** Of this server: its share of what the campaign may begin a second on all of them. */
  pacer: Pacer | undefined;
  perSecond: number | undefined;
  /** Due tasks were fewer than asked for, or could not be served: nothing more until parties are looked at again. */
  dry: boolean;
}

/** Who dials how many calls now: within each party's own limits, by weighted shares where they compete. */
export class Parties {
  readonly #share = new FairShare();
  readonly #known = new Map<string, Known>();
  /** Calls that are up, also of parties with nothing due. */
  readonly #running = new Map<string, number>();

  /** Those with due tasks now; a campaign's pace is shared by so many servers. */
  refresh(due: readonly DueParty[], servers = 1): void {
    const present = new Set(due.map(({ campaignId }) => campaignId));
    for (const [id, known] of this.#known) {
      if (present.has(id)) continue;
      known.dry = true;
      // Its pace goes on as long as it dials now and then.
      if (!this.#running.has(id)) this.#known.delete(id);
    }
    for (const party of due) {
      const before = this.#known.get(party.campaignId);
      const perSecond = party.pacing?.callsPerSecond === undefined ? undefined : party.pacing.callsPerSecond / servers;
      const pacer = before?.perSecond === perSecond ? before?.pacer : perSecond === undefined ? undefined : new Pacer(perSecond);
      this.#known.set(party.campaignId, { party, pacer, perSecond, dry: false });
    }
  }

  /** How many of `slots` calls each party gets now, the first one first. `stopped` says who may not dial at all. */
  allot(now: number, slots: number, stopped: (campaignId: string) => boolean): readonly { readonly campaignId: string; readonly calls: number }[] {
    const allotted = new Map<string, number>();
    const open = [...this.#known.values()].filter(({ party, dry }) => !dry && party.pacing?.mode !== 'preview' && !stopped(party.campaignId));
    for (let slot = 0; slot < slots; slot += 1) {
      const wanting = open.filter((known) => this.#room(known, now, allotted.get(known.party.campaignId) ?? 0));
      const [next] = this.#share.order(wanting.map(partyOf), allotted);
      if (next === undefined) break;
      allotted.set(next.id, (allotted.get(next.id) ?? 0) + 1);
    }
    return [...allotted].map(([campaignId, calls]) => ({ campaignId, calls }));
  }

  /** Somebody has due tasks that nobody has to click for. */
  get waiting(): boolean {
    return [...this.#known.values()].some(({ party, dry }) => !dry && party.pacing?.mode !== 'preview');
  }

  /** There is nothing more to dial for it, or nothing that could serve its calls. */
  dry(campaignId: string): void {
    const known = this.#known.get(campaignId);
    if (known !== undefined) known.dry = true;
  }

  began(campaignId: string, now: number): void {
    this.#running.set(campaignId, (this.#running.get(campaignId) ?? 0) + 1);
    const known = this.#known.get(campaignId);
    if (known === undefined) return;
    known.pacer?.take(now);
    this.#share.took(partyOf(known));
  }

  ended(campaignId: string): void {
    const left = (this.#running.get(campaignId) ?? 0) - 1;
    if (left > 0) this.#running.set(campaignId, left);
    else this.#running.delete(campaignId);
  }

  /** It has as many calls up as it may, here; those of other servers are counted where an intent is made. */
  full(campaignId: string): boolean {
    return (this.#running.get(campaignId) ?? 0) >= (this.#known.get(campaignId)?.party.pacing?.maxCalls ?? Infinity);
  }

  /** Ms until its own pace lets a call go. */
  waitOf(campaignId: string, now: number): number {
    return this.#known.get(campaignId)?.pacer?.waitMs(now) ?? 0;
  }

  /** Ms until a party that waits for its own pace may dial; undefined if none does. */
  waitMs(now: number): number | undefined {
    const waits = [...this.#known.values()].filter(({ dry }) => !dry).map(({ pacer }) => pacer?.waitMs(now) ?? 0).filter((ms) => ms > 0);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  #room({ party, pacer }: Known, now: number, allotted: number): boolean {
    const most = party.pacing?.maxCalls ?? Infinity;
    const running = this.#running.get(party.campaignId) ?? 0;
    // Its own pace lets one call go at a time.
    if (pacer !== undefined && (allotted > 0 || pacer.waitMs(now) > 0)) return false;
    return running + allotted < most;
  }
}

function partyOf({ party }: Known): { id: string; weight: number } {
  return { id: party.campaignId, weight: party.pacing?.weight ?? WEIGHT_ALONE };
}
