/** The Replaces header (RFC 3891): a new call that wants the place of one that stands. */
import type { DrachtioDialog } from './dialog.js';

/** What a Replaces header asks for, or the status that refuses it. */
export type Replacement = { readonly dialog: DrachtioDialog | undefined } | { readonly refuse: 400 | 481 | 486 };

/** `header`: as srf gives it, several joined by commas. */
export function replacement(header: string | undefined, dialogs: Iterable<DrachtioDialog>): Replacement {
  if (header === undefined) return { dialog: undefined };
  // RFC 3891 3: more than one, or one that does not parse, is a bad request.
  if (header.includes(',')) return { refuse: 400 };
  const [callId = '', ...parameters] = header.split(';').map((part) => part.trim());
  const tags = new Map(parameters.map((parameter) => [parameter.split('=')[0]?.trim().toLowerCase() ?? '', parameter.split('=').slice(1).join('=').trim()]));
  const toTag = tags.get('to-tag');
  const fromTag = tags.get('from-tag');
  if (callId === '' || !toTag || !fromTag) return { refuse: 400 };
  // RFC 3891 3: to-tag is compared with our tag, from-tag with theirs.
  const found = [...dialogs].find((dialog) => dialog.callId === callId && dialog.localTag === toTag && dialog.remoteTag === fromTag);
  // Early dialogs are not among ours: those that we answer have no other party yet, and those that we place cannot be picked up.
  if (found === undefined || found.ended) return { refuse: 481 };
  // RFC 3891 3: early-only asks that a call which was answered meanwhile stays as it is.
  return tags.has('early-only') ? { refuse: 486 } : { dialog: found };
}
