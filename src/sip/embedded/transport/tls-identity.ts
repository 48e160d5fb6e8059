import { isIP } from 'node:net';

/** What Node tells of a certificate's names. */
export interface NamedCertificate {
  readonly subject?: { readonly CN?: string | string[] | undefined } | undefined;
  readonly subjectaltname?: string | undefined;
}

/**
 * Names of SIP domains that a certificate stands for (RFC 5922 7.1): the hosts of its
 * SIP URIs; without these its DNS names; without any alternative name its CN.
 * Lower case. IP addresses are those of `IP Address` entries.
 */
export function identitiesOf(certificate: NamedCertificate): { readonly domains: readonly string[]; readonly addresses: readonly string[] } {
  const names = (certificate.subjectaltname ?? '').split(', ').map((entry) => {
    const colon = entry.indexOf(':');
    return { kind: entry.slice(0, colon), value: entry.slice(colon + 1) };
  });
  const of = (kind: string): string[] => names.filter((name) => name.kind === kind).map((name) => name.value.toLowerCase());
  const addresses = of('IP Address').map(canonicalAddress);
  // RFC 5922 7.1: a URI with a user part names a person, not a domain.
  const uris = of('URI').flatMap((uri) => /^sip:([^@;?:/]+)$/.exec(uri)?.[1] ?? []);
  if (uris.length > 0) return { domains: uris, addresses };
  if ((certificate.subjectaltname ?? '') !== '') return { domains: of('DNS'), addresses };
  return { domains: [certificate.subject?.CN ?? []].flat().map((name) => name.toLowerCase()), addresses };
}

/** Whether the certificate proves `name`, a domain or an IP address. RFC 5922 7.2: wildcards MUST NOT match. */
export function proves(certificate: NamedCertificate, name: string): boolean {
  const { domains, addresses } = identitiesOf(certificate);
  if (isIP(name) !== 0) return addresses.includes(canonicalAddress(name));
  return domains.includes(name.toLowerCase().replace(/\.$/, ''));
}

/** One spelling for each IPv6 address. */
function canonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
