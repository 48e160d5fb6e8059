import { silentLogger } from '../../../../src/kernel/log.js';
import type { SipRequest, SipResponse } from '../../../../src/sip/embedded/message/message.js';
import { createResponse } from '../../../../src/sip/embedded/message/message.js';
import { TransactionLayer } from '../../../../src/sip/embedded/transaction/transaction-layer.js';
import type { ServerTransaction } from '../../../../src/sip/embedded/transaction/server-transaction.js';
import type { ClientEvents } from '../../../../src/sip/embedded/transaction/client-transaction.js';
import type { Destination, Source } from '../../../../src/sip/embedded/transport/transport.js';
import { FakeTransport, parseText, peer } from '../../../support/fake-transport.js';
import { ManualClock } from '../../../support/manual-clock.js';

/** Counts up, so that each branch and tag is new and every run the same. */
function countingRandom(): { bytes: (length: number) => Uint8Array } {
  let next = 1;
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(length - 4, next++);
      return bytes;
    },
  };
}

export interface Bench {
  clock: ManualClock;
  transport: FakeTransport;
  layer: TransactionLayer;
  requests: { transaction: ServerTransaction; request: SipRequest; source: Source }[];
  acks: SipRequest[];
  strays: SipResponse[];
  cancels: { cancel: ServerTransaction; invite: ServerTransaction | undefined }[];
}

/** A transaction layer between a fake network and a user that writes down what it gets. */
export function bench(options: { maxTransactions?: number; maxBytes?: number } = {}): Bench {
  const clock = new ManualClock();
  const transport = new FakeTransport();
  const layer = new TransactionLayer({ transport, clock, random: countingRandom(), log: silentLogger, maxTransactions: 100, ...options });
  const result: Bench = { clock, transport, layer, requests: [], acks: [], strays: [], cancels: [] };
  layer.onRequest((transaction, request, source) => result.requests.push({ transaction, request, source }));
  layer.onAck((ack) => result.acks.push(ack));
  layer.onStrayResponse((response) => result.strays.push(response));
  layer.onCancel((cancel, _request, invite) => result.cancels.push({ cancel, invite }));
  return result;
}

export const udpPeer: Destination = { protocol: 'udp', ...peer };
export const tcpPeer: Destination = { protocol: 'tcp', ...peer };

export function request(method: string, changes: { branch?: string; via?: string; cseq?: number; callId?: string; to?: string; from?: string; uri?: string; headers?: string } = {}): SipRequest {
  const branch = changes.branch ?? 'z9hG4bKone';
  const text = `${method} ${changes.uri ?? 'sip:bot@192.0.2.1'} SIP/2.0
Via: ${changes.via ?? `SIP/2.0/UDP 192.0.2.9;branch=${branch}`}
Max-Forwards: 70
From: <sip:caller@192.0.2.9>${changes.from ?? ';tag=caller1'}
To: <sip:bot@192.0.2.1>${changes.to ?? ''}
Call-ID: ${changes.callId ?? 'call-1'}
CSeq: ${changes.cseq ?? 1} ${method}
${changes.headers ?? ''}`;
  const message = parseText(text.trimEnd());
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

/** The far end's answer to what we sent. */
export function answer(sent: SipRequest, status: number, toTag = 'callee1'): SipResponse {
  return createResponse(sent, status, undefined, { toTag });
}

export interface Heard extends ClientEvents {
  readonly heard: string[];
}

/** Events of a client transaction as words. */
export function listener(): Heard {
  const heard: string[] = [];
  return {
    heard,
    onResponse: (response) => heard.push(String(response.status)),
    onTimeout: () => heard.push('timeout'),
    onTransportError: (error) => heard.push(error.code),
  };
}

/** Lets the promises of sends settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
