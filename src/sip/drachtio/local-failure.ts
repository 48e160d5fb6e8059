import type { SrfResponse } from './srf-types.js';

/** Put into a response that the embedded server made up because sending failed. */
const LOCAL_FAILURE = 'trunkline transport';
const CERTIFICATE_FAILURE = /trunkline certificate: ([^"]*)/;

/** Why a server made this 503 up; nothing if it came from the far end. */
export function localFailure(response: SrfResponse): { code: 'TRK_SIP_CERTIFICATE' | 'TRK_SIP_TRANSPORT'; reason: string } | undefined {
  // Of a response that came from nowhere a real drachtio-server knows no source.
  if (response.source_address === '') return { code: 'TRK_SIP_TRANSPORT', reason: response.reason ?? 'not sent' };
  const warning = response.get('Warning');
  const certificate = CERTIFICATE_FAILURE.exec(warning ?? '')?.[1];
  if (certificate !== undefined) return { code: 'TRK_SIP_CERTIFICATE', reason: certificate };
  return warning?.includes(LOCAL_FAILURE) ? { code: 'TRK_SIP_TRANSPORT', reason: 'not sent' } : undefined;
}
