/**
 * PORT, part of the store: a choice among contacts as a tree, made from an expression by
 * `outbound/audiences`, turned into SQL here. Comparing with something that is missing is
 * false, `!=` as well; `missing` asks for it.
 */

/** Facts about every contact that are not attributes; `last_call` and `created` are times, `calls` a number, the others text. */
export const ownFields = {
  id: 'text',
  external_id: 'text',
  name: 'text',
  email: 'text',
  language: 'text',
  country: 'text',
  region: 'text',
  city: 'text',
  calls: 'number',
  last_call: 'time',
  last_disposition: 'text',
  last_verdict: 'text',
  created: 'time',
} as const;
export type OwnField = keyof typeof ownFields;

export type AttributeType = 'text' | 'number' | 'boolean' | 'date';

export type FilterField =
  | { readonly kind: 'own'; readonly name: OwnField }
  | { readonly kind: 'attribute'; readonly name: string; readonly type: AttributeType }
  /** What was heard in the last call, by the slot's name. */
  | { readonly kind: 'slot'; readonly name: string };

/** `agoMs` before the moment at which the filter is asked. */
export type FilterValue = string | number | boolean | { readonly agoMs: number };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type ContactFilter =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly ContactFilter[] }
  | { readonly kind: 'not'; readonly part: ContactFilter }
  | { readonly kind: 'compare'; readonly field: FilterField; readonly op: Comparison; readonly value: FilterValue }
  | { readonly kind: 'in'; readonly field: FilterField; readonly values: readonly (string | number)[] }
  | { readonly kind: 'contains' | 'starts'; readonly field: FilterField; readonly text: string }
  | { readonly kind: 'missing'; readonly field: FilterField }
  | { readonly kind: 'tag'; readonly tag: string }
  /** A yes for this purpose that is in force. */
  | { readonly kind: 'consent'; readonly purpose: string };
