import { TrunklineError } from '../../../kernel/errors.js';

/** What a failed bind means to the operator. */
export function listenError(error: NodeJS.ErrnoException, port: number, transport: string): TrunklineError {
  const field = transport === 'TLS' ? 'sip.tls.port' : 'sip.port';
  if (error.code === 'EADDRINUSE') return new TrunklineError('TRK_PORT_IN_USE', { params: { port, transport }, field, cause: error });
  return new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: `${transport} port ${port} cannot be opened (${error.code ?? error.message})` }, field: error.code === 'EACCES' ? field : 'sip.address', cause: error });
}
