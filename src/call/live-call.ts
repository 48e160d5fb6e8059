import type { CallResult, TranscriptLine } from '../store/store.js';
import type { CallEvent, CallState, LiveCall } from './call-service.js';
import { nextCallState } from './call-states.js';
import type { CallInput } from './call-states.js';

/** The record of one call while it lives; the API sees copies. */
export class LiveCallRecord {
  readonly abort = new AbortController();
  readonly #emit: (event: CallEvent) => void;
  #call: LiveCall;

  constructor(call: Omit<LiveCall, 'state' | 'answeredAt' | 'node' | 'transcript'>, emit: (event: CallEvent) => void) {
    this.#call = { ...call, state: 'dialing', answeredAt: undefined, node: undefined, transcript: [] };
    this.#emit = emit;
    emit({ type: 'call.started', call: this.#call });
  }

  get id(): string {
    return this.#call.id;
  }

  get view(): LiveCall {
    return this.#call;
  }

  carriedBy(trunk: string | undefined): void {
    this.#call = { ...this.#call, trunk };
  }

  ringing(): void {
    if (this.#move('ringing')) this.#emit({ type: 'call.ringing', call: this.#call });
  }

  /** `at`: ms since the epoch. */
  answered(at: number): void {
    if (!this.#move('answered')) return;
    this.#call = { ...this.#call, answeredAt: at };
    this.#emit({ type: 'call.answered', call: this.#call });
  }

  line(line: TranscriptLine, node: string, decision: string | undefined, replyMs: number | undefined): void {
    this.#call = { ...this.#call, node, transcript: [...this.#call.transcript, line] };
    this.#emit({ type: 'call.transcript', call: this.#call, line, decision, replyMs });
  }

  /** Someone here wants the call to end. */
  hangup(): void {
    this.#move('hangup');
    this.abort.abort(new Error('hangup'));
  }

  over(result: CallResult): void {
    this.#move('over');
    this.#emit({ type: 'call.ended', call: this.#call, result });
  }

  #move(input: CallInput): boolean {
    const state: CallState = nextCallState(this.#call.state, input);
    const changed = state !== this.#call.state;
    this.#call = { ...this.#call, state };
    return changed;
  }
}
