import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { runChaos } from './run.js';

/**
 *     npm run chaos -- [--contacts 2000] [--kills 60] [--store sqlite|postgres] [--seed N] [--json]
 *
 * Ends with 0 if nothing was called twice, lost or called against a rule.
 */
const { values } = parseArgs({ options: { contacts: { type: 'string', default: '2000' }, kills: { type: 'string', default: '60' }, seed: { type: 'string' }, store: { type: 'string', default: 'sqlite' }, json: { type: 'boolean', default: false } } });
const contacts = Number(values.contacts);
const kills = Number(values.kills);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (![contacts, kills, seed].every((value) => Number.isInteger(value) && value >= 0) || contacts < 1 || contacts > 1_000_000 || (values.store !== 'sqlite' && values.store !== 'postgres')) {
  process.stderr.write('Usage: npm run chaos -- [--contacts 1 to 1000000] [--kills N] [--store sqlite|postgres] [--seed N] [--json]\n');
  process.exit(2);
}
process.stderr.write(`seed ${seed}\n`);
const { findings, faults, ruleViolations, ...outcome } = await runChaos({ contacts, kills, seed, store: values.store, onProgress: (line) => process.stderr.write(`${line}\n`) });
for (const finding of findings.slice(0, 50)) process.stderr.write(`FOUND ${finding}\n`);
const figures = { ...outcome, store: values.store, rule_violations: ruleViolations, contacts, kills, seed, ...Object.fromEntries(Object.entries(faults).map(([name, count]) => [`fault_${name}`, count])) };
process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : Object.entries(figures).map(([key, value]) => `${key.padEnd(18)} ${value}\n`).join(''));
process.exitCode = outcome.duplicates + outcome.lost + ruleViolations === 0 ? 0 : 1;
