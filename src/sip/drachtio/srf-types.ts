/**
 * A typed mirror of the part of drachtio-srf 5.0.29 that this adapter uses. The
 * package's own types promise more than the code does (`callId` is undefined,
 * `dialog.info()` throws), so only what was seen to work is listed here.
 */
import Srf from 'drachtio-srf';

export type SrfHeaders = Record<string, string>;

export interface SrfMessage {
  readonly headers: SrfHeaders;
  readonly body: string | undefined;
  get(name: string): string | undefined;
  has(name: string): boolean;
}

/** A request from the network, or the sent copy of one of ours. */
export interface SrfRequest extends SrfMessage {
  readonly method: string;
  readonly uri: string;
  readonly source: 'network' | 'application';
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  /** Transaction id of the server. */
  readonly stackTxnId?: string;
  /** Of the connection that it is bound to. */
  socket: unknown;
  on(event: 'cancel', listener: () => void): this;
  /** UPDATE in an early dialog of this INVITE; srf answers it itself, with our offer. */
  on(event: 'update', listener: (update: SrfRequest) => void): this;
  on(event: 'response', listener: (response: SrfResponse, ack: () => void) => void): this;
  /** CANCEL; only on a request of ours. */
  cancel(options: { headers?: SrfHeaders }, callback: (error: unknown) => void): void;
}

/** A response from the network, or the one that answers a request from it. */
export interface SrfResponse extends SrfMessage {
  readonly status: number;
  readonly reason: string | undefined;
  /** Empty if a real drachtio-server made the response up itself. */
  readonly source_address: string | undefined;
  readonly source_port?: number | undefined;
  readonly protocol?: string | undefined;
  /** The sent copy of the request that a response from the network answers. */
  readonly req?: SrfRequest;
  readonly finalResponseSent: boolean;
  /** `callback` gets a string (the server's reason) or an Error, or the sent copy. */
  send(
    status: number,
    reason: string | undefined,
    options: { headers?: SrfHeaders; body?: string },
    callback?: (error: unknown, sent?: SrfMessage) => void,
    onPrack?: (prack: SrfRequest) => void,
  ): void;
}

export interface SrfDialog {
  /** `<Call-ID>;from-tag=<tag>`. */
  readonly id: string;
  readonly type: 'uac' | 'uas';
  /** The connection that it is bound to. */
  srf: SrfInstance;
  agent: unknown;
  /** The INVITE, theirs or ours, and its 200. */
  readonly req: SrfRequest;
  readonly res: SrfResponse;
  readonly sip: { readonly callId: string; readonly localTag?: string; readonly remoteTag?: string };
  readonly local: { sdp: string };
  readonly remote: { sdp: string; readonly uri?: string };
  readonly connected: boolean;
  on(event: 'destroy', listener: (bye: SrfRequest, reason?: string) => void): this;
  on(event: 'ack', listener: (ack: SrfRequest) => void): this;
  on(event: 'modify' | 'info' | 'refer' | 'notify' | 'options' | 'message' | 'update' | 'publish' | 'subscribe', listener: (request: SrfRequest, response: SrfResponse) => void): this;
  destroy(options: { headers?: SrfHeaders }, callback: (error: unknown) => void): void;
  /** The callback runs for every response, provisional ones too. */
  request(options: { method: string; headers?: SrfHeaders; body?: string }, callback: (error: unknown, response?: SrfResponse) => void): void;
}

export interface SrfRequestOptions {
  uri?: string;
  method: string;
  headers: SrfHeaders;
  body?: string;
  proxy?: string;
  stackDialogId?: string;
  stackTxnId?: string;
}

/** Without `auth`: srf knows MD5 only, signs a placeholder inside dialogs, and loops on a wrong password. */
export interface SrfUacOptions {
  uri: string;
  headers: SrfHeaders;
  localSdp: string;
  proxy?: string;
}

export interface SrfSocket {
  destroy(): void;
}

export interface SrfInstance {
  readonly app: {
    request(options: SrfRequestOptions, callback: (error: unknown, request?: SrfRequest) => void): void;
    /** Exists after `connect`. `wp.closing` stops reconnecting; `mapServer` is empty while no TCP connection stands. */
    readonly client: {
      readonly wp: { closing?: boolean; send(socket: SrfSocket, message: string): string };
      readonly mapServer: Map<SrfSocket, { readonly pendingRequests: Map<string, (answer: readonly string[]) => void> }>;
    };
  };
  connect(options: { host: string; port: number; secret: string; tags?: string[]; enablePing?: boolean; reconnect?: { maxAttempts: number } }): void;
  on(event: 'connect', listener: (error: Error | null, hostports?: string, version?: string, localHostports?: string | null) => void): this;
  on(event: 'error' | 'close', listener: (error?: unknown) => void): this;
  addDialog(dialog: SrfDialog): void;
  removeDialog(dialog: SrfDialog): void;
  use(method: string, handler: (request: SrfRequest, response: SrfResponse) => void): void;
  createUAC(
    options: SrfUacOptions,
    progress: { cbRequest: (error: unknown, request?: SrfRequest) => void; cbProvisional: (response: SrfResponse) => void },
    callback: (error: unknown, dialog?: SrfDialog) => void,
  ): void;
  createUAS(request: SrfRequest, response: SrfResponse, options: { localSdp: string; headers: SrfHeaders }, callback: (error: unknown, dialog?: SrfDialog) => void): void;
}

export function createSrf(): SrfInstance {
  return new Srf() as unknown as SrfInstance;
}

/** What srf hands to callbacks as an error: an Error with `status` or `code`, or the bare reason of the server. */
export function srfFailure(error: unknown): { status: number | undefined; code: string | undefined; reason: string; response: SrfResponse | undefined } {
  if (typeof error === 'object' && error !== null) {
    const { status, code, reason, message, res } = error as { status?: unknown; code?: unknown; reason?: unknown; message?: unknown; res?: unknown };
    return {
      status: typeof status === 'number' ? status : undefined,
      code: typeof code === 'string' ? code : undefined,
      reason: typeof reason === 'string' ? reason : typeof message === 'string' ? message : 'request failed',
      response: res as SrfResponse | undefined,
    };
  }
  return { status: undefined, code: undefined, reason: String(error), response: undefined };
}
