import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { SipHeaders } from '../signalling.js';

export interface HeaderValues {
  readonly caller: string;
  readonly called: string;
  readonly host: string;
}

/** The declared headers of an INVITE, with their places filled. An unknown place stays as it is written. */
export function inviteHeaders(trunk: Pick<TrunkSettings, 'headers'>, values: HeaderValues): SipHeaders {
  const known: Readonly<Record<string, string>> = { caller: values.caller, called: values.called, host: values.host };
  return Object.fromEntries(Object.entries(trunk.headers).map(([name, template]) => [name, template.replace(/\{(caller|called|host)\}/g, (_whole, place: string) => known[place] ?? '')]));
}
