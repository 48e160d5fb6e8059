import type { CompiledFlow, Dialogue, DialogueInput, DialogueOutput } from './dialogue.js';
import type { Verdict } from '../store/store.js';

/** A line of a chat with a flow, to be printed. */
export interface ChatLine {
  readonly who: 'bot' | 'trace';
  readonly text: string;
}

/**
 * A talk with a flow by text, without audio. A typed line is what the caller says;
 * an empty line is silence, `#1234` are pressed keys, and `!` is a moment in which
 * hearing was lost.
 */
export class Chat {
  private readonly dialogue: Dialogue;
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
    return this.feed(chatInput(typed));
  }

  private feed(input: DialogueInput): ChatLine[] {
    const from = this.dialogue.node;
    const outputs = this.dialogue.next(input);
    const lines: ChatLine[] = [];
    if (input.type !== 'start') lines.push({ who: 'trace', text: `${from}: ${this.dialogue.lastDecision ?? '-'} > ${this.dialogue.node}` });
    for (const output of outputs) lines.push(...this.linesOf(output));
    return lines;
  }

  private linesOf(output: DialogueOutput): ChatLine[] {
    switch (output.type) {
      case 'say':
        return output.prompt.text === '' ? [] : [{ who: 'bot', text: output.prompt.text }];
      case 'listen': {
        const keys = output.dtmf === undefined ? '' : `, ${output.dtmf.minDigits}-${output.dtmf.maxDigits} digits`;
        return [{ who: 'trace', text: `listening for ${output.kind}${keys} (silence after ${output.silenceMs} ms)` }];
      }
      case 'end':
        this.done = output.verdict;
        return [
          { who: 'trace', text: `verdict ${JSON.stringify(output.verdict)}` },
          { who: 'trace', text: `slots ${JSON.stringify(this.dialogue.slots)}` },
        ];
    }
  }
}

export function chatInput(typed: string): DialogueInput {
  const text = typed.trim();
  if (text === '') return { type: 'silence' };
  if (text === '!') return { type: 'trouble' };
  const keys = /^#([0-9*#]+)$/.exec(text);
  return keys === null ? { type: 'utterance', text } : { type: 'dtmf', digits: keys[1] ?? '' };
}
