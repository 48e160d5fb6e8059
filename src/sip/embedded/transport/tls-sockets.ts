import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:tls';
import { TrunklineError } from '../../../kernel/errors.js';
import type { TlsMaterial } from './certificates.js';
import type { StreamSockets } from './stream-sockets.js';
import { proves } from './tls-identity.js';

/** What the codes of OpenSSL and Node mean to the operator. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the peer has expired',
  CERT_NOT_YET_VALID: 'the certificate of the peer is not valid yet',
  CERT_REVOKED: 'the certificate of the peer is revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the peer is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the root of the peer is not among ours',
  UNABLE_TO_GET_ISSUER_CERT: 'the root of the peer is not among ours',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the root of the peer is not among ours',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the root of the peer is not among ours',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the peer is for another name',
};

class NameMismatch extends Error {
  readonly code = 'ERR_TLS_CERT_ALTNAME_INVALID';
}

/** TLS (RFC 3261 26.2.1), at least 1.2. Peers that we call must prove their name; those that call us need no certificate. */
export class TlsSockets implements StreamSockets {
  readonly protocol = 'tls';
  readonly #material: () => TlsMaterial;
  /** Time for a handshake, ms. */
  readonly #handshakeMs: number;
  #server: ReturnType<typeof createServer> | undefined;

  constructor(material: () => TlsMaterial, handshakeMs: number) {
    this.#material = material;
    this.#handshakeMs = handshakeMs;
  }

  createServer(admit: (socket: Socket) => boolean, onSocket: (socket: Socket) => void): ReturnType<typeof createServer> {
    const server = createServer({ ...this.#material().options, allowHalfOpen: true, noDelay: true, handshakeTimeout: this.#handshakeMs });
    // Before Node's own listener, which starts the handshake.
    server.prependListener('connection', (socket: Socket) => {
      if (!admit(socket)) socket.destroy();
    });
    server.on('secureConnection', onSocket);
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#server = server;
    return server;
  }

  /** From the next handshake on. */
  renew(material: TlsMaterial): void {
    this.#server?.setSecureContext(material.options);
  }

  connect(address: string, port: number, serverName: string | undefined): { readonly socket: Socket; readonly ready: 'secureConnect' } {
    const expected = serverName ?? address;
    const socket = connect({
      host: address,
      port,
      secureContext: this.#material().context,
      // RFC 6066 3: no address literals in the server name.
      ...(isIP(expected) === 0 ? { servername: expected } : {}),
      // RFC 5922 7.3: the name is that of the SIP domain before any DNS lookup.
      checkServerIdentity: (_host, certificate) => (proves(certificate, expected) ? undefined : new NameMismatch('name mismatch')),
    });
    socket.setNoDelay(true);
    return { socket, ready: 'secureConnect' };
  }

  failure(error: NodeJS.ErrnoException | undefined): TrunklineError {
    const fault = CERTIFICATE_FAULTS[error?.code ?? ''];
    if (fault !== undefined) return new TrunklineError('TRK_SIP_CERTIFICATE', { params: { reason: fault }, cause: error });
    return new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'TLS connection failed' }, cause: error });
  }
}
