/**
 * A typed mirror of the part of drachtio-fsmrf 4.1.2 that this adapter uses, as
 * seen in its source; the package has no types. This is the only file that imports it.
 */
import Mrf from 'drachtio-fsmrf';

/** The event-socket connection below a media server. */
export interface MrfConnection {
  /** Set before the socket ends, it keeps the library from reconnecting by itself. */
  closing?: boolean;
  readonly socket: { readonly remoteAddress?: string; destroy(): void; setNoDelay(on: boolean): void } | null;
  on(event: 'esl::end' | 'error', listener: () => void): void;
  on(event: `esl::event::${string}`, listener: (event: { getHeader(name: string): string | undefined }) => void): void;
  subscribe(events: readonly string[]): void;
  removeAllListeners(event: string): void;
  /** The callback gets the response as an event; it never comes if the connection breaks. */
  api(command: string, callback: (response: { getBody(): string | undefined }) => void): void;
}

export interface MrfMediaServer {
  readonly conn: MrfConnection;
  readonly sip: { readonly ipv4: { readonly udp: { readonly address?: string } } };
  disconnect(): void;
  /** Listens for calls that a dialplan hands over by `socket`. Our dialplan hands over none. */
  readonly _server?: { close(): void };
}

interface MrfInstance {
  connect(options: { address: string; port: number; secret: string; listenAddress: string; listenPort: number; profile: string }): Promise<MrfMediaServer>;
}

type MrfConstructor = new (srf: object) => MrfInstance;

/** The name is the one that drachtio-fsmrf itself looks for. */
export const SIP_PROFILE = 'drachtio_mrf';

/**
 * Connects by drachtio-fsmrf. It waits for ever where nothing answers or the password
 * is wrong, and throws out of a callback where the profile is missing: `probe` first.
 */
export async function connectMrf(server: { host: string; port: number; password: string }): Promise<MrfMediaServer> {
  // The package's one use of the first argument is placing INVITEs, which we do ourselves.
  const mrf = new (Mrf as MrfConstructor)({});
  const media = await mrf.connect({ address: server.host, port: server.port, secret: server.password, listenAddress: '127.0.0.1', listenPort: 0, profile: SIP_PROFILE });
  // The library writes each command in two pieces: by Nagle's rule the second would wait 40 ms for an acknowledgement of the first.
  media.conn.socket?.setNoDelay(true);
  // Nobody is to come in by a door that asks for no password.
  media._server?.close();
  return media;
}
