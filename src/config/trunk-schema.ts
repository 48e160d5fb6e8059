import { BlockList, isIP } from 'node:net';
import { Type } from '@sinclair/typebox';
import type { Static, TProperties } from '@sinclair/typebox';
import { TrunklineError } from '../kernel/errors.js';

/**
 * A trunk: the way to and from a carrier, a PBX or a proxy. The configuration file
 * and `/v1/trunks` take the same form, checked by this one schema and `checkTrunk`.
 */
const strict = <T extends TProperties>(properties: T, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });
const section = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false, default: {} });

export const TrunkName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$', description: 'Name, also in results, events and metrics.' });

const HOST = '^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9.])?|\\[[0-9A-Fa-f:.]{2,45}\\])$';
const NUMBER = '^\\+?[0-9]{1,32}$';
const Transport = Type.Union([Type.Literal('udp'), Type.Literal('tcp'), Type.Literal('tls')], { default: 'udp', description: 'Transport.' });

/** G722 and OPUS need their libraries at build; where they are missing they are passed over. */
export const Codec = Type.Union([Type.Literal('PCMA'), Type.Literal('PCMU'), Type.Literal('G722'), Type.Literal('OPUS')]);
export const Srtp = (description: string, options: { default?: 'off' } = {}) => Type.Union([Type.Literal('off'), Type.Literal('optional'), Type.Literal('required')], { description, ...options });

const Address = strict({
  host: Type.String({ pattern: HOST, maxLength: 253, description: 'Name, IPv4, or IPv6 in brackets. A name without `port` is looked up by SRV first (RFC 3263).' }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'Without it: SRV, else 5060 (5061 with TLS).' })),
  transport: Transport,
  priority: Type.Integer({ minimum: 0, maximum: 65_535, default: 0, description: 'Lower is tried first.' }),
  weight: Type.Integer({ minimum: 0, maximum: 65_535, default: 1, description: 'Share of the calls among equal priorities.' }),
});

const Rule = strict({
  strip_prefix: Type.String({ pattern: '^\\+?[0-9]{0,32}$', default: '', description: 'The rule holds for numbers that begin with this, and takes it away.' }),
  add_prefix: Type.String({ pattern: '^[+*#]?[0-9]{0,32}$', default: '', description: 'Put in its place.' }),
});
const rules = (description: string) => Type.Array(Rule, { default: [], maxItems: 100, description });

const Rewrite = section({
  out: section({
    called: rules('The first rule that holds changes the called number.'),
    caller: rules('As above, for the caller number.'),
    format: Type.Union([Type.Literal('e164'), Type.Literal('digits')], { default: 'e164', description: '`digits`: without the leading plus.' }),
  }),
  in: section({
    called: rules('The first rule that holds changes the called number.'),
    caller: rules('As above, for the caller number.'),
    format: Type.Union([Type.Literal('as_is'), Type.Literal('digits')], { default: 'as_is', description: '`digits`: international numbers come without plus, so one is put before them.' }),
  }),
});

export const InboundAuth = strict(
  {
    username: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$', description: 'User that its calls must prove.' }),
    password: Type.Optional(Type.String({ minLength: 8, maxLength: 256, description: 'Required; never shown. `TRUNKLINE_TRUNK_<NAME>_INBOUND_PASSWORD` overrides it.' })),
    realm: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]+$', default: 'trunkline', description: 'Realm of the challenge.' }),
    algorithms: Type.Array(Type.Union([Type.Literal('SHA-512-256'), Type.Literal('SHA-256'), Type.Literal('MD5')]), { default: ['SHA-256', 'MD5'], minItems: 1, maxItems: 3, uniqueItems: true, description: 'One challenge each, in this order (RFC 8760). Leave MD5 out where the carrier can do without.' }),
  },
  'Calls from its sources must prove a password (digest, RFC 7616): an INVITE without gets 401.',
);

