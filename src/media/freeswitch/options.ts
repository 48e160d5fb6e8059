import { TrunklineError } from '../../kernel/errors.js';

/** One FreeSWITCH, as the configuration names it. */
export interface FreeswitchServerOptions {
  /** For logs, metrics and errors. */
  readonly name: string;
  /** Numeric address or name of its event socket. */
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** Share of new calls relative to the other servers; 1 to 1,000. */
  readonly weight: number;
  /** Calls at once; each takes two channels. */
  readonly maxSessions: number;
  /** Takes no new call; running ones end by themselves. */
  readonly drain: boolean;
}

/** What FreeSWITCH's sources and well-known images are published with, in lower case. */
const PUBLISHED = new Set(['cluecon', 'jambonzr0ck$', 'freeswitch', 'password', 'changeme']);

/** TRK_MEDIA_FREESWITCH_PASSWORD for what everybody knows, TRK_CONFIG_INVALID for what would break the protocol. */
export function checkPassword(password: string, field: string): void {
  if (password.trim() === '' || PUBLISHED.has(password.toLowerCase())) throw new TrunklineError('TRK_MEDIA_FREESWITCH_PASSWORD', { field });
  // A command of the event socket ends with a line: what follows one would be a command of its own.
  if (/[\r\n\0]/.test(password)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'the FreeSWITCH password holds a line break' }, field });
}
