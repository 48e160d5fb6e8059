import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { concatenate, silence, tone } from '../../../src/audio/tone.js';
import { encodeWav } from '../../../src/audio/wav.js';

const MAIN = fileURLToPath(new URL('../../../src/demo/phone/main.ts', import.meta.url));

interface Program {
  readonly lines: Record<string, unknown>[];
  line(event: string): Promise<Record<string, unknown>>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number; stderr: string }>;
}

function start(...args: string[]): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Record<string, unknown>);
    for (const wake of waiting.splice(0)) wake();
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return {
    lines,
    async line(event) {
      for (;;) {
        const found = lines.find((line) => line['event'] === event);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    kill: (signal) => void child.kill(signal),
    ended: once(child, 'close').then(([code]) => ({ code: code as number, stderr })),
  };
}

const directory = mkdtempSync(join(tmpdir(), 'phone-program-'));
t.teardown(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'clip.wav'), encodeWav({ sampleRate: 16000, channels: [concatenate(tone([700], 200, 16000, -15), silence(20, 16000)).samples] }));
const file = (name: string, script: object): string => {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(script));
  return path;
};

t.test('two programs: one waits for two calls, one places them; lines, recordings, ledger, summary', async (t) => {
  const waits = file('waits.json', { answerAfterMs: 0, botSilenceMs: 200, hangupAfter: 'never', steps: [{ say: 'clip.wav', after: 0 }, { say: 'clip.wav', thinkMs: 250 }] });
  const places = file('places.json', { botSilenceMs: 300, steps: [{ say: 'clip.wav', thinkMs: [300, 350], label: 'hello' }] });
  const callee = start('--listen', '127.0.0.1:0', '--script', waits, '--calls', '2', '--ledger', join(directory, 'ledger'), '--record', join(directory, 'heard'));
  const { port } = (await callee.line('listening')) as { port: number };
  const caller = start('--listen', '127.0.0.1:0', '--script', places, '--place', `sip:x@127.0.0.1:${port}`, '--calls', '2');
  t.equal((await caller.ended).code, 0);
  t.equal((await callee.ended).code, 0);
  t.match(await caller.line('summary'), { calls: 2, answered: 2, replies: { hello: { count: 2 } }, packetsLost: 0 });
  t.equal(caller.lines.at(-1)?.['event'], 'summary');
  const ledger = readFileSync(join(directory, 'ledger'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind: string; call: string });
  t.equal(new Set(ledger.filter(({ kind }) => kind === 'invite').map(({ call }) => call)).size, 2);
  t.equal(ledger.filter(({ kind }) => kind === 'result').length, 2);
  t.equal(readdirSync(join(directory, 'heard')).length, 2);
});

t.test('SIGTERM ends it in order', async (t) => {
  const phone = start('--listen', '127.0.0.1:0', '--script', file('none.json', {}));
  await phone.line('listening');
  phone.kill('SIGTERM');
  t.equal((await phone.ended).code, 0);
  t.match(await phone.line('summary'), { calls: 0, answered: 0 });
});

for (const [name, args, reason] of [
  ['no place to listen', ['--script', 'x'], '--listen'],
  ['no script', ['--listen', '127.0.0.1:0'], '--script'],
  ['an unknown option', ['--listen', '127.0.0.1:0', '--scrpt', 'x'], '--scrpt'],
  ['too many calls', ['--listen', '127.0.0.1:0', '--script', 'x', '--calls', '5000'], '--calls'],
  ['a script that is not there', ['--listen', '127.0.0.1:0', '--script', join(directory, 'nothing.json')], 'cannot be read'],
] as const) {
  t.test(`usage: ${name}`, async (t) => {
    const { code, stderr } = await start(...args).ended;
    t.equal(code, 2);
    t.match(stderr, reason);
  });
}
