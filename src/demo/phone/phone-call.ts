import type { Timer } from '../../kernel/clock.js';
import { asTrunklineError } from '../../kernel/errors.js';
import { answerOffer, createOffer, nextSessionVersion, readAnswer } from '../../sdp/offer-answer.js';
import type { LocalAudio, NegotiatedAudio } from '../../sdp/offer-answer.js';
import type { PhoneScript } from './script-file.js';
import { peerOf } from './sip-endpoint.js';
import type { Peer, ResponseParts, ServerTransaction, SipEndpoint } from './sip-endpoint.js';
import { addressUri, header, headerList, parameter, sequence } from './sip-message.js';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from './sip-message.js';

export const ALLOW: SipHeader = ['allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO'];
const AGENT: SipHeader = ['user-agent', 'trunkline-phone'];
const SDP: SipHeader = ['content-type', 'application/sdp'];

/** What a call tells the phone. */
export interface CallListener {
  onRinging(call: PhoneCall): void;
  onAnswered(call: PhoneCall): void;
  onNegotiated(call: PhoneCall, remote: NegotiatedAudio): void;
  /** ACK was sent or received. */
  onEstablished(call: PhoneCall, atMs: number): void;
  /** `status` is the final answer to INVITE, 0 if there was none. */
  onEnded(call: PhoneCall, how: { by: 'bot' | 'caller' | 'system'; status: number; reason: string }): void;
}

export interface CallContext {
  readonly endpoint: SipEndpoint;
  readonly listener: CallListener;
  readonly script: PhoneScript;
  readonly rtpPort: number;
  readonly after: (ms: number, run: () => void) => Timer;
  readonly monotonic: () => number;
}

interface Dialog {
  readonly localUri: string;
  readonly localTag: string;
  readonly remoteUri: string;
  remoteTag: string | undefined;
  remoteTarget: string;
  routes: readonly string[];
  sequence: number;
}

/** One SIP call of the phone, either way (RFC 3261 12 to 15). */
export class PhoneCall {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly script: PhoneScript;
  readonly #context: CallContext;
  readonly #dialog: Dialog;
  #peer: Peer;
  #state: 'early' | 'answered' | 'established' | 'ended' = 'early';
  #local: LocalAudio;
  #sent: string | undefined;
  #invite: ServerTransaction | undefined;
  #placed: SipRequest | undefined;
  #placedAnswered = false;
  #cancelled = false;
  #ack: SipRequest | undefined;
  #offered = false;
  #timer: Timer | undefined;

