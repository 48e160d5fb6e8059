import type { DialogueEffect, DialogueOutput, EffectOutcome, Prompt } from '../dialogue/dialogue.js';
import { createClauseCutter } from '../dialogue/fence/clause-cutter.js';
import { createGuard } from '../dialogue/fence/create-guard.js';
import { modelRequest } from '../dialogue/fence/model-request.js';
import type { Clock } from '../kernel/clock.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { Mind } from '../speech/mind.js';
import type { Lookups } from './lookups.js';

export interface EffectParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Undefined: no lookup is configured. */
  readonly lookups: Lookups | undefined;
  /** Undefined: no language model serves. */
  readonly mind: Mind | undefined;
  /** Puts words into the call; resolves with nothing, as what follows queues behind it. */
  readonly say: (prompt: Prompt) => void;
}

type Wanted = Extract<DialogueOutput, { type: 'effect' }>;
type Generate = Extract<DialogueEffect, { kind: 'generate' }>;

/** A caller who waits longer than this is told so, ms. */
const FILLER_AFTER_MS = 700;
const MAX_TOKENS = 80;
const WHOLE_SENTENCE = /[.!?。！？]["'”’)]?$/;

/** Does what a dialogue asks for outside itself, with a deadline. `interrupted`: the caller speaks over a worded reply. Never rejects. */
export async function runEffect(parts: EffectParts, wanted: Wanted, signal: AbortSignal, interrupted?: AbortSignal): Promise<EffectOutcome> {
  return wanted.effect.kind === 'lookup' ? lookUp(parts, wanted, wanted.effect, signal) : generate(parts, wanted, wanted.effect, signal, interrupted);
}

async function lookUp({ clock, log, lookups, say }: EffectParts, wanted: Wanted, effect: Extract<DialogueEffect, { kind: 'lookup' }>, signal: AbortSignal): Promise<EffectOutcome> {
  if (lookups === undefined) return { ok: false, reason: 'TRK_LOOKUP_UNKNOWN' };
  const { filler } = wanted;
  const waiting = filler === undefined ? undefined : clock.after(FILLER_AFTER_MS, () => say(filler));
  try {
    return { ok: true, values: await lookups.run(effect.name, effect.input, { deadlineMs: wanted.deadlineMs, signal }) };
  } catch (error) {
    const { code } = asTrunklineError(error);
    if (!signal.aborted) log.warn({ code, lookup: effect.name }, 'lookup failed; the flow goes its other way');
    return { ok: false, reason: code };
  } finally {
    waiting?.cancel();
  }
}

/**
 * Words go out clause by clause, each past the guard; at the first that does not pass
 * the model is stopped. Where it then had not told any fact, or stopped inside a
 * sentence, the scripted words follow: nobody is left with half an answer.
 */
async function generate({ clock, log, mind, say }: EffectParts, wanted: Wanted, effect: Generate, signal: AbortSignal, interrupted: AbortSignal = new AbortController().signal): Promise<EffectOutcome> {
  const scripted = (reason: string): EffectOutcome => {
    say(effect.scripted);
    return { ok: false, reason };
  };
  if (mind?.ready !== true) return scripted('no model');
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  for (const one of [signal, interrupted]) one.addEventListener('abort', onAbort, { once: true });
  const said: string[] = [];
  // The deadline is for the first clause: once the bot speaks, there is time for the next.
  const limit = clock.after(wanted.deadlineMs, () => said.length === 0 && stop.abort());
  let refused: string | undefined;
  let brokeOff = false;
  const guard = createGuard(effect.grounds);
  const between = effect.grounds.language === 'zh' ? '' : ' ';
  try {
    const cutter = createClauseCutter(effect.grounds.language);
    const pass = (clause: string): boolean => {
      if (stop.signal.aborted) return false;
      // A small model goes round in circles.
      if (said.includes(clause)) {
        brokeOff = true;
        return false;
      }
      const verdict = guard.check(clause);
      // "The clinic is on the second floor," was said: with it, "above the bakery" is a whole sentence.
      const goesOn = (): boolean => /[,，]$/.test(said.at(-1) ?? '') && guard.check([said.at(-1), clause].join(between)).passes;
      if (verdict.passes || goesOn()) {
        said.push(clause);
        say({ text: clause, parts: [{ kind: 'variable', text: clause }] });
        return true;
      }
      refused = verdict.what;
      log.info({ what: verdict.what, pii: { span: verdict.span } }, 'the fence refused a clause');
      return false;
    };
    words: for await (const text of mind.generate({ ...modelRequest(effect), maxTokens: MAX_TOKENS, deadlineMs: wanted.deadlineMs * 3, signal: stop.signal })) {
      for (const clause of cutter.push(text)) if (!pass(clause)) break words;
    }
    if (refused === undefined && !stop.signal.aborted) {
      const rest = cutter.end();
      if (rest !== undefined) pass(rest);
    }
  } catch (error) {
    refused ??= asTrunklineError(error).code;
  } finally {
    limit.cancel();
    for (const one of [signal, interrupted]) one.removeEventListener('abort', onAbort);
    stop.abort();
  }
  if (signal.aborted) return { ok: false, reason: 'cancelled' };
  if (said.length > 0 && !interrupted.aborted) {
    const half = !WHOLE_SENTENCE.test(said.at(-1) ?? '');
    if (half || ((brokeOff || refused !== undefined) && !said.some((clause) => guard.tells(clause)))) {
      say(effect.scripted);
      said.push(effect.scripted.text);
    }
  }
  if (said.length > 0) return { ok: true, said: said.join(between), ...(interrupted.aborted ? { interrupted: true } : {}) };
  if (interrupted.aborted) return { ok: false, reason: 'interrupted' };
  return scripted(refused ?? 'nothing was worded');
}
