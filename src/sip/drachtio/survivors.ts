/**
 * Calls over a lost connection. The server keeps their dialogs, the media never knew it,
 * so only what was said meanwhile has to be made up for: our own BYEs and CANCELs go out
 * late, and a dialog that the far end has left is found by asking for it.
 */
import type { Clock, Timer } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { DrachtioDialog } from './dialog.js';
import { srfFailure, type SrfInstance, type SrfRequest } from './srf-types.js';

/** How often a server that tells nothing of older calls is asked for each of them, ms. */
const ASK_MS = 2_000;
/** What is owed to the far ends is bounded as calls are; the oldest goes first. */
const MAX_OWED = 20_000;

export interface SurvivorsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls that have no server for so long end, ms. */
  readonly limitMs: number;
  readonly dialogs: ReadonlySet<DrachtioDialog>;
}

export class Survivors {
  private limit: Timer | undefined;
  private asking: Timer | undefined;
  /** Older than the present connection, by a server that sends nothing of them to it. */
  private readonly unheard = new Set<DrachtioDialog>();
  private readonly byes = new Map<string, Record<string, string>>();
  private readonly invites: SrfRequest[] = [];

  constructor(private readonly options: SurvivorsOptions) {}

  /** BYE of a call that is over here. */
  oweBye(dialogId: string, headers: Record<string, string>): void {
    this.byes.set(dialogId, headers);
    const [oldest] = this.byes.keys();
    if (this.byes.size > MAX_OWED && oldest !== undefined) this.byes.delete(oldest);
  }

  /** An INVITE that was under way: whatever became of it, nobody wants the call. */
  oweCancel(invite: SrfRequest): void {
    if (this.invites.length < MAX_OWED) this.invites.push(invite);
  }

  onDown(): void {
    const { clock, dialogs, limitMs, log } = this.options;
    this.asking?.cancel();
    this.unheard.clear();
    for (const dialog of [...dialogs]) dialog.suspend();
    if (dialogs.size > 0) log.warn({ calls: dialogs.size, limitMs }, 'calls wait for the SIP server to come back');
    // Trying in vain again and again does not make it longer.
    this.limit ??= clock.after(limitMs, () => this.endAll(), { keepAlive: false });
  }

  /** `hearsAll`: the server tells the new connection what becomes of older calls. */
  onUp(srf: SrfInstance, hearsAll: boolean): void {
    this.limit?.cancel();
    this.limit = undefined;
    this.payDebts(srf);
    const { dialogs, log } = this.options;
    if (dialogs.size > 0) log.info({ calls: dialogs.size }, 'calls have their SIP server back');
    for (const dialog of [...dialogs]) {
      dialog.resume(srf);
      this.ask(srf, dialog);
      if (!hearsAll) this.unheard.add(dialog);
    }
    if (this.unheard.size > 0) this.askAgain(srf);
  }

  /** For the end of everything. */
  stop(): void {
    this.limit?.cancel();
    this.asking?.cancel();
  }

  endAll(): void {
    this.limit?.cancel();
    this.limit = undefined;
    for (const dialog of [...this.options.dialogs]) dialog.lost();
  }

  private payDebts(srf: SrfInstance): void {
    const nothing = (): void => undefined;
    for (const [stackDialogId, headers] of this.byes) srf.app.request({ method: 'BYE', stackDialogId, headers }, nothing);
    for (const invite of this.invites.splice(0)) {
      const { uri, stackTxnId } = invite;
      if (stackTxnId !== undefined) srf.app.request({ method: 'CANCEL', uri, stackTxnId, headers: { Reason: 'SIP;cause=503;text="lost the SIP server"' } }, nothing);
      // RFC 3261 15: it may have been answered meanwhile, and then it needs an ACK before its BYE.
      const tag = /;\s*tag=([^;\s]+)/i.exec(invite.get('From') ?? '')?.[1];
      const stackDialogId = `${invite.get('Call-ID') ?? ''};from-tag=${tag ?? ''}`;
      srf.app.request({ method: 'ACK', uri, stackDialogId, headers: {} }, nothing);
      srf.app.request({ method: 'BYE', stackDialogId, headers: {} }, nothing);
    }
    this.byes.clear();
  }

  private askAgain(srf: SrfInstance): void {
    this.asking = this.options.clock.after(
      ASK_MS,
      () => {
        for (const dialog of [...this.unheard]) {
          if (dialog.ended) this.unheard.delete(dialog);
          else this.ask(srf, dialog);
        }
        if (this.unheard.size > 0) this.askAgain(srf);
      },
      { keepAlive: false },
    );
  }

  /**
   * A body without a Content-Type is refused by every server before anything goes out,
   * and by then it has looked for the dialog: the one question that costs no message.
   */
  private ask(srf: SrfInstance, dialog: DrachtioDialog): void {
    try {
      srf.app.request({ method: 'INFO', stackDialogId: dialog.id, headers: {}, body: '?' }, (error) => {
        if (srfFailure(error).code === 'ENODIALOG') dialog.gone();
      });
    } catch {
      // srf asserts that a socket is there; without one the next connection asks.
    }
  }
}
