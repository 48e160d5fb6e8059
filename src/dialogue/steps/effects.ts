import type { DialogueEffect, EffectOutcome } from '../dialogue.js';
import { fillText, renderPrompt } from '../flow/prompt.js';
import type { ProgramGenerate, ProgramLookup } from '../program.js';
import { WAIT, go } from './talk-state.js';
import type { Move, TalkState } from './talk-state.js';

/** A lookup or a worded reply: asked for here, and taken up when its outcome comes in. */
export function startEffect(talk: TalkState, name: string, node: ProgramLookup | ProgramGenerate): Move {
  talk.effects++;
  talk.openEffect = { id: talk.effects, node: name };
  const filler = node.kind === 'action' && node.filler !== undefined ? renderPrompt([node.filler], talk.render) : undefined;
  talk.outputs.push({ type: 'effect', node: name, id: talk.effects, effect: effectOf(talk, node), filler, deadlineMs: node.deadlineMs, ...(node.kind === 'generate' ? { bargeIn: node.bargeIn } : {}) });
  return WAIT;
}

function effectOf(talk: TalkState, node: ProgramLookup | ProgramGenerate): DialogueEffect {
  if (node.kind === 'action') {
    const input = Object.fromEntries(Object.entries(node.input).map(([key, value]) => [key, typeof value === 'string' ? filledInput(talk, value) : value]));
    return { kind: 'lookup', name: node.name, input };
  }
  const facts = node.facts.flatMap((id) => talk.program.facts.get(id)?.text ?? []);
  return {
    kind: 'generate',
    instruction: fillText(node.instruction, talk.render),
    grounds: { language: talk.program.language, facts: facts.map((fact) => fillText(fact, talk.render)), slots: talk.filled, callerWords: talk.lastTurns.filter((turn) => turn.who === 'caller').map((turn) => turn.text), names: namesOf(talk) },
    lastTurns: [...talk.lastTurns],
    scripted: renderPrompt([node.scripted], talk.render),
  };
}

/** A text that is one variable and nothing else keeps the variable's type. */
function filledInput(talk: TalkState, text: string): string | number | boolean {
  const name = /^\{([a-z][a-z0-9_]*)\}$/.exec(text)?.[1];
  const raw = name === undefined ? undefined : talk.values[name];
  return raw ?? text.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, one: string) => String(talk.values[one] ?? ''));
}

/** What the task itself names may be said: the caller, the company, the product. */
function namesOf(talk: TalkState): string[] {
  return Object.values(talk.values).filter((value): value is string => typeof value === 'string' && value.length <= 100);
}

export function onEffect(talk: TalkState, node: ProgramLookup | ProgramGenerate, outcome: EffectOutcome): Move {
  talk.openEffect = undefined;
  if (node.kind === 'generate') {
    talk.decision = outcome.ok ? (outcome.interrupted === true ? 'generated, interrupted' : 'generated') : `scripted: ${outcome.reason}`;
    if (outcome.ok && outcome.said !== undefined) talk.remember('bot', outcome.said);
    return go(node.next);
  }
  talk.decision = outcome.ok ? `lookup ${node.name}` : `lookup ${node.name}: ${outcome.reason}`;
  if (!outcome.ok) return go(node.failed);
  for (const [variable, path] of node.output) {
    const value = outcome.values?.[path];
    // An answer without what was asked for is no answer.
    if (value === undefined) {
      talk.decision = `lookup ${node.name}: no ${path}`;
      return go(node.failed);
    }
    talk.fill(variable, value);
  }
  return go(node.next);
}

