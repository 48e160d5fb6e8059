import type { Rule } from './rule.js';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * What is there for the eye only: tags, Markdown, emoji, control characters.
 * Nothing of it may reach the voice, and nothing in it is an instruction.
 */
export const stripMarkup: Rule = (text) =>
  text
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u02BC\u2032]/g, "'")
    .replace(/[\u201C\u201D\u00AB\u00BB]/g, '"')
    .replace(/\u2026|\.{3,}/g, '. ')
    .replace(/[\u2010\u2011\u2212]/g, '-')
    // An en dash between figures is a range, elsewhere a pause like the em dash.
    .replace(/(\d)\s*[\u2013\u2014]\s*(?=[\d$\u20AC\u00A3\u00A5])/g, '$1-')
    .replace(/\s*[\u2013\u2014]\s*|\s+-{1,3}\s+/g, ', ')
    .replace(/<\/?[a-zA-Z!?][^<>]{0,200}>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_whole, name: string) => ENTITIES[name] ?? ' ')
    .replace(/!?\[([^\]]{0,300})\]\([^)\s]{0,500}\)/g, '$1')
    .replace(/```|`|\*\*|__|~~/g, '')
    .replace(/(^|\s)#{1,6}\s+/g, '$1')
    .replace(/(^|\n)\s*[-*\u2022]\s+/g, '$1')
    .replace(/(?<![\w*])\*(?=\S)([^*\n]{1,200}?)\*(?!\w)/g, '$1')
    // \p{Emoji} itself would take the digits along.
    .replace(/\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\uFE0E|\uFE0F|\u200D|\u20E3/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Co}]/gu, ' ');
