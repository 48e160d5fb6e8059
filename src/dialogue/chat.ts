import type { CompiledFlow, Dialogue, DialogueInput, DialogueOutput, EffectOutcome } from './dialogue.js';
import type { Verdict } from '../store/store.js';

/** A line of a chat with a flow, to be printed. */
export interface ChatLine {
  readonly who: 'bot' | 'trace';
  readonly text: string;
  /** The same for machines, where the text is not all. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * A talk with a flow by text, without audio. A typed line is what the caller says;
 * an empty line is silence, `#1234` are pressed keys, `!` is a moment in which
 * hearing was lost, `!!` a transfer that failed; `={"balance": 12}` is what a lookup
 * found, `=` that it failed.
 */
export class Chat {
  private readonly dialogue: Dialogue;
  private effect: number | undefined;
  private slotsShown: Readonly<Record<string, unknown>> = {};
  private moodShown = 'neutral';
  private done: Verdict | undefined;

  /** TRK_FLOW_VARIABLE if a required variable has no value. */
  constructor(flow: CompiledFlow, variables: Readonly<Record<string, string | number | boolean>>) {
    this.dialogue = flow.start(variables);
  }

  /** Undefined until the flow has ended. */
  get verdict(): Verdict | undefined {
    return this.done;
  }

  get slots(): Readonly<Record<string, string | number | boolean>> {
    return this.dialogue.slots;
  }

  start(): ChatLine[] {
    return this.feed({ type: 'start' });
  }

  line(typed: string): ChatLine[] {
    return this.feed(chatInput(typed, this.effect));
  }

  /** The caller hangs up: what the flow's rules make of it, if it has any. */
  hangUp(): ChatLine[] {
    if (this.done !== undefined) return [];
    this.done = this.dialogue.judge('caller_hung_up') ?? { kind: 'end', reason: 'caller_hung_up' };
    return [{ who: 'trace', text: 'the caller hangs up' }, ...this.endLines(this.done)];
  }

  private feed(input: DialogueInput): ChatLine[] {
    const from = this.dialogue.node;
    const outputs = this.dialogue.next(input);
    const lines: ChatLine[] = [];
    if (input.type !== 'start') {
      const { lastDecision: decision, node } = this.dialogue;
      lines.push({ who: 'trace', text: `${from}: ${decision ?? '-'} > ${node}`, data: { from, decision, node, mood: this.dialogue.mood, slots: this.dialogue.slots } });
    }
    lines.push(...this.changes());
    for (const output of outputs) lines.push(...this.linesOf(output));
    return lines;
  }

  /** Values that were filled in, and a mood that is another. */
  private changes(): ChatLine[] {
    const { slots, mood } = this.dialogue;
    const lines: ChatLine[] = [];
    const filled = Object.entries(slots).filter(([name, value]) => this.slotsShown[name] !== value);
    if (filled.length > 0) lines.push({ who: 'trace', text: `kept ${filled.map(([name, value]) => `${name} = ${String(value)}`).join(', ')}` });
    if (mood.label !== this.moodShown) lines.push({ who: 'trace', text: `mood ${mood.label}${mood.evidence.length === 0 ? '' : ` (${mood.evidence.join(', ')})`}` });
    this.slotsShown = { ...slots };
    this.moodShown = mood.label;
    return lines;
  }

  private endLines(verdict: Verdict): ChatLine[] {
    return [
      { who: 'trace', text: `verdict ${verdictText(verdict)}`, data: { verdict } },
      { who: 'trace', text: `slots ${JSON.stringify(this.dialogue.slots)}`, data: { slots: this.dialogue.slots } },
    ];
  }

  /** A chat has no model: what is scripted is said. */
  private effectLines(output: Extract<DialogueOutput, { type: 'effect' }>): ChatLine[] {
    if (output.effect.kind === 'generate') return [{ who: 'trace', text: 'generate (no model in a chat: the scripted words)' }, { who: 'bot', text: output.effect.scripted.text }, ...this.feed({ type: 'effect', id: output.id, outcome: { ok: false, reason: 'no model' } })];
    this.effect = output.id;
    const filler: ChatLine[] = output.filler === undefined ? [] : [{ who: 'bot', text: output.filler.text }];
    return [...filler, { who: 'trace', text: `lookup ${output.effect.name} ${JSON.stringify(output.effect.input)} (type ={...} for its answer, = if it fails)` }];
  }

  private linesOf(output: DialogueOutput): ChatLine[] {
    switch (output.type) {
      case 'say':
        return output.prompt.text === '' ? [] : [{ who: 'bot', text: output.prompt.text }];
      case 'listen': {
        const keys = output.dtmf === undefined ? '' : `, ${output.dtmf.minDigits}-${output.dtmf.maxDigits} digits`;
        return [{ who: 'trace', text: `listening for ${output.kind}${keys} (silence after ${output.silenceMs} ms)` }];
      }
      case 'effect':
        return this.effectLines(output);
      case 'transfer':
        return [{ who: 'trace', text: `transfer ${output.mode} to ${output.to} (type !! if it fails)` }];
      case 'switch':
        return [{ who: 'trace', text: `goes on in flow ${output.flow} (type !! if it cannot)` }];
      case 'end':
        this.done = output.verdict;
        return this.endLines(output.verdict);
    }
  }
}

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'continue':
      return 'continue';
    case 'end':
      return `end: ${verdict.reason}`;
    case 'redial_at':
      return `redial_at ${verdict.at}: ${verdict.reason}`;
    case 'follow_up':
      return `follow_up by ${verdict.channel} with ${verdict.template}: ${verdict.reason}`;
    case 'handoff':
      return `handoff to ${verdict.queue}: ${verdict.reason}`;
  }
}

/** Values by path, as a lookup brings them. */
function outcomeOf(json: string): EffectOutcome {
  try {
    return { ok: true, values: JSON.parse(json) as Record<string, string | number | boolean> };
  } catch {
    return { ok: false, reason: 'failed' };
  }
}

export function chatInput(typed: string, effect?: number): DialogueInput {
  const text = typed.trim();
  if (effect !== undefined && text.startsWith('=')) return { type: 'effect', id: effect, outcome: outcomeOf(text.slice(1)) };
  if (text === '') return { type: 'silence' };
  if (text === '!') return { type: 'trouble' };
  if (text === '!!') return { type: 'transfer_failed' };
  const keys = /^#([0-9*#]+)$/.exec(text);
  return keys === null ? { type: 'utterance', text } : { type: 'dtmf', digits: keys[1] ?? '' };
}
