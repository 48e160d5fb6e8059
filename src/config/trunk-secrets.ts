import type { TrunkSettings } from './trunk-schema.js';

type Inbound = NonNullable<TrunkSettings['inbound_auth']>;

/** A trunk as it may be shown. */
export type ShownTrunk = Omit<TrunkSettings, 'password' | 'inbound_auth'> & { readonly inbound_auth?: Omit<Inbound, 'password'> };

/** Without any password. */
export function withoutSecrets(settings: TrunkSettings): ShownTrunk {
  const shown = { ...settings };
  delete shown.password;
  if (shown.inbound_auth !== undefined) {
    shown.inbound_auth = { ...shown.inbound_auth };
    delete shown.inbound_auth.password;
  }
  return shown;
}

/** `next` with the passwords of `before` where it names none and the user is the same. */
export function withFormerSecrets(next: TrunkSettings, before: TrunkSettings | undefined): TrunkSettings {
  const password = next.password ?? (before?.username === next.username ? before?.password : undefined);
  const asked = next.inbound_auth;
  const former = before?.inbound_auth;
  const inboundPassword = asked?.password ?? (former?.username === asked?.username ? former?.password : undefined);
  return {
    ...next,
    ...(password === undefined ? {} : { password }),
    ...(asked === undefined ? {} : { inbound_auth: { ...asked, ...(inboundPassword === undefined ? {} : { password: inboundPassword }) } }),
  };
}
