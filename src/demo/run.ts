import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { TrunklineError } from '../kernel/errors.js';
import { CASTS } from './customers.js';
import type { DemoCast, DemoCustomer } from './customers.js';
import { startProgram } from './programs.js';
import type { Program } from './programs.js';
import { report } from './report.js';
import type { DemoResult } from './report.js';

export interface DemoOptions {
  readonly language: keyof typeof CASTS;
  /** Recordings, results, logs. */
  readonly directory: string;
  /** Goes on after the calls, with a trunk to the telephone: whatever number is called then, one of the customers answers. */
  readonly keep: boolean;
  /** With `keep`; a demo that ends lets the system choose. */
  readonly sipPort: number;
  readonly apiPort: number;
  readonly print: (text: string) => void;
}

/** What the demo reads of an event; see docs/api.md. */
interface DemoEvent {
  readonly type: string;
  readonly data: {
    readonly taskId?: string;
    readonly call?: { readonly taskId?: string };
    readonly line?: { readonly speaker: 'caller' | 'bot'; readonly text: string; readonly atMs: number };
    readonly replyMs?: number;
    readonly decision?: string;
  };
}

const FLOWS = fileURLToPath(new URL('../../examples/flows', import.meta.url));
const INBOUND_FLOW = 'inbound-digits.en.yaml';
/** A slow machine may need this long between two sentences; the caller speaks anyway after it, ms. */
const PATIENCE_MS = 20_000;

/**
 * The main job on real audio: a server, and a telephone that shares nothing with it
 * but the network. Everything goes through the public doors: SIP, RTP, REST, events.
 */
export async function runDemo(options: DemoOptions): Promise<{ right: boolean; results: readonly DemoResult[]; summary: Record<string, unknown> }> {
  const cast = CASTS[options.language];
  const directory = resolve(options.directory);
  const { print } = options;
  for (const part of ['flows', 'clips', 'data', 'phone']) mkdirSync(join(directory, part), { recursive: true });
  const inbound = options.language === 'en';
  for (const file of inbound ? [cast.file, INBOUND_FLOW] : [cast.file]) copyFileSync(join(FLOWS, file), join(directory, 'flows', file));
  const errors: string[] = [];
  const keepLine = (text: string): void => void errors.push(text);
  const running: Program[] = [];
  try {
    print('Giving three customers a voice each');
    await speakClips(directory, cast, keepLine);
    print('Starting a telephone of its own');
    const phone = startProgram('./phone/main', phoneArguments(directory, cast, 0), keepLine);
    running.push(phone);
    const { port } = (await phone.line((line) => line['event'] === 'listening')) as { port: number };
    print('Starting the server\n');
    const server = startProgram('../main', ['serve', '--json', '--config', writeConfig(options, directory, cast, port)], keepLine);
    running.push(server);
    const ready = (await server.line((line) => 'api' in line)) as { api: string; sip: string[] };
    const results = await callAll(ready.api, port, cast, print);
    await phone.stop();
    const summary = phone.lines.find((line) => line['event'] === 'summary') ?? {};
    writeFileSync(join(directory, 'phone', 'events.jsonl'), phone.lines.map((line) => JSON.stringify(line)).join('\n'));
    writeFileSync(join(directory, 'results.json'), JSON.stringify(results, null, 2));
    print(report(results, cast.customers, summary, phone.lines, directory));
    if (options.keep) {
      // What the first one measured is told at its end; the customers answer on.
      const next = startProgram('./phone/main', phoneArguments(directory, cast, port), keepLine);
      running.push(next);
      await next.line((line) => line['event'] === 'listening');
      await keepRunning(ready, server, print);
    }
    return { right: results.every((result, index) => isRight(result, cast.customers[index])), results, summary };
  } catch (error) {
    print(errors.slice(-15).join('\n'));
    throw error;
  } finally {
    for (const program of running.reverse()) await program.stop();
  }
}

/** The customer was talked to, and what they wanted is what was judged. */
function isRight(result: DemoResult, customer: DemoCustomer | undefined): boolean {
  return result.disposition === 'answered_human' && result.verdict.kind === customer?.verdict;
}

async function speakClips(directory: string, cast: DemoCast, log: (text: string) => void): Promise<void> {
  const orders = cast.customers.flatMap(({ pitch, voice, ...customer }) => customer.say.map((text, index) => ({ text, ...(pitch === undefined ? {} : { pitch }), ...(voice === undefined ? {} : { voice }), out: clip(directory, customer, index) })));
  const file = join(directory, 'clips', 'orders.json');
  writeFileSync(file, JSON.stringify(orders));
  const speaker = startProgram('../main', ['speak', '--json', '--language', cast.language, file], log);
  // It prints nothing: its end is the answer.
  await speaker.ended;
  const missing = orders.find((order) => !existsSync(order.out));
  if (missing !== undefined) throw new TrunklineError('TRK_INTERNAL', { params: { reason: `${missing.out} was not spoken` } });
}

