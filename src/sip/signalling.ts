/**
 * PORT: telephone signalling as the rest of trunkline sees it. One adapter
 * (`drachtio/`) implements it for the embedded server and for a real
 * drachtio-server alike; the contract suite is `test/contract/signalling.ts`.
 *
 * Bodies are SDP text. A status is a SIP status code. All errors are
 * `TrunklineError`; each method names its codes.
 */

/** Header names in canonical spelling to values. */
export type SipHeaders = Readonly<Record<string, string>>;

/** The same for what we send; a list makes one header line of each value. */
export type SipReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface SipRequestInfo {
  readonly method: string;
  readonly headers: SipHeaders;
  readonly body: string;
  readonly contentType: string | undefined;
}

/** What a handler of an in-dialog request answers. */
export interface SipReply {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: SipHeaders;
  readonly body?: string;
}

/** Why a dialog ended. `remote`: their BYE; `local`: our BYE; `system`: the signalling layer gave up (ACK timeout, session expiry, lost server). */
export interface DialogEnd {
  readonly by: 'remote' | 'local' | 'system';
  /** Text for records, e.g. a Reason header or `ACK timeout`. */
  readonly reason: string;
}

/** What the far end of a dialog said of itself when the call was set up. */
export interface DialogPeer {
  /** Its Contact: a new call to this URI reaches the same phone. */
  readonly uri: string;
  /** False only if it listed its methods and this one is not among them (RFC 3261 20.5). */
  allows(method: string): boolean;
  /** It listed this option tag as supported (RFC 3261 20.37). */
  supports(option: string): boolean;
}

/** An established INVITE dialog. */
export interface Dialog {
  readonly callId: string;
  /** Tags of both ends: with the Call-ID they name the dialog (RFC 3891). */
  readonly localTag: string;
  readonly remoteTag: string;
  readonly peer: DialogPeer;
  /** SDP that the far end last sent. */
  readonly remoteSdp: string;
  /** SDP that we last sent. */
  readonly localSdp: string;
  readonly ended: boolean;
  /** Fires exactly once. Registered late, it fires at once. */
  onEnd(listener: (end: DialogEnd) => void): void;
  /** re-INVITE or UPDATE with SDP from the far end (hold, new codec). The returned SDP is the answer; a throw answers 488. Without a handler the old SDP is repeated. */
  onModify(handler: (remoteSdp: string) => string | Promise<string>): void;
  /** INFO, REFER, NOTIFY, MESSAGE, OPTIONS inside the dialog. Without a handler: INFO and OPTIONS 200, others 501. */
  onRequest(handler: (request: SipRequestInfo) => SipReply | Promise<SipReply>): void;
  /** Sends a re-INVITE and resolves with the far end's answer. TRK_SIP_REJECTED, TRK_SIP_TIMEOUT, TRK_SIP_DIALOG_GONE, TRK_SIP_NOT_CONNECTED (the call itself goes on). */
  modify(localSdp: string): Promise<string>;
  /** Sends any in-dialog request; resolves with the final answer, whatever its status. TRK_SIP_DIALOG_GONE, TRK_SIP_TIMEOUT, TRK_SIP_NOT_CONNECTED. */
  request(method: 'INFO' | 'REFER' | 'NOTIFY' | 'MESSAGE' | 'OPTIONS' | 'UPDATE', options?: { headers?: SipHeaders; body?: string }): Promise<{ status: number; headers: SipHeaders; body: string }>;
  /** Sends BYE. Resolves when it was answered or timed out; never rejects, and a second call joins the first. Without a server it resolves at once, and BYE follows when there is one again. */
  hangup(headers?: SipHeaders): Promise<void>;
}