  private constructor(context: CallContext, id: string, direction: 'in' | 'out', dialog: Dialog, peer: Peer) {
    this.#context = context;
    this.script = context.script;
    this.id = id;
    this.direction = direction;
    this.#dialog = dialog;
    this.#peer = peer;
    this.#local = {
      address: context.endpoint.address.address,
      port: context.rtpPort,
      sessionId: Math.floor(context.monotonic() * 1000),
      sessionVersion: 1,
      codecs: context.script.file.codecs,
      ptimeMs: 20,
    };
  }

  /** Rings and later answers, as the script says. */
  static receive(context: CallContext, transaction: ServerTransaction): PhoneCall {
    const { request } = transaction;
    const dialog: Dialog = {
      localUri: addressUri(header(request, 'to')),
      localTag: transaction.localTag,
      remoteUri: addressUri(header(request, 'from')),
      remoteTag: parameter(header(request, 'from'), 'tag'),
      remoteTarget: addressUri(header(request, 'contact')) || addressUri(header(request, 'from')),
      // RFC 3261 12.1.1: the called side keeps the order of Record-Route.
      routes: headerList(request, 'record-route'),
      sequence: 0,
    };
    const call = new PhoneCall(context, header(request, 'call-id'), 'in', dialog, transaction.peer);
    call.#invite = transaction;
    transaction.onTimeout = () => call.hangUp('system', 'no ACK');
    transaction.respond(180, 'Ringing', { headers: [call.#contact()] });
    context.listener.onRinging(call);
    call.#timer = context.after(context.script.file.answerAfterMs, () => call.#answer());
    return call;
  }

  /** Sends the INVITE. */
  static place(context: CallContext, id: string, target: string, peer: Peer): PhoneCall {
    const { address, port } = context.endpoint.address;
    const dialog: Dialog = {
      localUri: `sip:${context.script.file.user ?? 'phone'}@${address}:${port}`,
      localTag: context.endpoint.newTag(),
      remoteUri: target,
      remoteTag: undefined,
      remoteTarget: target,
      routes: [],
      sequence: 0,
    };
    const call = new PhoneCall(context, id, 'out', dialog, peer);
    call.#sent = createOffer(call.#local);
    call.#placed = call.#request('INVITE', [call.#contact(), ALLOW, SDP], call.#sent);
    context.endpoint.request(call.#placed, peer, (response) => call.#onInviteResponse(response));
    return call;
  }

  /** True for requests of this dialog, whether or not both tags are known yet. */
  owns(message: SipMessage): boolean {
    return header(message, 'call-id') === this.id;
  }

  /** Ends the call with what its state asks for: CANCEL, a refusal, or BYE. */
  hangUp(by: 'caller' | 'system', reason: string): void {
    if (this.#state === 'ended') return;
    if (this.#state !== 'early') this.#send('BYE');
    else if (this.direction === 'in') this.#invite?.respond(480, 'Temporarily Unavailable');
    else return this.#cancel();
    this.#end(by, this.#state === 'early' ? 480 : 200, reason);
  }

  onAck(request: SipRequest, atMs: number): void {
    if (this.#state !== 'answered' || this.direction !== 'in') return;
    if (this.#offered) {
      // RFC 3261 13.2.1: an INVITE without an offer brings the answer in its ACK.
      try {
        this.#context.listener.onNegotiated(this, readAnswer(request.body, this.#local));
      } catch (error) {
        return this.hangUp('system', asTrunklineError(error).code);
      }
    }
    this.#establish(atMs);
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    switch (request.method) {
      case 'CANCEL':
        transaction.respond(200, 'OK');
        // RFC 3261 9.2: a CANCEL after the final answer changes nothing.
        if (this.#state !== 'early' || this.direction !== 'in') return;
        this.#invite?.respond(487, 'Request Terminated');
        return this.#end('bot', 487, 'cancelled');
      case 'BYE':
        transaction.respond(200, 'OK');
        return this.#end('bot', 200, 'bye');
      case 'INVITE':
      case 'UPDATE':
        return this.#onOffer(transaction);
      case 'OPTIONS':
      case 'INFO':
      case 'NOTIFY':
        return transaction.respond(200, 'OK', { headers: [ALLOW] });
      default:
        return transaction.respond(501, 'Not Implemented', { headers: [ALLOW] });
    }
  }

  #answer(): void {
    if (this.#state !== 'early' || this.#invite === undefined) return;
    const offer = this.#invite.request.body;
    try {
      if (offer === '') {
        this.#offered = true;
        this.#sent = createOffer(this.#local);
      } else {
        const { answer, remote } = answerOffer(offer, this.#local);
        this.#sent = answer;
        this.#context.listener.onNegotiated(this, remote);
      }
    } catch (error) {
      const { status, code } = asTrunklineError(error);
      this.#invite.respond(status, 'Not Acceptable Here');
      return this.#end('system', status, code);
    }
    this.#state = 'answered';
    this.#invite.respond(200, 'OK', this.#withSdp(this.#sent));
    this.#context.listener.onAnswered(this);
  }

  #onOffer(transaction: ServerTransaction): void {
    if (this.#state !== 'established') return transaction.respond(491, 'Request Pending');
    this.#dialog.remoteTarget = addressUri(header(transaction.request, 'contact')) || this.#dialog.remoteTarget;
    // An UPDATE or re-INVITE without SDP refreshes the session and changes nothing.
    if (transaction.request.body === '') return transaction.respond(200, 'OK', this.#withSdp(transaction.request.method === 'INVITE' ? this.#sent! : ''));
    try {
      const before = this.#sent!;
      const { answer, remote } = answerOffer(transaction.request.body, this.#local);
      this.#local = { ...this.#local, sessionVersion: nextSessionVersion(before, answer) };
      this.#sent = answerOffer(transaction.request.body, this.#local).answer;
      this.#context.listener.onNegotiated(this, remote);
      transaction.respond(200, 'OK', this.#withSdp(this.#sent));
    } catch (error) {
      // RFC 3261 14.2: a refused re-INVITE leaves the session as it was.
      transaction.respond(asTrunklineError(error).status, 'Not Acceptable Here');
    }
  }

  #onInviteResponse(response: SipResponse | undefined): void {
    if (response === undefined) return this.#end('system', 408, 'no answer');
    if (response.status < 200) {
      if (this.#cancelled && !this.#placedAnswered && response.status >= 100) this.#sendCancel();
      this.#placedAnswered = true;
      if (response.status > 100 && this.#state === 'early') this.#context.listener.onRinging(this);
      return;
    }
    if (response.status >= 300) return this.#end(this.#cancelled ? 'caller' : 'bot', response.status, response.reason);
    if (this.#ack !== undefined) return this.#context.endpoint.send(this.#ack, this.#peer);
    this.#dialog.remoteTag = parameter(header(response, 'to'), 'tag');
    this.#dialog.remoteTarget = addressUri(header(response, 'contact')) || this.#dialog.remoteTarget;
    // RFC 3261 12.1.2: the calling side reverses Record-Route.
    this.#dialog.routes = headerList(response, 'record-route').reverse();
    this.#peer = this.#nextPeer();
    this.#ack = this.#request('ACK', [], '');
    this.#context.endpoint.send(this.#ack, this.#peer);
    const atMs = this.#context.monotonic();
    this.#state = 'answered';
    this.#context.listener.onAnswered(this);
    // RFC 3261 15: a 2xx that crossed our CANCEL is acknowledged and then ended.
    if (this.#cancelled) return this.hangUp('caller', 'cancelled');
    try {
      this.#context.listener.onNegotiated(this, readAnswer(response.body, this.#local));
    } catch (error) {
      return this.hangUp('system', asTrunklineError(error).code);
    }
    this.#establish(atMs);
  }

  #cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    // RFC 3261 9.1: no CANCEL before a provisional response.
    if (this.#placedAnswered) this.#sendCancel();
  }

  #sendCancel(): void {
    const invite = this.#placed!;
    const headers = invite.headers.filter(([name]) => ['via', 'from', 'to', 'call-id', 'route', 'max-forwards'].includes(name));
    const cancel: SipRequest = { ...invite, method: 'CANCEL', headers: [...headers, ['cseq', `${sequence(invite).number} CANCEL`]], body: '' };
    this.#context.endpoint.request(cancel, this.#peer, () => undefined);
  }

  #establish(atMs: number): void {
    if (this.#state !== 'answered') return;
    this.#state = 'established';
    this.#context.listener.onEstablished(this, atMs);
  }

  #send(method: string): void {
    this.#context.endpoint.request(this.#request(method, [], ''), this.#nextPeer(), () => undefined);
  }

  #request(method: string, headers: readonly SipHeader[], body: string): SipRequest {
    const { localUri, localTag, remoteUri, remoteTag, remoteTarget, routes } = this.#dialog;
    const number = method === 'ACK' ? this.#dialog.sequence : ++this.#dialog.sequence;
    return {
      kind: 'request',
      method,
      uri: remoteTarget,
      headers: [
        ['via', this.#context.endpoint.newVia()],
        ['max-forwards', '70'],
        ...routes.map((route): SipHeader => ['route', route]),
        ['from', `<${localUri}>;tag=${localTag}`],
        ['to', `<${remoteUri}>${remoteTag === undefined ? '' : `;tag=${remoteTag}`}`],
        ['call-id', this.id],
        ['cseq', `${number} ${method}`],
        AGENT,
        ...headers,
      ],
      body,
    };
  }

  /** First route, else the far end's Contact, else where its last message came from. */
  #nextPeer(): Peer {
    return peerOf(addressUri(this.#dialog.routes[0] ?? '')) ?? peerOf(this.#dialog.remoteTarget) ?? this.#peer;
  }

  #contact(): SipHeader {
    const { address, port } = this.#context.endpoint.address;
    return ['contact', `<sip:phone@${address.includes(':') ? `[${address}]` : address}:${port}>`];
  }

  #withSdp(body: string): ResponseParts {
    return { headers: [this.#contact(), ALLOW, ...(body === '' ? [] : [SDP])], body };
  }

  #end(by: 'bot' | 'caller' | 'system', status: number, reason: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#timer?.cancel();
    this.#context.listener.onEnded(this, { by, status, reason });
  }
}
