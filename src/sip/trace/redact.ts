const CREDENTIALS = /^((?:Proxy-)?Authorization[ \t]*:)(.*(?:\r?\n[ \t].*)*)/gim;
/** Quoted values may hold anything but an unescaped quote (RFC 3261 25.1). */
const PROOF = /\b((?:response|cnonce|rspauth)[ \t]*=[ \t]*)("(?:[^"\\]|\\.)*|[^",\s]*)/gi;
const CRYPTO_KEY = /\b(inline:)([^\s|;]*)/gi;
const KEY_MANAGEMENT = /^(a=(?:key-mgmt|zrtp-hash)[ \t]*:)(.*)/gim;
/** Obsolete (RFC 8866 5.12), but some still send it. */
const KEY_LINE = /^(k=)(.*)/gm;

/** Keys that were pressed, in the body of an INFO (application/dtmf-relay, application/dtmf) or a NOTIFY (RFC 4730 5.3). */
const SIGNAL = /^(Signal[ \t]*=)(.*)/gim;
const KPML_DIGITS = /(\bdigits[ \t]*=[ \t]*["'])([^"']*)/gi;
const BARE_DIGITS = /(\r?\n\r?\n)([\s\S]*)$/;

/**
 * A SIP message without what would let a reader act as somebody or listen in: digest
 * responses, tokens, media keys, keys that were pressed. Each character of them becomes an x, so Content-Length
 * stays true.
 */
export function redactSip(text: string): string {
  let clean = text;
  // Most messages hold none of it: a search is cheaper than a replacement.
  if (/authorization/i.test(clean)) clean = clean.replace(CREDENTIALS, (_whole, name: string, value: string) => name + redactCredentials(value));
  if (/inline:/i.test(clean)) clean = clean.replace(CRYPTO_KEY, hideSecond);
  if (/^a=(?:key-mgmt|zrtp-hash)/im.test(clean)) clean = clean.replace(KEY_MANAGEMENT, hideSecond);
  if (/^k=/m.test(clean)) clean = clean.replace(KEY_LINE, hideSecond);
  if (/dtmf|kpml/i.test(clean)) clean = redactKeys(clean);
  return clean;
}

function redactKeys(text: string): string {
  const type = /^(?:Content-Type|c)[ \t]*:[ \t]*([^\s;]*)/im.exec(text)?.[1]?.toLowerCase();
  if (type === 'application/dtmf-relay') return text.replace(SIGNAL, hideSecond);
  if (type === 'application/dtmf') return text.replace(BARE_DIGITS, hideSecond);
  if (type === 'application/kpml-response+xml') return text.replace(KPML_DIGITS, hideSecond);
  return text;
}

function redactCredentials(value: string): string {
  if (/^\s*Digest\s/i.test(value)) return value.replace(PROOF, hideSecond);
  // Basic, Bearer and schemes to come: everything behind their name is secret.
  return value.replace(/^(\s*(?:[A-Za-z]{1,20}\s)?)([\s\S]*)/, hideSecond);
}

function hideSecond(_whole: string, kept: string, secret: string): string {
  return kept + secret.replace(/[^\s"]/g, 'x');
}
