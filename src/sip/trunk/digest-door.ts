import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { Clock } from '../../kernel/clock.js';
import type { Random } from '../../kernel/random.js';
import { DigestGuard } from '../digest/guard.js';
import type { Admission } from '../digest/guard.js';
import type { IncomingCall } from '../signalling.js';

/** Asks the calls of a trunk with `inbound_auth` for its password. Works above the PORT, so for any SIP server alike. */
export class DigestDoor {
  readonly #guard: DigestGuard;

  constructor(parts: { readonly clock: Clock; readonly random: Random }) {
    this.#guard = new DigestGuard(parts);
  }

  admit(trunk: TrunkSettings, call: Pick<IncomingCall, 'uri' | 'headers' | 'source'>): Admission {
    const { inbound_auth: asked } = trunk;
    if (asked?.password === undefined) return { admitted: true };
    const { username, password, realm, algorithms } = asked;
    return this.#guard.admit({ name: trunk.name, username, password, realm, algorithms }, { method: 'INVITE', uri: call.uri, headers: call.headers, source: call.source.address });
  }
}
