import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { sentenceMood } from '../src/dialogue/mood/classifier.js';
import { touchesOf } from '../src/dialogue/mood/lexicon.js';
import type { MoodLabel } from '../src/dialogue/mood/mood.js';
import { createMoodTracker } from '../src/dialogue/mood/tracker.js';
import type { SlotLanguage } from '../src/dialogue/slots/slot-type.js';

/** `cases`: mood to sentences. */
interface Cases {
  readonly language: SlotLanguage;
  readonly cases: Readonly<Record<MoodLabel, readonly string[]>>;
}

/**
 * How a mood is heard in one sentence, from sentences that nothing was trained on: by the
 * classifier, by the lexicon alone, and whether one such sentence moves the label of a
 * talk (in a neutral one it must not). `--file F` takes the cases from a YAML file like
 * bench/mood-cases/en.yaml; `--show` prints what was misheard.
 */
export function run(args: string[]): Promise<Record<string, number>> {
  const file = args.includes('--file') ? args[args.indexOf('--file') + 1] : undefined;
  const figures: Record<string, number> = {};
  for (const one of file === undefined ? ['en', 'zh'].map((name) => new URL(`mood-cases/${name}.yaml`, import.meta.url)) : [file]) Object.assign(figures, judge(parse(readFileSync(one, 'utf8')) as Cases, args.includes('--show')));
  return Promise.resolve(figures);
}

function judge({ language, cases }: Cases, show: boolean): Record<string, number> {
  let all = 0;
  let right = 0;
  let byLexicon = 0;
  let falseAlarms = 0;
  let moved = 0;
  for (const [wanted, sentences] of Object.entries(cases)) {
    for (const sentence of sentences) {
      const heard = sentenceMood(sentence, [], language);
      all++;
      if (heard === wanted) right++;
      else if (show) process.stderr.write(`${sentence}: ${heard} and not ${wanted}\n`);
      if ((touchesOf(sentence, language)[0]?.feeling ?? 'neutral') === wanted) byLexicon++;
      if (wanted !== 'neutral') continue;
      if (heard !== 'neutral') falseAlarms++;
      if (createMoodTracker().add({ text: sentence, language, voice: undefined, interrupted: false, failed: false }).label !== 'neutral') moved++;
    }
  }
  const neutral = cases.neutral.length;
  const percent = (count: number, of: number): number => (of === 0 ? 0 : Math.round((1000 * count) / of) / 10);
  return {
    [`sentences_${language}`]: all,
    [`accuracy_${language}`]: percent(right, all),
    [`accuracy_of_lexicon_alone_${language}`]: percent(byLexicon, all),
    [`neutral_taken_for_a_mood_${language}`]: percent(falseAlarms, neutral),
    [`neutral_that_moves_the_label_${language}`]: percent(moved, neutral),
  };
}
