import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `npm run bench -- NAME [--json] [options]`: runs bench/NAME.ts and prints its figures.
 * Each bench exports `run(args)`; its keys are stable, its units stand in their names.
 */
export type Figures = Record<string, number | string>;

interface Bench {
  run(args: string[]): Promise<Figures>;
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

function names(): string[] {
  return readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && file !== 'run.ts').map((file) => file.slice(0, -3)).sort();
}

function table(figures: Figures): string {
  const width = Math.max(...Object.keys(figures).map((key) => key.length));
  return Object.entries(figures).map(([key, value]) => `${key.padEnd(width)}  ${value}`).join('\n');
}

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args.filter((argument) => argument !== '--json');
  if (name === undefined || !names().includes(name)) {
    process.stderr.write(`Usage: npm run bench -- NAME [--json] [options]\nBenches: ${names().join(', ')}\n`);
    return 2;
  }
  const { run } = (await import(`./${name}.ts`)) as Bench;
  try {
    const figures = await run(rest);
    process.stdout.write(`${args.includes('--json') ? JSON.stringify(figures) : table(figures)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`bench ${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
