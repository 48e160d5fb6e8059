/**
 * The seam between the SIP side (`dialog/`) and the applications connected by
 * drachtio's protocol (`admin-protocol/`). Neither knows the other.
 */

/** Where a message came from or went to. Addresses of IPv6 stand without brackets. */
export interface MessageMeta {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/** A SIP message on its way to the application. */
export interface UpwardMessage {
  /** `application` only for a request that the server sent on its own. */
  readonly source: 'network' | 'application';
  readonly meta: MessageMeta;
  /** Transaction id, or `unsolicited`. */
  readonly transactionId: string;
  /** `<Call-ID>;from-tag=<tag>`, or empty where there is no dialog yet. */
  readonly dialogId: string;
  /** The address that received a request outside a dialog. */
  readonly receivedOn?: { readonly address: string; readonly port: number };
  readonly message: string;
}

/** An application, from its first connection until it has stayed away too long. */
export interface Application {
  readonly id: string;
  /** Its connection is lost: it hears nothing, and its calls wait for it. */
  readonly away: boolean;
  deliver(message: UpwardMessage): void;
}

/** A `sip` frame of an application. */
export interface DownwardMessage {
  readonly transactionId: string;
  readonly dialogId: string;
  readonly nextHop: string;
  readonly message: string;
}

export type DownwardAnswer =
  | { readonly sent: 'request'; readonly meta: MessageMeta; readonly transactionId: string; readonly message: string }
  | { readonly sent: 'response'; readonly meta: MessageMeta; readonly transactionId: string; readonly dialogId: string; readonly message: string }
  /** The text reaches the application; `unable to find dialog` has a meaning for srf. */
  | { readonly sent: 'nothing'; readonly reason: string };

/** The SIP side, as the protocol sees it. */
export interface SipCore {
  attach(application: Application): void;
  /** Its connection broke: what was only beginning ends, its calls go on. */
  suspend(application: Application): void;
  /** It does not come back: its calls end. */
  detach(application: Application): void;
  /** `verb` is a method in lower case. Idempotent. */
  route(application: Application, verb: string): void;
  removeRoute(application: Application, verb: string): void;
  /** `answer` runs exactly once, and before anything that the network says to the message is delivered. */
  send(application: Application, message: DownwardMessage, answer: (answer: DownwardAnswer) => void): void;
  /** `proto/host:port`, comma-joined: with the external address, and as bound. */
  hostports(): { readonly external: string; readonly local: string };
}
