import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parseConfig } from '../src/config/load.js';
import type { CompiledFlow } from '../src/dialogue/dialogue.js';
import { compileFlowApart } from '../src/dialogue/flow/compile.js';
import { systemClock } from '../src/kernel/clock.js';
import { Lifetime } from '../src/kernel/lifetime.js';
import { createLogger } from '../src/kernel/log.js';
import { startUnderstanding } from '../src/nlu-wiring.js';
import { converse, customersIn } from './support/customer.js';
import type { Customer, CustomerFile } from './support/customer.js';

const FLOWS = new URL('../examples/flows/', import.meta.url);
const PERSONAS = fileURLToPath(new URL('personas/', import.meta.url));
/** Monday, 23 November 2026, 10:20 in New York: days that customers name have fixed dates. */
const NOW = Date.parse('2026-11-23T15:20:00Z');

/**
 * Simulated customers talk with example flows by text; right is the verdict that the
 * customer expects. `--personas DIR` takes them from elsewhere (bench/personas/README.md
 * says how they are written), `--language L` only those, `--show` prints the talks that
 * went wrong. The understanding is the server's, sentence vectors included.
 */
export async function run(args: string[]): Promise<Record<string, number | string>> {
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const only = option('--language');
  const lifetime = new Lifetime();
  try {
    const config = parseConfig('log: {level: warn}');
    const understanding = await startUnderstanding(config, createLogger(config.log), lifetime);
    const clock = { ...systemClock, now: () => NOW };
    const flows = new Map<string, CompiledFlow>();
    const flowOf = async (name: string): Promise<CompiledFlow> => {
      const made = flows.get(name) ?? (await compileFlowApart(readFileSync(new URL(`${name}.yaml`, FLOWS), 'utf8'), { clock, timezone: 'America/New_York', trainer: understanding.trainer, embedder: understanding.embedder }));
      flows.set(name, made);
      return made;
    };
    const tally = new Map<string, { all: number; right: number; turns: number }>();
    const failures: string[] = [];
    for (const file of filesIn(option('--personas') ?? PERSONAS)) {
      if (only !== undefined && file.language !== only) continue;
      const flow = await flowOf(file.flow);
      for (const customer of customersIn(file)) {
        const talk = await converse(flow, file, customer);
        for (const key of [file.language, `${file.language} ${customer.kind}`]) {
          const one = tally.get(key) ?? { all: 0, right: 0, turns: 0 };
          tally.set(key, { all: one.all + 1, right: one.right + (talk.right ? 1 : 0), turns: one.turns + talk.turns });
        }
        if (talk.right) continue;
        failures.push(`${file.flow}/${customer.who}`);
        if (args.includes('--show')) process.stderr.write(`${describe(file, customer)}\n  ${talk.lines.join('\n  ')}\n  verdict ${JSON.stringify(talk.verdict)}, slots ${JSON.stringify(talk.slots)}, expected ${JSON.stringify(customer.expected)}\n\n`);
      }
    }
    return { ...figuresOf(tally), failures: failures.join('; ') };
  } finally {
    await lifetime.close();
  }
}

function filesIn(folder: string): CustomerFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml')).sort();
  if (names.length === 0) throw new RangeError(`there are no .yaml files in ${folder}`);
  return names.map((name) => parse(readFileSync(join(folder, name), 'utf8')) as CustomerFile);
}

function figuresOf(tally: ReadonlyMap<string, { all: number; right: number; turns: number }>): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [key, { all, right, turns }] of [...tally].sort(([left], [other]) => (left.includes(' ') ? 1 : 0) - (other.includes(' ') ? 1 : 0) || left.localeCompare(other))) {
    const [language = '', kind] = key.split(' ');
    if (kind === undefined) {
      figures[`customers_${language}`] = all;
      figures[`turns_mean_${language}`] = Math.round((10 * turns) / all) / 10;
    }
    figures[kind === undefined ? `verdict_right_rate_${language}` : `${kind}_right_rate_${language}`] = Math.round((1000 * right) / all) / 10;
  }
  return figures;
}

function describe(file: CustomerFile, { who, kind, wants }: Customer): string {
  return `${file.flow}: ${who} (${kind}) wants ${wants}`;
}
