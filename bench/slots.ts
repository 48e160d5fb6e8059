import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { settingsOf } from '../src/dialogue/flow/compile-v2.js';
import type { FlowSlot } from '../src/dialogue/flow/schema-v2.js';
import type { SlotLanguage, SlotReading, SlotType } from '../src/dialogue/slots/slot-type.js';
import { slotTypes } from '../src/dialogue/slots/slot-types.js';
import { fillSlot, slotFlow } from './support/read-back.js';

const FILES = ['slots-cases/en.yaml', 'slots-cases/zh.yaml'];

/** What is said, in one utterance or in parts, what it is, and, if it is not as the bot would say it, how the caller says it plainly when asked again. */
type Case = readonly [text: string | readonly string[], expected: string | number | boolean, plainly?: string];

/** Outcomes that are no value: nothing can be read back. */
const NO_VALUE: ReadonlySet<unknown> = new Set(['none', 'part', 'fault', 'ambiguous']);

/** A file of cases; slots-cases/en.yaml says what may stand in it. */
interface Cases {
  readonly language: SlotLanguage;
  /** ISO 8601. */
  readonly now: string;
  readonly time_zone: string;
  /** By slot type, or by any name where `kind` is the slot type. */
  readonly types: Readonly<Record<string, { readonly kind?: string; readonly settings?: Omit<FlowSlot, 'kind' | 'ask'>; readonly heard: readonly Case[] }>>;
}

/**
 * Slot values: heard exactly from one utterance, and what a dialogue ends with after it
 * has read them back to a caller who says no to a wrong one and then speaks plainly.
 * `--file F` takes the cases from a YAML file like bench/slots-cases/en.yaml; `--show`
 * prints the misses.
 */
export function run(args: string[]): Promise<Record<string, number>> {
  const file = args.includes('--file') ? args[args.indexOf('--file') + 1] : undefined;
  const figures: Record<string, number> = {};
  for (const one of file === undefined ? FILES.map((name) => new URL(name, import.meta.url)) : [file]) Object.assign(figures, judge(parse(readFileSync(one, 'utf8')) as Cases, args.includes('--show')));
  return Promise.resolve(figures);
}

function judge({ language, now, time_zone: timeZone, types }: Cases, show: boolean): Record<string, number> {
  const figures: Record<string, number> = {};
  const nowMs = Date.parse(now);
  if (Number.isNaN(nowMs)) throw new RangeError(`now: "${now}" is no date`);
  let all = 0;
  let right = 0;
  let values = 0;
  let kept = 0;
  for (const [name, { kind = name, settings = {}, heard }] of Object.entries(types)) {
    const type = slotTypes.get(kind);
    if (type === undefined) throw new RangeError(`there is no slot type "${kind}"`);
    const context = { language, nowMs, timeZone, settings: settingsOf({ ...settings, kind: 'text', ask: name }) };
    let exact = 0;
    const filled = readBacks(type, { language, nowMs, timeZone, settings, heard, show });
    values += filled.values;
    kept += filled.kept;
    for (const [text, expected] of heard) {
      const reading = taken(inParts(text).reduce<SlotReading | undefined>((before, part) => type.hear(part, { ...context, previous: before?.kind === 'part' ? before.value : undefined }), undefined));
      if (reading === expected) exact++;
      else if (show) process.stderr.write(`${name}: ${inParts(text).join(' / ')}: ${String(reading)} and not ${String(expected)}\n`);
    }
    all += heard.length;
    right += exact;
    figures[`${name}_exact_rate_${language}`] = percent(exact, heard.length);
    figures[`${name}_after_read_back_${language}`] = percent(filled.kept, filled.values);
  }
  return { [`cases_${language}`]: all, [`exact_rate_${language}`]: percent(right, all), [`after_read_back_${language}`]: percent(kept, values), ...figures };
}

interface Heard {
  readonly language: SlotLanguage;
  readonly nowMs: number;
  readonly timeZone: string;
  readonly settings: Omit<FlowSlot, 'kind' | 'ask'>;
  readonly heard: readonly Case[];
  readonly show: boolean;
}

function readBacks(type: SlotType, { language, nowMs, timeZone, settings, heard, show }: Heard): { values: number; kept: number } {
  const flow = slotFlow(type.name, settings, language, nowMs, timeZone);
  const context = { language, nowMs, timeZone, settings: settingsOf({ ...settings, kind: 'text', ask: type.name }) };
  const withValue = heard.filter(([, expected]) => !NO_VALUE.has(expected));
  let kept = 0;
  for (const [text, value, plainly] of withValue) {
    const readBack = type.readBack(value, context);
    const filled = fillSlot(flow, language, { value, said: inParts(text), plainly: plainly ?? readBack, readBack });
    if (filled.value === value) kept++;
    else if (show) process.stderr.write(`${type.name}, read back: ${inParts(text).join(' / ')}: ${String(filled.value)} and not ${String(value)}\n  ${filled.lines.join('\n  ')}\n`);
  }
  return { values: withValue.length, kept };
}

function inParts(text: Case[0]): readonly string[] {
  return typeof text === 'string' ? [text] : text;
}

function taken(reading: SlotReading | undefined): unknown {
  if (reading === undefined) return 'none';
  return reading.kind === 'value' ? reading.value : reading.kind;
}

function percent(count: number, all: number): number {
  return all === 0 ? 0 : Math.round((1000 * count) / all) / 10;
}
