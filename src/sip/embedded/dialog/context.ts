/** What the parts of this folder share. */
import type { Clock, Timer } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/log.js';
import type { Random } from '../../../kernel/random.js';
import { hex } from '../../../kernel/random.js';
import type { Application, MessageMeta, UpwardMessage } from '../application.js';
import { serialize, type SipMessage } from '../message/message.js';
import type { Destination, Source } from '../transport/transport.js';
import type { TransactionLayer } from '../transaction/transaction-layer.js';
import type { LocalEnd } from './application-message.js';
import type { CallTable } from './call-table.js';
import type { NextHops } from './next-hop.js';

/** Counters for metrics; they only grow. */
export interface DialogCounters {
  requestsIn: number;
  requestsOut: number;
  unansweredByApplication: number;
  refusedWithoutApplication: number;
  ackTimeouts: number;
  unknownDialogs: number;
  strayResponses: number;
}

export interface DialogContext {
  readonly transactions: TransactionLayer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly nextHops: NextHops;
  readonly calls: CallTable;
  readonly counters: DialogCounters;
  /** Our end as the peer at `destination` sees it. */
  localEnd(destination: Destination): LocalEnd;
}

export function newTransactionId(context: DialogContext): string {
  return hex(context.random, 16);
}

export function text(message: SipMessage): string {
  return serialize(message).toString('utf8');
}

/** Of a message that came from `source` or goes back to it. */
export function metaOf(source: Destination | Source): MessageMeta {
  return { protocol: source.protocol, address: source.address, port: source.port };
}

/**
 * srf attaches its listener for responses a turn after it has read the answer to
 * its request frame. Where both are read at once the response is lost without a
 * word, so responses are kept back this long after that answer, ms.
 */
const RESPONSE_GAP_MS = 3;

/** Delivers the responses of one transaction, in order and not too soon. */
export class ResponsePath {
  private readonly waiting: UpwardMessage[] = [];
  private readonly openAt: number;
  private timer: Timer | undefined;

  constructor(
    private readonly application: Application,
    private readonly clock: Clock,
  ) {
    this.openAt = clock.monotonic() + RESPONSE_GAP_MS;
  }

  deliver(message: UpwardMessage): void {
    const early = this.openAt - this.clock.monotonic();
    if (early <= 0 && this.waiting.length === 0) return this.application.deliver(message);
    this.waiting.push(message);
    this.timer ??= this.clock.after(Math.max(0, early), () => {
      // A timer may fire a moment before `monotonic` says so; what comes in that moment needs a timer again.
      this.timer = undefined;
      for (const late of this.waiting.splice(0)) this.application.deliver(late);
    });
  }
}
