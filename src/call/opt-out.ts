import type { Dialogue, DialogueInput } from '../dialogue/dialogue.js';

/** Somebody does not want to be called again. */
export interface OptedOut {
  /** `wrong_number`: it is not theirs that was meant; nobody is to be called there. */
  readonly reason: 'do_not_call' | 'wrong_number';
  /** Spoken, or keyed. */
  readonly by: 'call' | 'keypad';
}

/** Whose no it is, and in which call. */
export interface CallOptOut extends OptedOut {
  readonly callId: string;
  readonly taskId: string | undefined;
  readonly attemptId: string | undefined;
  readonly contactId: string | undefined;
  /** E.164 number, or SIP URI, of the far end. */
  readonly number: string;
}

/** Notices the moment at which a dialogue has taken a no, whatever the flow does with it then. */
export class OptOutWatch {
  readonly #dialogue: Dialogue;
  #said = false;

  constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue;
  }

  /** After each input; tells it once. */
  after(input: DialogueInput): OptedOut | undefined {
    if (this.#said) return undefined;
    const { slots } = this.#dialogue;
    const reason = slots['do_not_call'] === true ? 'do_not_call' : slots['wrong_number'] === true ? 'wrong_number' : undefined;
    if (reason === undefined) return undefined;
    this.#said = true;
    return { reason, by: input.type === 'dtmf' ? 'keypad' : 'call' };
  }
}
