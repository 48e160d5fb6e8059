import { readFileSync, readdirSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { DialogueInput, DialogueOutput } from '../../src/dialogue/dialogue.js';
import { compile } from './talk.js';

/**
 * Callers with whom no talk is possible, at every example flow. Each call must end by
 * itself, with last words or with a person, and its verdict says why.
 */
const folder = new URL('../../examples/flows/', import.meta.url);
const say = (text: string): DialogueInput => ({ type: 'utterance', text });

/** What the nth thing is that the caller does. */
const callers: Readonly<Record<string, (turn: number) => DialogueInput>> = {
  'says nothing': () => ({ type: 'silence' }),
  'only makes noise, which is heard as no words': () => say(''),
  'only makes noise, which is heard as words that nobody said': (turn) => say(['You', 'Thank you.', 'you', 'Hmm.'][turn % 4] ?? ''),
  'talks for five minutes without a pause': () => say('and then my neighbour told the postman that the boat in the garden was blue '.repeat(60)),
  'says only digits': (turn) => say(['four one five', '7 7 7', 'nine', '1234567890'][turn % 4] ?? ''),
  'presses any keys': (turn) => ({ type: 'dtmf', digits: ['7', '#', '9999', '*0'][turn % 4] ?? '' }),
  'speaks another language': (turn) => say(['Entschuldigung, ich verstehe kein Wort davon', '¿Cómo dice? No entiendo nada', 'Извините, я вас не понимаю'][turn % 3] ?? ''),
  'speaks the other of our languages': (turn) => say(['你在说什么呀我听不懂', 'what on earth are you talking about, my friend'][turn % 2] ?? ''),
  'says the same thing again and again': () => say('what did you say'),
  'asks to wait again and again': () => say('hold on'),
  'is heard badly all the time': () => ({ type: 'trouble' }),
};

const EVEN_SO = 100;

for (const file of readdirSync(folder)) {
  const source = readFileSync(new URL(file, folder), 'utf8');
  const flow = compile(source);
  const declared = (parse(source) as { variables?: Record<string, { default?: unknown }> }).variables ?? {};
  const variables = Object.fromEntries(Object.entries(declared).filter(([, one]) => one.default === undefined).map(([name]) => [name, 'Ann']));
  for (const [name, act] of Object.entries(callers)) {
    t.test(`${file}: the caller ${name}`, (t) => {
      const dialogue = flow.start(variables);
      let outputs: readonly DialogueOutput[] = dialogue.next({ type: 'start' });
      let turns = 0;
      for (; turns < EVEN_SO && outputs.at(-1)?.type === 'listen'; turns++) outputs = dialogue.next(act(turns));
      const last = outputs.at(-1);
      if (last?.type !== 'end' && last?.type !== 'transfer') {
        t.fail(`it still goes on after ${turns} turns: ${JSON.stringify(last)}`);
        t.end();
        return;
      }
      t.ok(outputs.some((output) => output.type === 'say' && output.prompt.text !== ''), 'with last words');
      t.ok(last.verdict.kind === 'continue' || last.verdict.reason !== '', JSON.stringify(last.verdict));
      t.end();
    });
  }
}