/** A call that we place. */
export interface OutgoingCallRequest {
  /** `sip:user@host[:port][;transport=tcp]`. TRK_SIP_URI if it is not one. */
  readonly to: string;
  /** User part, or whole URI, of the From header; its host defaults to our own address. */
  readonly from: string;
  readonly displayName?: string;
  /** Our offer. */
  readonly sdp: string;
  /** Made by the caller from the attempt, so that an attempt can be recognised after a crash. */
  readonly callId: string;
  readonly headers?: SipHeaders;
  /** Where to send the INVITE if not to the host in `to`: `sip:host[:port][;transport=x]`. */
  readonly nextHop?: string;
  /** Digest credentials for 401 and 407. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** CANCEL when there is no final answer after this time, ms. Default 60,000. */
  readonly ringTimeoutMs?: number;
  /** Aborting sends CANCEL; the promise rejects with TRK_SIP_CANCELLED. */
  readonly signal?: AbortSignal;
  /** Each 1xx above 100, with its SDP if it has one. */
  readonly onProgress?: (progress: { status: number; sdp: string | undefined }) => void;
}

/**
 * What `place` throws when there is no dialog. `status` is the SIP status that ended it:
 * the far end's own, or 408 (no answer at all), 487 (cancelled by us), 503 (transport).
 */
export interface PlaceFailure {
  readonly status: number;
  readonly reason: string;
  /** 3xx: where the far end says to call instead, best first (RFC 3261 8.1.3.4); SIP URIs only. */
  readonly contacts?: readonly string[];
}

/** A call that comes to us; exactly one of `answer` and `reject` ends the wait. */
export interface IncomingCall {
  readonly callId: string;
  /** Request-URI. */
  readonly uri: string;
  /** User part of the To header. */
  readonly to: string;
  /** User part of the From header. */
  readonly from: string;
  readonly headers: SipHeaders;
  /** Their offer, or empty for a late offer. */
  readonly sdp: string;
  readonly source: { readonly address: string; readonly port: number; readonly protocol: 'udp' | 'tcp' | 'tls' };
  /** The dialog of ours whose place this call wants (RFC 3891). Whoever answers the call ends that dialog. */
  readonly replaces: Dialog | undefined;
  /** Sends 180, or 183 with SDP. */
  progress(options?: { sdp?: string; reliable?: boolean }): Promise<void>;
  /** Sends 200 and resolves when the ACK has come. TRK_SIP_CANCELLED (the caller gave up), TRK_SIP_TIMEOUT (no ACK). */
  answer(sdp: string, headers?: SipHeaders): Promise<Dialog>;
  reject(status: number, options?: { reason?: string; headers?: SipReplyHeaders }): Promise<void>;
  /** The caller gave up before the answer. */
  onCancel(listener: () => void): void;
}

export type SignallingState = 'connecting' | 'connected' | 'lost' | 'closed';

export interface Signalling {
  readonly state: SignallingState;
  onState(listener: (state: SignallingState) => void): void;
  /** `proto/host:port` of each local listener, once connected. */
  readonly addresses: readonly string[];
  /** Resolves when the first connection to the SIP server stands. */
  start(): Promise<void>;
  /** Resolves with the dialog after 200 and ACK. Rejects with a `TrunklineError` whose `cause` is a `PlaceFailure`. Codes: TRK_SIP_REJECTED, TRK_SIP_CREDENTIALS (401 or 407 in spite of `auth`, or without it), TRK_SIP_CHALLENGE, TRK_SIP_TIMEOUT, TRK_SIP_CANCELLED, TRK_SIP_NOT_CONNECTED, TRK_SIP_URI, TRK_SIP_TRANSPORT. */
  place(request: OutgoingCallRequest): Promise<Dialog>;
  /** One handler; without one every INVITE gets 503. A Replaces header that names no dialog of ours gets 481 before. */
  onInvite(handler: (call: IncomingCall) => void): void;
  /** MESSAGE, OPTIONS and others outside a dialog. Default: OPTIONS 200 with Allow and Accept, others 405. */
  onRequest(handler: (request: SipRequestInfo & { readonly uri: string }) => SipReply | Promise<SipReply>): void;
  /** Any request outside a dialog (OPTIONS, MESSAGE, REGISTER); resolves with the final answer. TRK_SIP_TIMEOUT, TRK_SIP_TRANSPORT. */
  request(method: 'OPTIONS' | 'MESSAGE' | 'REGISTER', uri: string, options?: { headers?: SipHeaders; body?: string; auth?: { username: string; password: string }; nextHop?: string }): Promise<{ status: number; headers: SipHeaders; body: string }>;
  /** Ends every dialog with BYE, then the connection. */
  close(): Promise<void>;
}