const clip = (directory: string, customer: Pick<DemoCustomer, 'user'>, index: number): string => join(directory, 'clips', `${customer.user}-${index + 1}.wav`);

function writeConfig({ keep, sipPort, apiPort }: DemoOptions, directory: string, cast: DemoCast, phonePort: number): string {
  const config = {
    data_dir: join(directory, 'data'),
    flows_dir: join(directory, 'flows'),
    log: { level: 'warn' },
    speech: { language: cast.language },
    recordings: { encrypt: false },
    sip: { address: keep ? '0.0.0.0' : '127.0.0.1', port: keep ? sipPort : 0 },
    media: { address: keep ? '0.0.0.0' : '127.0.0.1' },
    api: { port: keep ? apiPort : 0, auth: false },
    // Nobody is woken up by it: the numbers of the example list lead to simulated customers.
    ...(keep ? { trunks: [{ name: 'customers', addresses: [{ host: '127.0.0.1', port: phonePort }] }], rules: { legal_hours: false } } : {}),
    dialer: { max_calls: cast.customers.length, calls_per_second: 2, poll_ms: 100 },
    inbound: cast.language === 'en-US' ? [{ number: '*', flow: 'inbound-digits' }] : [],
  };
  const path = join(directory, 'trunkline.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

/** One script a customer; a call finds its own by the user part of the URI. */
function phoneArguments(directory: string, cast: DemoCast, port: number): string[] {
  const scripts = cast.customers.map((customer) => {
    const path = join(directory, 'phone', `${customer.user}.json`);
    const steps = customer.say.map((_text, index) => ({ say: clip(directory, customer, index), label: 'answer', thinkMs: [350, 700], timeoutMs: PATIENCE_MS }));
    writeFileSync(path, JSON.stringify({ user: customer.user, steps, hangupAfter: 'never', maxCallMs: 180_000 }));
    return path;
  });
  return ['--listen', `127.0.0.1:${port}`, '--record', join(directory, 'phone'), '--ledger', join(directory, 'phone', 'ledger.jsonl'), ...scripts.flatMap((path) => ['--script', path])];
}

/** Creates the tasks, prints what is said, and returns each task's result. */
async function callAll(api: string, phonePort: number, cast: DemoCast, print: (text: string) => void): Promise<DemoResult[]> {
  const names = new Map<string, string>();
  const events = new WebSocket(`${api.replace('http', 'ws')}/v1/events`);
  await new Promise<void>((resolve, reject) => events.once('open', resolve).once('error', reject));
  try {
    const done = new Promise<void>((resolve) => {
      let left = cast.customers.length;
      events.on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString()) as DemoEvent;
        const name = names.get(event.data.taskId ?? event.data.call?.taskId ?? '');
        if (name === undefined) return;
        showEvent(event, name, print);
        if (event.type === 'task.done' && (left -= 1) === 0) resolve();
      });
    });
    for (const customer of cast.customers) {
      const id = await createTask(api, customer, cast, phonePort);
      names.set(id, customer.name);
    }
    await done;
  } finally {
    events.close();
  }
  return Promise.all([...names.keys()].map(async (id) => (await get(`${api}/v1/results/${id}`)) as DemoResult));
}

async function createTask(api: string, customer: DemoCustomer, cast: DemoCast, phonePort: number): Promise<string> {
  const task = { to: `sip:${customer.user}@127.0.0.1:${phonePort}`, flow: cast.flow, variables: { name: customer.name, bank: cast.bank } };
  const response = await fetch(`${api}/v1/tasks`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(task) });
  const body = (await response.json()) as { id?: string };
  if (body.id === undefined) throw new TrunklineError('TRK_INTERNAL', { params: { reason: `the task was refused: ${JSON.stringify(body)}` } });
  return body.id;
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

function showEvent(event: DemoEvent, name: string, print: (text: string) => void): void {
  const who = name.padEnd(6);
  if (event.type === 'call.answered') print(`  ${who} picks up`);
  if (event.type === 'call.ended') print(`  ${who} call over`);
  if (event.type !== 'call.transcript') return;
  const { line, replyMs, decision } = event.data;
  if (line === undefined) return;
  const at = (line.atMs / 1000).toFixed(1).padStart(5);
  const note = replyMs !== undefined ? `   [reply ${Math.round(replyMs)} ms]` : decision === undefined ? '' : `   [${decision}]`;
  print(`  ${who} ${at} s  ${line.speaker === 'bot' ? 'bot     ' : 'customer'}  ${line.text}${note}`);
}

async function keepRunning(ready: { api: string; sip: string[] }, server: Program, print: (text: string) => void): Promise<void> {
  print(`\nThe server goes on: SIP ${ready.sip.join(', ')}, API ${ready.api}.`);
  const port = ready.sip[0]?.split(':').at(-1) ?? '';
  print(`Call it from any softphone on this machine or its network: sip:bot@<this machine>:${port}.`);
  print('Whatever phone number it calls, one of the three customers answers: README.md has a tour. Ctrl-C ends it.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    void server.ended.then(resolve);
  });
}
