import { TrunklineError } from '../../src/kernel/errors.js';
import type { Dialog, DialogEnd, IncomingCall, OutgoingCallRequest, Signalling } from '../../src/sip/signalling.js';

/** A far end that the test plays. */
export class FakeDialog implements Dialog {
  readonly callId = 'call-id';
  remoteSdp = 'v=0 remote';
  readonly localSdp = 'v=0 local';
  ended = false;
  hangups = 0;
  #listener: ((end: DialogEnd) => void) | undefined;
  onEnd(listener: (end: DialogEnd) => void): void {
    this.#listener = listener;
  }
  finish(end: DialogEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.#listener?.(end);
  }
  onModify = (): void => undefined;
  onRequest = (): void => undefined;
  modify = (): Promise<string> => Promise.resolve('');
  request = (): Promise<{ status: number; headers: Record<string, string>; body: string }> => Promise.resolve({ status: 200, headers: {}, body: '' });
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
  readonly rejected: number[] = [];
  answered = false;
  readonly sdp: string;
  #cancel: () => void = () => undefined;
  constructor(sdp = 'v=0 offer') {
    this.sdp = sdp;
  }
  progress = (): Promise<void> => Promise.resolve();
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
