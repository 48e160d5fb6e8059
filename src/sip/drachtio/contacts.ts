/** Contacts of a 3xx (RFC 3261 8.1.3.4, 21.3). */
import { checkUri } from './uri.js';

/** More places than anybody would try. */
const MAX_CONTACTS = 20;

/** SIP URIs that the far end names, highest q first, each once. What is no SIP URI is left out. */
export function redirectContacts(header: string | undefined): readonly string[] {
  const found: { uri: string; q: number }[] = [];
  for (const entry of splitList(header ?? '').slice(0, MAX_CONTACTS)) {
    const contact = /^\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<([^>]*)>(.*)$/.exec(entry);
    // RFC 3261 20.10: without brackets all parameters belong to the header.
    const [uri = '', parameters = ''] = contact ? [contact[1], contact[2]] : [entry.split(';')[0]?.trim(), entry.slice(entry.indexOf(';'))];
    const q = Number(/;\s*q\s*=\s*([01](?:\.\d{0,3})?)/i.exec(parameters)?.[1] ?? 1);
    try {
      const checked = checkUri(uri, 'contact');
      if (!found.some((one) => one.uri === checked)) found.push({ uri: checked, q: Math.min(q, 1) });
    } catch {
      // A tel: URI, or one with headers: nothing that we may call.
    }
  }
  // Stable: equal ones stay in their order.
  return found.sort((one, other) => other.q - one.q).map(({ uri }) => uri);
}

/** At commas outside of quotes and brackets. */
function splitList(header: string): string[] {
  const entries: string[] = [];
  let entry = '';
  let quoted = false;
  let bracketed = false;
  for (let index = 0; index < header.length; index += 1) {
    const character = header[index] ?? '';
    if (quoted && character === '\\') {
      entry += character + (header[(index += 1)] ?? '');
      continue;
    }
    if (character === '"' && !bracketed) quoted = !quoted;
    if (!quoted && (character === '<' || character === '>')) bracketed = character === '<';
    if (character === ',' && !quoted && !bracketed) {
      entries.push(entry);
      entry = '';
    } else entry += character;
  }
  return [...entries, entry].filter((one) => one.trim() !== '');
}
