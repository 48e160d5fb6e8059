import { TrunklineError } from '../../../kernel/errors.js';

/** What a failed bind means to the operator. */
export function listenError(error: NodeJS.ErrnoException, port: number, transport: string): TrunklineError {
  if (error.code === 'EADDRINUSE') return new TrunklineError('TRK_PORT_IN_USE', { params: { port, transport }, cause: error });
  return new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: `${transport} port ${port} cannot be opened (${error.code ?? error.message})` }, cause: error });
}
