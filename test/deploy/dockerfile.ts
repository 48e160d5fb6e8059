import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly name: string;
  /** Flags such as `--from=build`, by name. */
  readonly flags: Readonly<Record<string, string>>;
  /** The rest: words, or the members of a JSON array. */
  readonly words: readonly string[];
  readonly text: string;
  readonly isJson: boolean;
}

export interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** Reads a Dockerfile as far as ours goes: no heredocs, no ARG before FROM. Throws on an instruction that it does not know. */
export function parseDockerfile(path: string): Stage[] {
  const known = new Set(['RUN', 'COPY', 'WORKDIR', 'ENV', 'USER', 'EXPOSE', 'VOLUME', 'HEALTHCHECK', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD']);
  const lines = readFileSync(path, 'utf8').replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ').split('\n').map((line) => line.trim()).filter(Boolean);
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [name = '', ...rest] = line.split(/\s+/);
    if (name === 'FROM') {
      stages.push({ from: rest[0] ?? '', name: rest[1] === 'AS' ? (rest[2] ?? '') : String(stages.length), instructions: [] });
    } else if (known.has(name)) {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`${line} stands before FROM`);
      stage.instructions.push(instruction(name, line.slice(name.length).trim()));
    } else throw new Error(`not an instruction: ${line}`);
  }
  return stages;
}

function instruction(name: string, all: string): Instruction {
  const flags: Record<string, string> = {};
  let text = all;
  for (let match = /^--([a-z-]+)=(\S+)\s+/.exec(text); match !== null; match = /^--([a-z-]+)=(\S+)\s+/.exec(text)) {
    flags[match[1] ?? ''] = match[2] ?? '';
    text = text.slice(match[0].length);
  }
  // The command of a health check may be an array as well.
  const list = text.replace(/^CMD\s+/, '');
  const isJson = list.startsWith('[');
  return { name, flags, text, isJson, words: isJson ? (JSON.parse(list) as string[]) : text.split(/\s+/) };
}

/** All instructions that make a stage, those of the stages below it first. */
export function lineage(stages: readonly Stage[], name: string): { base: string; instructions: Instruction[] } {
  const stage = stages.find((one) => one.name === name);
  if (stage === undefined) return { base: name, instructions: [] };
  const below = lineage(stages, stage.from);
  return { base: below.base, instructions: [...below.instructions, ...stage.instructions] };
}

/** The last instruction of a kind holds. */
export function lastOf(instructions: readonly Instruction[], name: string): Instruction | undefined {
  return instructions.filter((one) => one.name === name).at(-1);
}
