import t from 'tap';
import { checkFlow } from '../../../src/dialogue/flow/compile.js';
import type { Verdict } from '../../../src/store/store.js';
import { compileExampleIn, hangUp, hold } from '../talk.js';

/** A talk of a table: what the caller says, what comes of it. */
export interface Told {
  readonly lines: readonly string[];
  /** Undefined: the talk goes on. */
  readonly verdict: Verdict | undefined;
  readonly slots?: Readonly<Record<string, unknown>>;
  /** The bot's last sentence. */
  readonly last?: RegExp;
}

export interface HungUp {
  readonly lines: readonly string[];
  readonly attemptsLeft?: number;
  readonly verdict: Verdict;
}

export const end = (reason: string): Verdict => ({ kind: 'end', reason });
export const handoff = (queue: string, reason: string): Verdict => ({ kind: 'handoff', queue, reason });
export const redial = (at: string, reason: string): Verdict => ({ kind: 'redial_at', at, reason });
export const followUp = (channel: string, template: string, reason: string): Verdict => ({ kind: 'follow_up', channel, template, reason });

/** Checks an example flow, holds each talk of the table with it, and hangs up where told. */
export function tellTalks(name: string, language: 'en' | 'zh', variables: Readonly<Record<string, string>>, talks: Readonly<Record<string, Told>>, hungUp: Readonly<Record<string, HungUp>>, greeting: string): void {
  const { flow, source } = compileExampleIn(name, language);
  t.test('the flow has no problem, and says who calls before all else', (t) => {
    t.same(checkFlow(source), []);
    t.equal(hold(flow, variables, []).said[0], greeting);
    t.end();
  });
  for (const [title, { lines, verdict, slots, last }] of Object.entries(talks)) {
    t.test(title, (t) => {
      const held = hold(flow, variables, lines);
      t.same(held.verdict, verdict, [...held.trace, ...held.said].join('\n'));
      if (slots !== undefined) t.match(held.slots, slots);
      if (last !== undefined) t.match(held.said.at(-1), last);
      t.end();
    });
  }
  for (const [title, { lines, attemptsLeft, verdict }] of Object.entries(hungUp)) {
    t.test(title, (t) => (t.same(hangUp(flow, variables, lines, attemptsLeft), verdict), t.end()));
  }
}
