import { TrunklineError } from '../kernel/errors.js';
import type { Dialog, IncomingCall, SipReply, SipRequestInfo } from '../sip/signalling.js';
import type { TransferRecord } from '../store/store.js';
import type { TransferOrder } from './call-service.js';
import type { FarEnd } from './far-end.js';
import { Referral, takePlace } from './transfer-in.js';
import type { TransferLeg } from './transfer-leg.js';
import { checkTarget, transfer } from './transfer.js';
import type { BridgedCall, TransferParts, TransferSubject } from './transfer.js';

export interface DeskEvents {
  /** The bot is silent and deaf from now on. */
  pause(): void;
  /** The transfer failed: the bot goes on. */
  resume(): void;
  /** How a transfer went, once for each. */
  done(record: TransferRecord): void;
  /** The far end talks with somebody else now; nothing is left to do but to hang up. */
  over(): void;
}

/** All transfers of one call: ours, those of the far end, and the bridge that one may leave behind. */
export class TransferDesk {
  readonly #parts: TransferParts;
  readonly #subject: TransferSubject;
  readonly #events: DeskEvents;
  readonly #referral: Referral;
  #legs: TransferLeg[] = [];
  #running: Promise<TransferRecord> | undefined;
  #bridge: BridgedCall | undefined;
  #bridged: Promise<void> = Promise.resolve();
  #record: TransferRecord | undefined;

  constructor(parts: TransferParts, subject: TransferSubject, events: DeskEvents) {
    this.#parts = parts;
    this.#subject = subject;
    this.#events = events;
    this.#referral = new Referral(parts, subject, (record) => this.#done(record), (leg) => this.#legs.push(leg));
  }

  /** The last transfer, for the result. */
  get record(): TransferRecord | undefined {
    return this.#record;
  }

  get bridge(): BridgedCall | undefined {
    return this.#bridge;
  }

  /** TRK_CONFLICT while another one is on its way. Otherwise never rejects. */
  transfer(order: TransferOrder): Promise<TransferRecord> {
    if (this.#taken) return Promise.reject(onItsWay());
    const running = this.#transfer(order);
    this.#running = running;
    return running;
  }

  /** As `transfer`, for those who do not wait. TRK_CONFLICT, TRK_NUMBER_INVALID. */
  start(order: TransferOrder): void {
    checkTarget(order.to);
    if (this.#taken) throw onItsWay();
    void this.transfer(order).then((record) => {
      if (record.outcome === 'completed') this.#events.over();
      else this.#events.resume();
    });
  }

  /** A transfer is on its way, or was made: the caller is somebody else's. */
  get #taken(): boolean {
    return this.#running !== undefined || this.#referral.running;
  }

  onRefer(request: SipRequestInfo): SipReply {
    return this.#referral.onRefer(request, this.#running !== undefined);
  }

  /** Whose dialog it is, if it is of this call. */
  owner(dialog: Dialog): FarEnd | undefined {
    if (this.#subject.far.dialog === dialog) return this.#subject.far;
    return this.#bridge?.other.dialog === dialog ? this.#bridge.other : undefined;
  }

  /** `call` takes the place of `far`. TRK_CONFLICT while one of them is being transferred; else errors as of `takePlace`. */
  async takePlace(far: FarEnd, call: IncomingCall): Promise<void> {
    // Once a bridge stands, either side may be handed on by its own people.
    if (this.#taken && this.#bridge === undefined) throw onItsWay();
    const startedAt = this.#parts.clock.monotonic();
    await takePlace({ far }, call);
    this.#done({ mode: 'attended', by: 'far_end', to: call.from, outcome: 'completed', status: 200, ms: Math.round(this.#parts.clock.monotonic() - startedAt) });
  }

  /** Resolves when no transfer is on its way and no bridge stands; then all that they held is given back. */
  async settled(): Promise<void> {
    await this.#running;
    await this.#bridged;
    for (const leg of this.#legs.splice(0)) leg.release();
  }

  async #transfer(order: TransferOrder): Promise<TransferRecord> {
    this.#events.pause();
    const { record, bridge } = await transfer(this.#parts, this.#subject, order);
    if (bridge !== undefined) {
      this.#bridge = bridge;
      this.#bridged = bridge.over.then(() => bridge.end());
    }
    this.#done(record);
    if (record.outcome === 'failed') this.#running = undefined;
    return record;
  }

  #done(record: TransferRecord): void {
    this.#record = record;
    this.#events.done(record);
  }
}

function onItsWay(): TrunklineError {
  return new TrunklineError('TRK_CONFLICT', { params: { reason: 'A transfer of this call is on its way.' } });
}
