import type { Audio } from '../audio/frame.js';
import type { CompiledFlow, PromptPart } from '../dialogue/dialogue.js';
import type { Logger } from '../kernel/log.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Mouth, SpeakRequest } from '../speech/mouth.js';

/** Nobody listens yet: a telephone rings for longer than this. */
const PATIENCE_MS = 15_000;
/** More variable parts than these are not said before the callee has spoken. */
const MOST_PARTS = 8;

/** A part that was begun before it was asked for. */
interface Begun {
  readonly chunks: Audio[];
  finished: boolean;
  failed: boolean;
  wake: () => void;
}

/**
 * A call's mouth that has its first words ready: what the flow says at once, with the
 * name of the customer in it, is synthesised while the telephone rings, so that the
 * greeting waits for no voice. What was not made, or failed, is made when it is asked for.
 */
export class OpeningMouth implements Mouth {
  readonly #mouth: Mouth;
  readonly #log: Logger;
  readonly #begun = new Map<string, Begun>();
  readonly #abort = new AbortController();

  constructor(mouth: Mouth, log: Logger) {
    this.#mouth = mouth;
    this.#log = log;
  }

  get capacity(): Mouth['capacity'] {
    return this.#mouth.capacity;
  }

  get ready(): boolean {
    return this.#mouth.ready;
  }

  /** Begins what the flow will say first in a call with these variables. Never throws: a flow that cannot start is told of by the call. */
  prepare(flow: CompiledFlow, variables: Readonly<Record<string, string | number | boolean>>): void {
    if (this.#begun.size > 0 || this.#abort.signal.aborted) return;
    for (const { text, join } of openingParts(flow, variables).slice(0, MOST_PARTS)) {
      const request: SpeakRequest = { text, join, language: flow.language, speed: 1, deadlineMs: PATIENCE_MS, signal: this.#abort.signal, ...(flow.voice === undefined ? {} : { voice: flow.voice }) };
      const begun: Begun = { chunks: [], finished: false, failed: false, wake: () => undefined };
      this.#begun.set(keyOf(request), begun);
      void this.#make(request, begun);
    }
  }

  async *speak(request: SpeakRequest): AsyncGenerator<Audio> {
    const key = keyOf(request);
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    let spoken = 0;
    while (begun !== undefined) {
      const chunk = begun.chunks[spoken];
      if (request.signal?.aborted === true) return;
      if (chunk !== undefined) {
        spoken += 1;
        yield chunk;
      } else if (begun.failed && spoken === 0) break;
      else if (begun.finished || begun.failed) return;
      else await new Promise<void>((resolve) => {
        begun.wake = resolve;
        request.signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    yield* this.#mouth.speak(request);
  }

  /** The call is over, or was never answered. The mouth itself is for all calls. */
  close(): Promise<void> {
    this.#abort.abort(new Error('the call is over'));
    this.#begun.clear();
    return Promise.resolve();
  }

  async #make(request: SpeakRequest, begun: Begun): Promise<void> {
    try {
      for await (const audio of this.#mouth.speak(request)) {
        begun.chunks.push(audio);
        begun.wake();
      }
      begun.finished = true;
    } catch (error) {
      begun.failed = true;
      if (!this.#abort.signal.aborted) this.#log.warn({ code: asTrunklineError(error).code }, 'the opening was not synthesised ahead');
    }
    begun.wake();
  }
}

function keyOf({ text, join, language, voice, speed }: SpeakRequest): string {
  return JSON.stringify([text, join?.before ?? false, join?.after ?? false, language, voice ?? '', speed ?? 1]);
}

/** Variable parts of what a dialogue says before it listens, by a dialogue of its own that nobody talks to. */
function openingParts(flow: CompiledFlow, variables: Readonly<Record<string, string | number | boolean>>): { text: string; join: { before: boolean; after: boolean } }[] {
  try {
    const said = flow.start(variables).next({ type: 'start' }).flatMap((output) => (output.type === 'say' && output.slower !== true ? [output.prompt.parts] : []));
    return said.flatMap((parts: readonly PromptPart[]) => parts.flatMap(({ kind, text }, index) => (kind === 'variable' ? [{ text, join: { before: index > 0, after: index < parts.length - 1 } }] : [])));
  } catch {
    return [];
  }
}
