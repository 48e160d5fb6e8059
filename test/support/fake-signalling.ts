import { TrunklineError } from '../../src/kernel/errors.js';
import type { Dialog, DialogEnd, IncomingCall, OutgoingCallRequest, Signalling, SipHeaders, SipReply, SipRequestInfo } from '../../src/sip/signalling.js';

/** A far end that the test plays. */
export class FakeDialog implements Dialog {
  readonly callId = 'call-id';
  readonly localTag = 'ours';
  readonly remoteTag = 'theirs';
  peer = { uri: 'sip:far@127.0.0.1:5080', allows: (_method: string): boolean => true, supports: (_option: string): boolean => true };
  remoteSdp = 'v=0 remote';
  readonly localSdp = 'v=0 local';
  ended = false;
  hangups = 0;
  readonly #listeners: ((end: DialogEnd) => void)[] = [];
  onEnd(listener: (end: DialogEnd) => void): void {
    this.#listeners.push(listener);
  }
  finish(end: DialogEnd): void {
    if (this.ended) return;
    this.ended = true;
    for (const listener of this.#listeners) listener(end);
  }
  /** What we sent in it, in order. */
  readonly sent: { readonly method: string; readonly headers: SipHeaders; readonly body: string }[] = [];
  /** How the far end answers that. */
  answers: (method: string) => { status: number; headers?: SipHeaders; body?: string } = () => ({ status: 200 });
  #onModify: ((sdp: string) => string | Promise<string>) | undefined;
  #onRequest: ((request: SipRequestInfo) => SipReply | Promise<SipReply>) | undefined;
  onModify(handler: (sdp: string) => string | Promise<string>): void {
    this.#onModify = handler;
  }
  onRequest(handler: (request: SipRequestInfo) => SipReply | Promise<SipReply>): void {
    this.#onRequest = handler;
  }
  /** re-INVITE or UPDATE of the far end. */
  async offers(sdp: string): Promise<string> {
    return (await this.#onModify?.(sdp)) ?? '';
  }
  /** Any other request of the far end. */
  async asks(method: string, headers: SipHeaders = {}, body = ''): Promise<SipReply> {
    return (await this.#onRequest?.({ method, headers, body, contentType: headers['Content-Type'] })) ?? { status: 501 };
  }
  async modify(sdp: string): Promise<string> {
    this.sent.push({ method: 'INVITE', headers: {}, body: sdp });
    const { status, body = 'v=0 answer' } = this.answers('INVITE');
    if (status >= 300) throw refused(status, '');
    return Promise.resolve(body);
  }
  request(method: string, options: { headers?: SipHeaders; body?: string } = {}): Promise<{ status: number; headers: SipHeaders; body: string }> {
    this.sent.push({ method, headers: options.headers ?? {}, body: options.body ?? '' });
    return Promise.resolve({ headers: {}, body: '', ...this.answers(method) });
  }
  hangup(): Promise<void> {
    this.hangups += 1;
    this.finish({ by: 'local', reason: 'hangup' });
    return Promise.resolve();
  }
}

/** Signalling whose `place` does what the test says. */
export class FakeSignalling implements Signalling {
  readonly state = 'connected';
  readonly addresses = ['udp/127.0.0.1:5060'];
  readonly placed: OutgoingCallRequest[] = [];
  outcome: (request: OutgoingCallRequest) => Promise<Dialog> = () => Promise.resolve(new FakeDialog());
  onState = (): void => undefined;
  start = (): Promise<void> => Promise.resolve();
  place(request: OutgoingCallRequest): Promise<Dialog> {
    this.placed.push(request);
    return this.outcome(request);
  }
  onInvite = (): void => undefined;
  onRequest = (): void => undefined;
  request = (): Promise<never> => Promise.reject(new TrunklineError('TRK_SIP_TIMEOUT'));
  close = (): Promise<void> => Promise.resolve();
}

/** The error that an adapter throws when the far end refuses. */
export function refused(status: number, reason: string): TrunklineError {
  const code = status === 408 ? 'TRK_SIP_TIMEOUT' : status === 487 ? 'TRK_SIP_CANCELLED' : 'TRK_SIP_REJECTED';
  return new TrunklineError(code, { params: { status }, cause: { status, reason } });
}

export class FakeIncomingCall implements IncomingCall {
  readonly callId = 'incoming';
  readonly uri = 'sip:100@127.0.0.1';
  readonly to = '100';
  readonly from = 'caller';
  readonly headers = {};
  readonly source = { address: '127.0.0.1', port: 5080, protocol: 'udp' as const };
  readonly dialog = new FakeDialog();
  replaces: Dialog | undefined;
  readonly rejected: number[] = [];
  answered = false;
  readonly sdp: string;
  #cancel: () => void = () => undefined;
  constructor(sdp = 'v=0 offer') {
    this.sdp = sdp;
  }
  readonly progressed: { sdp?: string; reliable?: boolean }[] = [];
  progress(options: { sdp?: string; reliable?: boolean } = {}): Promise<void> {
    this.progressed.push(options);
    return Promise.resolve();
  }
  answer(): Promise<Dialog> {
    this.answered = true;
    return Promise.resolve(this.dialog);
  }
  reject(status: number): Promise<void> {
    this.rejected.push(status);
    return Promise.resolve();
  }
  onCancel(listener: () => void): void {
    this.#cancel = listener;
  }
  cancel(): void {
    this.#cancel();
  }
}
