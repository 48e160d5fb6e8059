import type { Verdict } from '../../store/store.js';
import type { EndNode } from '../flow/schema.js';
import type { ExpressionValue } from '../expression.js';
import { momentOf, redialVerdict } from '../verdict/redial.js';
import type { TalkState } from './talk-state.js';

/** What conditions of a flow can speak of: values by name, and how the talk has gone. */
export function verdictValues(talk: TalkState, ended: string): Record<string, ExpressionValue> {
  const { label, valence, trend, arousal } = talk.mood.mood;
  const { made, left } = attempts(talk);
  return { ...talk.values, intents: talk.intents, mood: { label, valence, trend, arousal }, attempts: { made, left }, turns: talk.turns, failures: talk.allFailures, node: talk.at, ended };
}

function attempts(talk: TalkState): { made: number; left: number } {
  return talk.context.attempts ?? { made: 0, left: 1 };
}

/** By the flow's table; undefined if it has none. */
export function judged(talk: TalkState, ended: string): Verdict | undefined {
  const found = talk.program.verdicts?.judge({
    slots: talk.filled,
    variables: talk.values,
    intents: talk.intents,
    mood: talk.mood.mood,
    attempts: attempts(talk),
    turns: talk.turns,
    failures: talk.allFailures,
    node: talk.at,
    ended,
    nowMs: talk.clock.now(),
    timeZone: talk.program.timeZone,
  });
  return found === undefined ? undefined : kept(talk, found.verdict, found.at);
}

/** A time that was moved into the calling hours is the slot's from here on: last words with `{slot}` say when we really call. */
function kept(talk: TalkState, verdict: Verdict, slot: string | undefined): Verdict {
  if (verdict.kind !== 'redial_at' || slot === undefined) return verdict;
  const heard = momentOf(talk.filled[slot]);
  if (heard !== undefined && heard !== momentOf(verdict.at)) talk.fill(slot, verdict.at);
  return verdict;
}

/** As the `end` node itself says. */
export function declaredVerdict(talk: TalkState, end: EndNode): Verdict {
  const reason = talk.text(end.reason ?? '');
  switch (end.end) {
    case 'continue':
      return { kind: 'continue' };
    case 'end':
      return { kind: 'end', reason };
    case 'follow_up':
      return { kind: 'follow_up', channel: end.channel ?? '', template: end.template ?? '', reason };
    case 'handoff':
      return { kind: 'handoff', queue: end.queue ?? '', reason };
    case 'redial_at': {
      const heard = end.at === undefined ? undefined : talk.values[end.at];
      const { callingHours: hours, timeZone } = talk.program;
      return kept(talk, redialVerdict({ heard, inMinutes: end.in_minutes, reason, attemptsLeft: attempts(talk).left, hours, nowMs: talk.clock.now(), timeZone }), end.at);
    }
  }
}
