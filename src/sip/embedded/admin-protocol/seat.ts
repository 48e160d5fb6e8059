/**
 * An application as the SIP side knows it: it outlives its connection. Whoever names
 * itself by a tag `again:<secret of its own>` takes its seat again after a loss, and with
 * it its calls; others are strangers after each connect.
 */
import type { Clock, Timer } from '../../../kernel/clock.js';
import type { Application, SipCore, UpwardMessage } from '../application.js';

/** A connection of the application. */
export interface SeatConnection {
  deliver(message: UpwardMessage): void;
  close(): void;
}

/** An application that never said who it is may at least say BYE over a new connection, ms. */
const STRANGER_GRACE_MS = 2_000;
const RETURN_TAG = /^again:[A-Za-z0-9]{16,26}$/;

export class Seat implements Application {
  private given = false;
  private connection: SeatConnection | undefined;
  private timer: Timer | undefined;
  /** What ended its calls while it was away, by dialog: told when it asks for that dialog. */
  private readonly ended = new Map<string, UpwardMessage>();

  constructor(
    readonly id: string,
    private readonly core: SipCore,
    private readonly clock: Clock,
    private readonly keepMs: number,
    private readonly onGone: () => void,
  ) {
    core.attach(this);
  }

  get away(): boolean {
    return this.connection === undefined;
  }

  deliver(message: UpwardMessage): void {
    if (this.connection) return this.connection.deliver(message);
    if (message.dialogId !== '' && message.message.startsWith('BYE ')) this.ended.set(message.dialogId, message);
  }

  take(connection: SeatConnection): void {
    this.timer?.cancel();
    const before = this.connection;
    this.connection = connection;
    // It came back before the loss was noticed here.
    if (before) {
      this.core.suspend(this);
      before.close();
    }
  }

  leave(connection: SeatConnection): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.core.suspend(this);
    this.timer = this.clock.after(this.keepMs, () => this.give(), { keepAlive: false });
  }

  /** A frame names `dialogId`: if it ended unheard, the application hears of it before the answer. */
  tellEnd(dialogId: string): void {
    const message = this.ended.get(dialogId);
    if (!message) return;
    this.ended.delete(dialogId);
    this.deliver(message);
  }

  private give(): void {
    if (this.given) return;
    this.given = true;
    this.timer?.cancel();
    this.ended.clear();
    this.onGone();
    this.core.detach(this);
  }
}

/** The seats of one server. */
export class Seats {
  private readonly named = new Map<string, Seat>();

  constructor(
    private readonly core: SipCore,
    private readonly clock: Clock,
    private readonly keepMs: number,
  ) {}

  /** The seat of the application that authenticates with `tags`. */
  of(id: string, tags: readonly string[]): Seat {
    const name = tags.find((tag) => RETURN_TAG.test(tag));
    if (name === undefined) return new Seat(id, this.core, this.clock, STRANGER_GRACE_MS, () => undefined);
    const known = this.named.get(name);
    if (known) return known;
    const seat: Seat = new Seat(id, this.core, this.clock, this.keepMs, () => this.named.delete(name));
    this.named.set(name, seat);
    return seat;
  }
}
