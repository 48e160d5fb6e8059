import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../src/config/load.js';
import { compileFlowApart } from '../src/dialogue/flow/compile.js';
import { systemClock } from '../src/kernel/clock.js';
import { Lifetime } from '../src/kernel/lifetime.js';
import { createLogger } from '../src/kernel/log.js';
import { startUnderstanding } from '../src/nlu-wiring.js';
import { treeCpuMs } from './support/process-cpu.js';

const FLOWS = ['card-offer.en', 'delivery-check.en', 'card-offer.zh', 'delivery-check.zh'];

/**
 * From a flow's file to what understands its callers, prompts left out, for two flows a
 * language: the first with an empty directory, so that sentence vectors of the library
 * and thresholds are in it; the second with what the first left.
 */
export async function run(): Promise<Record<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-publish-'));
  const lifetime = new Lifetime();
  try {
    // Nothing that was prepared with the models: this measures the whole.
    const config = parseConfig('log: {level: warn}');
    const understanding = await startUnderstanding(config, createLogger(config.log), lifetime, directory);
    const figures: Record<string, number> = {};
    for (const name of FLOWS) {
      const source = readFileSync(new URL(`../examples/flows/${name}.yaml`, import.meta.url), 'utf8');
      const [began, cpu] = [performance.now(), treeCpuMs(process.pid)];
      await compileFlowApart(source, { clock: systemClock, timezone: 'UTC', ...understanding });
      figures[`${name}_ms`] = Math.round(performance.now() - began);
      figures[`${name}_cpu_ms`] = treeCpuMs(process.pid) - cpu;
    }
    return figures;
  } finally {
    await lifetime.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
