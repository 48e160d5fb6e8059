import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { TrunklineError } from '../kernel/errors.js';
import { CUSTOMERS } from './customers.js';
import type { DemoCustomer } from './customers.js';
import { startProgram } from './programs.js';
import type { Program } from './programs.js';
import { report } from './report.js';
import type { DemoResult } from './report.js';

export interface DemoOptions {
  /** Recordings, results, logs. */
  readonly directory: string;
  readonly keep: boolean;
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

const FLOW = fileURLToPath(new URL('../../examples/flows/card-offer.en.yaml', import.meta.url));
const INBOUND_FLOW = fileURLToPath(new URL('../../examples/flows/inbound-digits.en.yaml', import.meta.url));
const BANK = 'Harbor Bank';

/**
 * The main job on real audio: a server, and a telephone that shares nothing with it
 * but the network. Everything goes through the public doors: SIP, RTP, REST, events.
 */
export async function runDemo(options: DemoOptions): Promise<{ results: readonly DemoResult[]; summary: Record<string, unknown> }> {
  const directory = resolve(options.directory);
  const { print } = options;
  for (const part of ['flows', 'clips', 'data', 'phone']) mkdirSync(join(directory, part), { recursive: true });
  copyFileSync(FLOW, join(directory, 'flows', 'card-offer.en.yaml'));
  copyFileSync(INBOUND_FLOW, join(directory, 'flows', 'inbound-digits.en.yaml'));
  const errors: string[] = [];
  const keepLine = (text: string): void => void errors.push(text);
  const running: Program[] = [];
  try {
    print('Giving three customers a voice each');
    await speakClips(directory, keepLine);
    print('Starting the server');
    const server = startProgram('../main', ['serve', '--json', '--config', writeConfig(directory, options.keep)], keepLine);
    running.push(server);
    const ready = (await server.line((line) => 'api' in line)) as { api: string; sip: string[] };
    print('Starting a telephone of its own\n');
    const phone = startProgram('./phone/main', phoneArguments(directory), keepLine);
    running.push(phone);
    const { port } = (await phone.line((line) => line['event'] === 'listening')) as { port: number };
    const results = await callAll(ready.api, port, print);
    await phone.stop();
    const summary = phone.lines.find((line) => line['event'] === 'summary') ?? {};
    writeFileSync(join(directory, 'phone', 'events.jsonl'), phone.lines.map((line) => JSON.stringify(line)).join('\n'));
    writeFileSync(join(directory, 'results.json'), JSON.stringify(results, null, 2));
    print(report(results, CUSTOMERS, summary, phone.lines, directory));
    if (options.keep) await keepRunning(ready, server, print);
    return { results, summary };
  } catch (error) {
    print(errors.slice(-15).join('\n'));
    throw error;
  } finally {
    for (const program of running.reverse()) await program.stop();
  }
}

async function speakClips(directory: string, log: (text: string) => void): Promise<void> {
  const orders = CUSTOMERS.flatMap((customer) => customer.say.map((text, index) => ({ text, pitch: customer.pitch, out: clip(directory, customer, index) })));
  const file = join(directory, 'clips', 'orders.json');
  writeFileSync(file, JSON.stringify(orders));
  const speaker = startProgram('../main', ['speak', '--json', file], log);
  // It prints nothing: its end is the answer, and a missing clip is found by the telephone.
  await speaker.ended;
}

const clip = (directory: string, customer: DemoCustomer, index: number): string => join(directory, 'clips', `${customer.name.toLowerCase()}-${index + 1}.wav`);

function writeConfig(directory: string, keep: boolean): string {
  const config = {
    data_dir: join(directory, 'data'),
    flows_dir: join(directory, 'flows'),
    log: { level: 'warn' },
    sip: { address: keep ? '0.0.0.0' : '127.0.0.1', port: keep ? 5060 : 0 },
    media: { address: keep ? '0.0.0.0' : '127.0.0.1' },
    api: { port: keep ? 8080 : 0, auth: false },
    dialer: { max_calls: CUSTOMERS.length, calls_per_second: 2, poll_ms: 100 },
    inbound: [{ number: '*', flow: 'inbound-digits' }],
  };
  const path = join(directory, 'trunkline.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

/** One script a customer; a call finds its own by the user part of the URI. */
function phoneArguments(directory: string): string[] {
  const scripts = CUSTOMERS.map((customer) => {
    const path = join(directory, 'phone', `${customer.name.toLowerCase()}.json`);
    const steps = customer.say.map((_text, index) => ({ say: clip(directory, customer, index), label: 'answer', thinkMs: [350, 700] }));
    writeFileSync(path, JSON.stringify({ user: customer.name.toLowerCase(), steps, hangupAfter: 'never', maxCallMs: 90_000 }));
    return path;
  });
  return ['--listen', '127.0.0.1:0', '--record', join(directory, 'phone'), '--ledger', join(directory, 'phone', 'ledger.jsonl'), ...scripts.flatMap((path) => ['--script', path])];
}

/** Creates the tasks, prints what is said, and returns each task's result. */
async function callAll(api: string, phonePort: number, print: (text: string) => void): Promise<DemoResult[]> {
  const names = new Map<string, string>();
  const events = new WebSocket(`${api.replace('http', 'ws')}/v1/events`);
  await new Promise<void>((resolve, reject) => events.once('open', resolve).once('error', reject));
  try {
    const done = new Promise<void>((resolve) => {
      let left = CUSTOMERS.length;
      events.on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString()) as DemoEvent;
        const name = names.get(event.data.taskId ?? event.data.call?.taskId ?? '');
        if (name === undefined) return;
        showEvent(event, name, print);
        if (event.type === 'task.done' && (left -= 1) === 0) resolve();
      });
    });
    for (const customer of CUSTOMERS) {
      const id = await createTask(api, customer, phonePort);
      names.set(id, customer.name);
    }
    await done;
  } finally {
    events.close();
  }
  return Promise.all([...names.keys()].map(async (id) => (await get(`${api}/v1/results/${id}`)) as DemoResult));
}

async function createTask(api: string, customer: DemoCustomer, phonePort: number): Promise<string> {
  const task = { to: `sip:${customer.name.toLowerCase()}@127.0.0.1:${phonePort}`, flow: 'card-offer', variables: { name: customer.name, bank: BANK } };
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
  print('Call it from any softphone on this machine or its network: sip:bot@<this machine>:5060. Ctrl-C ends it.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    void server.ended.then(resolve);
  });
}
