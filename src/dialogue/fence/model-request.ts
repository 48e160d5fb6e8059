import type { DialogueEffect } from '../dialogue.js';
import type { Grounds } from './guard.js';

type Generate = Extract<DialogueEffect, { kind: 'generate' }>;

/** What a model is asked, in the two parts that its worker knows: the same in every call, and of this turn. */
export interface ModelRequest {
  readonly prefix: string;
  readonly prompt: string;
  /** The model goes on with a talk of its own making from here. */
  readonly stop: readonly string[];
}

/**
 * Characters of facts and of the talk that fit into the smallest context (1024 tokens)
 * beside the answer. A small model has about four letters to a token, but two tokens
 * to a Chinese character.
 */
const FACT_ROOM = { en: 1_800, zh: 300 } as const;
const TALK_ROOM = { en: 500, zh: 100 } as const;

const RULES = {
  en: 'You are a telephone assistant. Answer in one or two short sentences. Say only what the facts below state. Never invent numbers, dates, prices, names or promises.',
  zh: '你是电话助手。用一两句短句回答。只说下面的事实。不要编造数字、日期、价格、名字或承诺。',
} as const;

export function modelRequest({ instruction, grounds, lastTurns }: Pick<Generate, 'instruction' | 'grounds' | 'lastTurns'>): ModelRequest {
  const { language } = grounds;
  const zh = language === 'zh';
  const asked = lastTurns.findLast((turn) => turn.who === 'caller')?.text ?? '';
  const turns: string[] = [];
  let room: number = TALK_ROOM[language];
  for (const { who, text } of [...lastTurns].reverse()) {
    const line = `${who === 'caller' ? (zh ? '客户' : 'Caller') : zh ? '助手' : 'Assistant'}: ${text.slice(0, room)}`;
    if (room <= 0) break;
    room -= line.length;
    turns.unshift(line);
  }
  return { prefix: prefixOf(instruction, factsThatFit(grounds, asked), language), prompt: turns.join('\n'), stop: zh ? ['\n', '客户:', '客户：'] : ['\n', 'Caller:'] };
}

/** The part that is the same in every call, so that it can be computed ahead; undefined where the facts hold values of the call or are too many. */
export function fixedPrefix(instruction: string, facts: readonly string[], language: Grounds['language']): string | undefined {
  if ([instruction, ...facts].some((text) => /\{[a-z]/.test(text)) || lengthOf(facts) > FACT_ROOM[language]) return undefined;
  return prefixOf(instruction, facts, language);
}

function prefixOf(instruction: string, facts: readonly string[], language: Grounds['language']): string {
  return `${RULES[language]}\n${instruction}\n${language === 'zh' ? '事实' : 'Facts'}:\n${facts.map((fact) => `- ${fact}`).join('\n')}`;
}

function lengthOf(facts: readonly string[]): number {
  return facts.reduce((sum, fact) => sum + fact.length + 3, 0);
}

/** More facts than the context holds: those that share most with what the caller asked, in their own order. */
function factsThatFit({ facts, language }: Grounds, asked: string): readonly string[] {
  if (lengthOf(facts) <= FACT_ROOM[language]) return facts;
  const words = piecesOf(asked, language);
  const ranked = facts.map((fact, index) => ({ fact, index, shared: [...piecesOf(fact, language)].filter((piece) => words.has(piece)).length })).sort((left, right) => right.shared - left.shared || left.index - right.index);
  let room: number = FACT_ROOM[language];
  const taken = ranked.filter(({ fact }) => {
    if (fact.length + 3 > room) return false;
    room -= fact.length + 3;
    return true;
  });
  return taken.sort((left, right) => left.index - right.index).map(({ fact }) => fact);
}

/** Words of four letters and more, or pairs of characters. */
function piecesOf(text: string, language: Grounds['language']): Set<string> {
  if (language === 'en') return new Set(text.toLowerCase().match(/[a-z]{4,}/g) ?? []);
  const characters = [...text.replace(/[^\p{Script=Han}]/gu, '')];
  return new Set(characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`));
}
