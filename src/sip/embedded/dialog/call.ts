/** A dialog together with the application that owns it and the work in progress in it. */
import { isIP } from 'node:net';
import type { Application } from '../application.js';
import type { SipMessage, SipRequest } from '../message/message.js';
import { parseUri } from '../message/uri.js';
import { bareAddress } from '../message/via.js';
import type { Destination, Source } from '../transport/transport.js';
import { Refusal } from './application-message.js';
import type { DialogContext } from './context.js';
import type { DialogState } from './dialog-state.js';
import { SessionTimer } from './session-timer.js';

export type CallStage = 'early' | 'confirmed' | 'ended';

/** A 2xx of theirs that waits for the application's ACK. */
export interface UnacknowledgedAnswer {
  readonly sequence: number;
  /** Runs after the ACK went out. */
  readonly acknowledged: () => void;
}

/** Our side of an INVITE of theirs, as the call needs to know it. */
export interface PendingInvite {
  /** The number in its CSeq. */
  readonly sequence: number;
  readonly answered: boolean;
  /** False if the ACK belongs to nothing that waits. */
  onAck(): boolean;
  onPrack(rack: { rseq: number; sequence: number; method: string }): boolean;
  /** Ends the wait without the application's doing. */
  giveUp(status: number): void;
  /** The call ended in another way. */
  abandon(): void;
}

export class Call {
  stage: CallStage = 'early';
  /** Custom Contact of the INVITE, kept for later re-INVITEs. */
  contact: string | undefined;
  /** Where their requests really come from. */
  peer: Source | undefined;
  /** Where our INVITE went, and whose certificate was checked if that was TLS. */
  calledAt: Destination | undefined;
  /** Our part of the session description in force, for refreshes. */
  localSdp: Buffer | undefined;
  remoteAllowsUpdate = false;
  readonly session: SessionTimer;
  /** INVITE of ours without a final response. */
  invitingOut = false;
  /** Offers by UPDATE without an answer, ours and theirs. */
  updatingOut = false;
  updatingIn = false;
  invite: PendingInvite | undefined;
  unacknowledged: UnacknowledgedAnswer | undefined;
  /** RSeq of their last reliable provisional response (RFC 3262 4). */
  remoteRseq: number | undefined;
  /** We sent BYE and wait for its answer. */
  leaving = false;
  private ack: { readonly sequence: number; request: SipRequest; readonly destination: Destination } | undefined;
  private afterAck: Array<() => void> = [];

  constructor(
    readonly state: DialogState,
    readonly application: Application,
    private readonly context: DialogContext,
  ) {
    this.session = new SessionTimer(context, this);
  }

  get id(): string {
    return this.state.applicationId;
  }

  /** Takes note of what a message of ours says of our media. */
  describedBy(body: Buffer): void {
    if (body.subarray(0, 2).toString('latin1') === 'v=') this.localSdp = body;
  }

  /** RFC 3261 20.5: methods that the far end knows in this dialog. */
  learnAllow(message: SipMessage): void {
    if (message.headers.has('Allow')) this.remoteAllowsUpdate = message.headers.includes('Allow', 'UPDATE');
  }

  /** Where a request of ours goes whose route or target is `nextHop`. */
  route(nextHop: string, done: (result: Destination | Refusal) => void): void {
    const real = this.state.hasRoutes ? undefined : this.realSource();
    if (real) return done({ protocol: real.protocol, address: real.address, port: real.port, protocolFixed: true });
    this.context.nextHops.find(nextHop, (found) => done(this.asCalled(found)));
  }

  /** A Contact mostly holds an address, and few certificates do: the peer proves the name that we called it by. */
  private asCalled(found: Destination | Refusal): Destination | Refusal {
    const { calledAt } = this;
    if (found instanceof Refusal || found.protocol !== 'tls' || calledAt?.protocol !== 'tls' || found.address !== calledAt.address) return found;
    return { ...found, serverName: calledAt.serverName };
  }

  /** Sends the ACK to a 2xx and keeps it for repetitions of that 2xx. */
  sendAck(sequence: number, request: SipRequest, destination: Destination): void {
    const kept = { sequence, request, destination };
    this.ack = kept;
    this.context.transactions.sendAck(request, destination).then(
      (sent) => {
        kept.request = sent;
      },
      (error: unknown) => this.context.log.info({ sipCallId: this.state.callId, err: error }, 'ACK could not be sent'),
    );
  }

  /** A repeated 2xx shows that our ACK was lost (RFC 3261 13.2.2.4). */
  repeatAck(sequence: number): void {
    if (this.ack?.sequence !== sequence) return;
    this.context.transactions.sendAck(this.ack.request, this.ack.destination).catch(() => undefined);
  }

  /** RFC 3261 15: the callee does not send BYE before it has the ACK, or knows that none comes. */
  whenAcknowledged(run: () => void): void {
    if (this.invite?.answered) this.afterAck.push(run);
    else run();
  }

  runAfterAck(): void {
    for (const run of this.afterAck.splice(0)) run();
  }

  /**
   * A Contact with an address that is not the sender's own is behind a NAT. A
   * different port alone is no sign of that: proxies send from other ports than they listen on.
   */
  private realSource(): Source | undefined {
    if (!this.peer) return undefined;
    // Who called us over TLS showed no certificate, and has none to show if we called back: its connection is the only way.
    if (this.peer.protocol === 'tls' && this.peer.connection?.open) return this.peer;
    try {
      const uri = parseUri(this.state.remoteTarget);
      if (uri.kind !== 'sip') return this.peer;
      const host = bareAddress(uri.host);
      return isIP(host) !== 0 && host !== this.peer.address ? this.peer : undefined;
    } catch {
      return this.peer;
    }
  }
}
