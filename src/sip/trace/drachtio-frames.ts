import type { EventEmitter } from 'node:events';
import type { SipTap, TapPath } from './trace.js';

/** Shows `tap` what a drachtio-server says that it received and sent. Retransmissions stay inside the server. */
export function tapFrames(client: { readonly wp: object }, tap: SipTap): void {
  // drachtio-srf keeps one emitter for its connection; each frame is an event of it.
  (client.wp as EventEmitter).on('msg', (_socket: unknown, frame: string) => tapFrame(tap, frame));
}

/**
 * Fields of a frame: `id|sip|source|bytes|protocol|address|port|time|txn|dlg|our address|our port|`
 * for what came in, and `id|response|id|OK|application|bytes|protocol|address|port|...` with a copy
 * of what was sent; then CRLF and the message.
 */
export function tapFrame(tap: SipTap, frame: string): void {
  const end = frame.indexOf('\r\n');
  if (end < 0) return;
  const fields = frame.slice(0, end).split('|');
  const message = frame.slice(end + 2);
  if (fields[1] === 'sip') {
    const [, , source, , protocol = '', address = '', port, , , , ourAddress = '', ourPort] = fields;
    if (source === 'network') tap.message('in', message, { protocol, localAddress: ourAddress, localPort: Number(ourPort ?? 0), remoteAddress: address, remotePort: Number(port) });
    else tap.message('out', message, sentTo(message, protocol, address, port));
  } else if (fields[1] === 'response' && fields[3] === 'OK' && fields[4] === 'application') {
    tap.message('out', message, sentTo(message, fields[6] ?? '', fields[7] ?? '', fields[8]));
  }
}

/** The address in the frame is the peer's for a response and ours for a request, whose way its Route or its URI tells. */
function sentTo(message: string, protocol: string, address: string, port: string | undefined): TapPath {
  const known = { address, port: Number(port ?? 0) };
  if (/^SIP\/2\.0 /i.test(message)) return { protocol, localAddress: '', localPort: 0, remoteAddress: known.address, remotePort: known.port };
  const uri = /^Route:\s*<?([^>,\r\n]*)/im.exec(message)?.[1] ?? /^\S+ (\S+)/.exec(message)?.[1] ?? '';
  const [, host = '', next] = /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^:;?]*)(?::(\d{1,5}))?/i.exec(uri) ?? [];
  const fallback = protocol === 'tls' ? 5061 : 5060;
  return { protocol, localAddress: known.address, localPort: known.port, remoteAddress: host.replace(/^\[|\]$/g, ''), remotePort: Number(next ?? fallback) };
}