export const TrunkSchema = strict({
  name: TrunkName,
  enabled: Type.Boolean({ default: true, description: 'false: carries no calls.' }),
  addresses: Type.Array(Address, { minItems: 1, maxItems: 16, description: 'Where requests go.' }),
  priority: Type.Integer({ minimum: 0, maximum: 65_535, default: 0, description: 'Among trunks with an equally long prefix: lower first.' }),
  weight: Type.Integer({ minimum: 0, maximum: 65_535, default: 1, description: 'Share of the calls among equal priorities.' }),
  prefixes: Type.Array(Type.String({ pattern: '^\\+[0-9]{0,20}$' }), { default: [], maxItems: 1_000, description: 'Destinations (`+49`) routed here, the longest first; none: all.' }),
  deny: Type.Array(Type.String({ pattern: '^\\+[0-9]{1,20}$' }), { default: [], maxItems: 1_000, description: 'Destinations refused unless `prefixes` names an equally long or longer one.' }),
  deny_premium: Type.Boolean({ default: true, description: 'Also refuse the built-in list of premium and satellite prefixes.' }),
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_.!~*\'()&=+$,;?/-]+$', description: 'Digest user, and user part of our registration.' })),
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Digest password; never shown. `TRUNKLINE_TRUNK_<NAME>_PASSWORD` overrides it.' })),
  domain: Type.Optional(Type.String({ pattern: HOST, maxLength: 253, description: 'Host of our URIs at the carrier; default is the address.' })),
  register: section({
    enabled: Type.Boolean({ default: false, description: 'Register there, as `username`.' }),
    expires_s: Type.Integer({ minimum: 30, maximum: 86_400, default: 600, description: 'Wanted validity, s; the answer decides.' }),
  }),
  inbound_auth: Type.Optional(InboundAuth),
  acl: Type.Array(Type.String({ maxLength: 49 }), { default: [], maxItems: 256, description: 'Networks (`192.0.2.0/24`) from which its calls come.' }),
  caller_numbers: Type.Array(Type.String({ pattern: NUMBER }), { default: [], maxItems: 10_000, description: 'Numbers that may be shown; the first is the default. None: any.' }),
  rewrite: Rewrite,
  headers: Type.Unsafe<Record<string, string>>({
    type: 'object',
    default: {},
    maxProperties: 20,
    propertyNames: { type: 'string', pattern: '^(?:P-Asserted-Identity|P-Preferred-Identity|Remote-Party-ID|Diversion|Privacy|X-[A-Za-z0-9-]{1,60})$' },
    additionalProperties: { type: 'string', maxLength: 400, pattern: '^[\\x20-\\x7e]*$' },
    description: 'Added to each INVITE; `{caller}`, `{called}` and `{host}` are filled in.',
  }),
  max_channels: Type.Integer({ minimum: 0, maximum: 100_000, default: 0, description: 'Calls at once, both directions; 0 no limit.' }),
  calls_per_second: Type.Number({ minimum: 0, maximum: 1_000, default: 0, description: 'New outbound calls; 0 no limit.' }),
  minutes_per_day: Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0, description: 'Outbound minutes per day (UTC), after which it is not used; 0 no limit.' }),
  keepalive_s: Type.Integer({ minimum: 0, maximum: 3_600, default: 30, description: 'OPTIONS to each address this often, s; 0 never.' }),
  codecs: Type.Array(Codec, { default: [], maxItems: 4, uniqueItems: true, description: 'Order of preference; none: `media.codecs`.' }),
  srtp: Type.Optional(Srtp('Encryption of its calls; default is `media.srtp`.')),
  dtmf: Type.Union([Type.Literal('rfc4733'), Type.Literal('info')], { default: 'rfc4733', description: 'How digits are sent: in RTP, or by SIP INFO (`application/dtmf-relay`). Both are taken.' }),
  refer: Type.Boolean({ default: false, description: 'Its far ends may transfer a call by REFER: we call where they say, by the rules of the trunks. Else 603.' }),
  nat: Type.Optional(Type.Boolean({ description: 'Learn the source of RTP; default is `media.nat`.' })),
});

/** A trunk as it is declared. */
export type TrunkSettings = Static<typeof TrunkSchema>;
export type TrunkAddress = TrunkSettings['addresses'][number];

/** Name of the variable that overrides a trunk's password. */
export function passwordVariable(name: string): string {
  return `TRUNKLINE_TRUNK_${name.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
}

export function inboundPasswordVariable(name: string): string {
  return passwordVariable(name).replace(/PASSWORD$/, 'INBOUND_PASSWORD');
}

/** `192.0.2.0/24`, or an address alone. False if it is neither. */
export function addNetwork(list: BlockList, network: string): boolean {
  const [address = '', length, ...rest] = network.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return false;
  const bits = version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return false;
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

/** Rules that the schema cannot say. TRK_INVALID_REQUEST with `field` relative to the trunk. */
export function checkTrunk(trunk: TrunkSettings): void {
  const fail = (field: string, reason: string): never => {
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason }, field });
  };
  trunk.acl.forEach((network, index) => {
    if (!addNetwork(new BlockList(), network)) fail(`acl[${index}]`, 'not an address or network such as 192.0.2.0/24');
  });
  trunk.addresses.forEach(({ host }, index) => {
    if (host.startsWith('[') && isIP(host.slice(1, -1)) !== 6) fail(`addresses[${index}].host`, 'not an IPv6 address');
  });
  if (trunk.register.enabled && (trunk.username === undefined || trunk.password === undefined)) fail('username', 'registration needs username and password');
  if (trunk.inbound_auth !== undefined && trunk.inbound_auth.password === undefined) fail('inbound_auth.password', 'who asks for a password must know it');
  if (trunk.password !== undefined && trunk.username === undefined) fail('username', 'a password needs its username');
}
