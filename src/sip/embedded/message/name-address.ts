import { isToken, quote, quotedEnd, trimSpace, unquote } from './grammar.js';
import { limits } from './limits.js';
import { Params, parseHeaderParams } from './params.js';
import { SipParseError } from './parse-error.js';
import { parseUri, serializeUri } from './uri.js';
import type { Uri } from './uri.js';

/** Value of From, To, Contact, Route and their like (RFC 3261 20.10). */
export interface NameAddress {
  /** Without quotes and escapes; undefined if there is none. */
  displayName: string | undefined;
  uri: Uri;
  /** Parameters of the header, not of the URI. */
  params: Params;
}

/** Throws `SipParseError`. */
export function parseNameAddress(value: string): NameAddress {
  const text = trimSpace(value);
  let displayName: string | undefined;
  let open: number;
  if (text.startsWith('"')) {
    const end = quotedEnd(text, 0);
    // RFC 4475 3.1.2.6
    if (end < 0) throw new SipParseError('quoted display name without end');
    displayName = unquote(text.slice(0, end));
    open = end;
    while (text[open] === ' ' || text[open] === '\t') open++;
    if (text[open] !== '<') throw new SipParseError('"<" expected after the display name');
  } else {
    open = text.indexOf('<');
    const semicolon = text.indexOf(';');
    // A "<" after the first parameter belongs to that parameter.
    if (semicolon >= 0 && semicolon < open) open = -1;
    if (open > 0) displayName = parseTokens(text.slice(0, open));
  }
  return open < 0 ? parseBare(text) : parseBracketed(text, open, displayName);
}

/** display-name = *(token LWS); RFC 4475 3.1.2.15: a comma in it needs quotes. Raw UTF-8 is let pass. */
function parseTokens(text: string): string | undefined {
  const name = trimSpace(text);
  if (name === '') return undefined;
  for (const word of name.split(/[ \t]+/)) {
    if (!isToken(word.replace(/[\u0080-\u{10FFFF}]/gu, 'x'))) throw new SipParseError('display name needs quotes');
  }
  return name;
}

function parseBracketed(text: string, open: number, displayName: string | undefined): NameAddress {
  const close = text.indexOf('>', open);
  if (close < 0) throw new SipParseError('">" is missing');
  return withTag({ displayName, uri: parseUri(text.slice(open + 1, close)), params: parseHeaderParams(text, close + 1) });
}

/**
 * RFC 3261 20: without angle brackets, everything after the first semicolon are
 * header parameters, and a URI with a comma, a question mark or a semicolon must
 * be in brackets (RFC 4475 3.1.2.13, 3.3.12).
 */
function parseBare(text: string): NameAddress {
  const semicolon = text.indexOf(';');
  const address = trimSpace(semicolon < 0 ? text : text.slice(0, semicolon));
  if (/[?,]/.test(address)) throw new SipParseError('URI must be in angle brackets');
  return withTag({ displayName: undefined, uri: parseUri(address), params: semicolon < 0 ? new Params() : parseHeaderParams(text, semicolon) });
}

function withTag(address: NameAddress): NameAddress {
  if ((address.params.get('tag')?.length ?? 0) > limits.identifier) throw new SipParseError('tag is too long', { tooLarge: true });
  return address;
}

/** Always in the form with angle brackets. */
export function serializeNameAddress(address: NameAddress): string {
  const name = address.displayName === undefined ? '' : `${quote(address.displayName)} `;
  return `${name}<${serializeUri(address.uri)}>${address.params.toString()}`;
}

export function tagOf(address: NameAddress | undefined): string | undefined {
  return address?.params.get('tag');
}
