import type { Rule } from './rule.js';

/** The last rule: signs that are said, and then only what a voice can read. */
export const symbols: Rule = (text) =>
  text
    .replace(/\s*&\s*/g, ' and ')
    .replace(/\s*=\s*/g, ' equals ')
    .replace(/\s*\+\s*/g, ' plus ')
    .replace(/\s*@\s*/g, ' at ')
    .replace(/(?<=\w)\/(?=\w)/g, ' or ')
    .replace(/%/g, ' percent ')
    .replace(/[()[\]{}]+/g, ', ')
    .replace(/["*_~^|\\<>#/`$€£¥₹¢°§©®™\u2044]+/g, ' ')
    .replace(/[^\p{L}\p{M}\p{N}\s.,;:!?'-]+/gu, ' ')
    .replace(/(^|\s)[-'](?=\s|$)/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/\s+(?=[.,;:!?])/g, '')
    // Of several marks in a row the strongest stays.
    .replace(/[.,;:!?]{2,}/g, (marks) => ['?', '!', '.', ';', ':', ','].find((mark) => marks.includes(mark))!)
    .replace(/([.,;:!?])(?=[\p{L}])/gu, '$1 ')
    .replace(/^[\s.,;:!?]+/, '')
    .trim();
