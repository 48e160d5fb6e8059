import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { TrunklineError } from '../kernel/errors.js';

/** Longest destination, characters. */
export const MAX_DESTINATION = 256;

/**
 * RFC 3261 section 25.1: user = 1*( unreserved / escaped / user-unreserved ). No
 * password (section 19.1.1 calls it "NOT RECOMMENDED"), no headers part: what follows
 * `?` would become header fields of our INVITE.
 */
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;
const HOSTNAME = /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const IPV6 = /^\[[0-9A-Fa-f:.]{2,45}\]$/;
const HOST_PORT = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/;
/** pname [ "=" pvalue ], RFC 3261 section 25.1 (paramchar). */
const PARAMETER = /^((?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+)(?:=((?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+))?$/;
/** The only URI parameters that say how to reach the callee; `maddr`, `method`, `lr` and others would redirect or change the request. */
const PARAMETERS: Readonly<Record<string, RegExp>> = { transport: /^(?:udp|tcp|tls)$/i, user: /^(?:phone|ip)$/i };

/**
 * A phone number in E.164 (`+` and country code; spaces and hyphens are taken out) or
 * a `sip:`/`sips:` URI, in the form in which it is stored and dialled. A `tel:` URI of
 * a global number (RFC 3966 5.1.4) is that number.
 *
 * TRK_NUMBER_INVALID, with `field`.
 */
export function parseDestination(text: string, field: string): string {
  const refuse = (): never => {
    throw new TrunklineError('TRK_NUMBER_INVALID', { field });
  };
  if (text.length > MAX_DESTINATION) return refuse();
  if (/^sips?:/i.test(text)) return parseSipUri(text) ?? refuse();
  const written = text.replace(/^tel:/i, '');
  if (!/^\+[\d ().-]{6,30}$/.test(written)) return refuse();
  const number = parsePhoneNumberFromString(written);
  if (number === undefined || !number.isValid() || number.ext !== undefined) return refuse();
  return number.number;
}

function parseSipUri(text: string): string | undefined {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon).toLowerCase();
  const rest = text.slice(colon + 1);
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? undefined : rest.slice(0, at);
  if (user !== undefined && (!USER.test(user) || /%(?:[01][0-9A-Fa-f]|7[Ff])/.test(user))) return undefined;
  const [hostPort = '', ...parameters] = rest.slice(at + 1).split(';');
  const host = HOST_PORT.exec(hostPort);
  if (host === null || !isHost(host[1] ?? '')) return undefined;
  if (host[2] !== undefined && (Number(host[2]) < 1 || Number(host[2]) > 65_535)) return undefined;
  const seen = new Set<string>();
  for (const parameter of parameters) {
    const parts = PARAMETER.exec(parameter);
    const name = parts?.[1]?.toLowerCase() ?? '';
    // RFC 3261 section 19.1.1: "any given parameter-name MUST NOT appear more than once".
    if (!PARAMETERS[name]?.test(parts?.[2] ?? '') || seen.has(name)) return undefined;
    seen.add(name);
  }
  return `${scheme}:${rest}`;
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return IPV6.test(host) && isIpv6(host.slice(1, -1));
  return IPV4.test(host) || HOSTNAME.test(host);
}

function isIpv6(text: string): boolean {
  return URL.canParse(`http://[${text}]/`);
}
