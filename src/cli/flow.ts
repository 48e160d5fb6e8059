import { createInterface } from 'node:readline';
import { Chat } from '../dialogue/chat.js';
import { checkFlow } from '../dialogue/flow/check.js';
import { compileFlow } from '../dialogue/flow/compile.js';
import { parseFlow } from '../dialogue/flow/parse.js';
import { systemClock, systemTimeZone } from '../kernel/clock.js';
import { variablesFrom } from './arguments.js';
import { missingValues } from './chat-variables.js';
import { readFlow } from './flow-files.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/** Every problem of every file; fails if one of them is an error. */
export function check(output: Output, files: readonly string[]): Promise<number> {
  const found = files.map((file) => ({ file, problems: checkFlow(readFlow(file)) }));
  if (output.json) output.out(JSON.stringify(found));
  else {
    for (const { file, problems } of found) {
      if (problems.length === 0) output.out(`${file}: no problems`);
      for (const problem of problems) output.out(`${file}:${problem.line}: ${problem.severity}: ${problem.field}: ${problem.reason}`);
    }
  }
  const bad = found.some(({ problems }) => problems.some((problem) => problem.severity === 'error'));
  return Promise.resolve(bad ? EXIT.failed : EXIT.ok);
}

/** Reads lines until the flow ends or the input does. */
export async function chat(output: Output, file: string, options: { var?: string[] }): Promise<number> {
  const source = readFlow(file);
  const flow = compileFlow(source, { clock: systemClock, timezone: systemTimeZone() });
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const given = variablesFrom(options.var ?? []);
  const ask = process.stdin.isTTY === true && !output.json ? async (): Promise<string | undefined> => (await lines.next()).value as string | undefined : undefined;
  const missing = await missingValues(parseFlow(source).flow?.variables, flow.requiredVariables, given, (text) => output.note(text), ask);
  const talk = new Chat(flow, { ...given, ...missing });
  const show = (lines: ReturnType<Chat['start']>): void => {
    for (const line of lines) {
      if (output.json) output.out(JSON.stringify(line));
      else output.out(line.who === 'bot' ? `bot> ${line.text}` : `     (${line.text})`);
    }
  };
  output.note('Type what the caller says; an empty line is silence, #123 are keys, Ctrl-D hangs up.');
  show(talk.start());
  for await (const typed of lines) {
    if (talk.verdict !== undefined) break;
    show(talk.line(typed));
    if (talk.verdict !== undefined) break;
  }
  show(talk.hangUp());
  return EXIT.ok;
}
