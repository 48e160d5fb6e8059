/**
 * The header fields that we know: canonical spelling, compact form (RFC 3261
 * 7.3.3 and the IANA registry) and whether a field may hold a comma-separated list.
 */
const known: readonly (readonly [name: string, kind: 'list' | 'single', compact?: string])[] = [
  ['Via', 'list', 'v'],
  ['From', 'single', 'f'],
  ['To', 'single', 't'],
  ['Call-ID', 'single', 'i'],
  ['CSeq', 'single'],
  ['Contact', 'list', 'm'],
  ['Max-Forwards', 'single'],
  ['Content-Length', 'single', 'l'],
  ['Content-Type', 'single', 'c'],
  ['Content-Encoding', 'list', 'e'],
  ['Content-Disposition', 'single'],
  ['Content-Language', 'list'],
  ['Route', 'list'],
  ['Record-Route', 'list'],
  ['Require', 'list'],
  ['Proxy-Require', 'list'],
  ['Supported', 'list', 'k'],
  ['Unsupported', 'list'],
  ['Allow', 'list'],
  ['Allow-Events', 'list', 'u'],
  ['Accept', 'list'],
  ['Accept-Encoding', 'list'],
  ['Accept-Language', 'list'],
  ['Accept-Contact', 'list', 'a'],
  ['Reject-Contact', 'list', 'j'],
  ['Request-Disposition', 'list', 'd'],
  ['Alert-Info', 'list'],
  ['Authentication-Info', 'list'],
  ['Authorization', 'single'],
  ['Proxy-Authorization', 'single'],
  ['WWW-Authenticate', 'single'],
  ['Proxy-Authenticate', 'single'],
  ['Call-Info', 'list'],
  ['Date', 'single'],
  ['Diversion', 'list'],
  ['Error-Info', 'list'],
  ['Event', 'single', 'o'],
  ['Expires', 'single'],
  ['History-Info', 'list'],
  ['Identity', 'list', 'y'],
  ['In-Reply-To', 'list'],
  ['MIME-Version', 'single'],
  ['Min-Expires', 'single'],
  ['Min-SE', 'single'],
  ['Organization', 'single'],
  ['P-Asserted-Identity', 'list'],
  ['P-Preferred-Identity', 'list'],
  ['P-Charging-Vector', 'single'],
  ['Path', 'list'],
  ['Priority', 'single'],
  ['Privacy', 'single'],
  ['RAck', 'single'],
  ['RSeq', 'single'],
  ['Reason', 'list'],
  ['Refer-To', 'single', 'r'],
  ['Referred-By', 'single', 'b'],
  ['Refer-Sub', 'single'],
  ['Remote-Party-ID', 'list'],
  ['Replaces', 'single'],
  ['Reply-To', 'single'],
  ['Retry-After', 'single'],
  ['Server', 'single'],
  ['Service-Route', 'list'],
  ['Session-Expires', 'single', 'x'],
  ['Session-ID', 'single'],
  ['SIP-ETag', 'single'],
  ['SIP-If-Match', 'single'],
  ['Subject', 'single', 's'],
  ['Subscription-State', 'single'],
  ['Timestamp', 'single'],
  ['User-Agent', 'single'],
  ['Warning', 'list'],
];

const canonical = new Map<string, string>();
const lists = new Set<string>();
for (const [name, kind, compact] of known) {
  // The usual spellings are keys too, so that most look-ups need no lower-casing.
  for (const spelling of [name, name.toLowerCase(), ...(compact ? [compact, compact.toUpperCase()] : [])]) canonical.set(spelling, name);
  if (kind === 'list') lists.add(name);
}

/** Canonical spelling; a name that is not known stays as it is. */
export function canonicalName(name: string): string {
  return canonical.get(name) ?? canonical.get(name.toLowerCase()) ?? name;
}

/** Key under which two spellings of one header meet: the canonical name, or for unknown ones lower case. */
export function headerKey(name: string): string {
  return canonical.get(name) ?? canonical.get(name.toLowerCase()) ?? name.toLowerCase();
}

/** Whether a field of this canonical name may combine several values with commas. */
export function isListHeader(canonicalHeaderName: string): boolean {
  return lists.has(canonicalHeaderName);
}
