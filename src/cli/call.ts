import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { systemClock } from '../kernel/clock.js';
import { createLogger } from '../kernel/log.js';
import { userCacheDirectory } from '../kernel/user-cache.js';
import { parseDestination } from '../outbound/destination.js';
import { startServer } from '../server.js';
import type { Server } from '../server.js';
import type { CallResult } from '../store/store.js';
import { configFrom, variablesFrom } from './arguments.js';
import { readFlow } from './flow-files.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/**
 * One call with a server of its own: ports that the system chooses, a store that is
 * thrown away, no dialler. The recording stays, and its place is printed; rendered prompts
 * stay as well, for the next call.
 */
export async function call(output: Output, to: string, options: { flow: string; config?: string; var?: string[] }): Promise<number> {
  const destination = parseDestination(to, 'to');
  const source = readFlow(options.flow);
  const variables = variablesFrom(options.var ?? []);
  const config = ownConfig(configFrom(options.config));
  const server = await startServer({ config, log: createLogger({ level: 'warn', pii: false }), onProgress: (label, fraction) => output.progress(label, fraction) });
  try {
    const { record, flow } = await server.flows.publish(source);
    flow.compiled.start(variables);
    server.calls.onEvent((event) => {
      if (event.type === 'call.ringing') output.note('ringing');
      if (event.type === 'call.answered') output.note('answered');
      if (event.type === 'call.transcript') output.note(`  ${event.line.speaker === 'bot' ? 'bot   ' : 'caller'}  ${event.line.text}${event.replyMs === undefined ? '' : `   [${event.replyMs} ms]`}`);
    });
    const { tasks } = await server.store.createTasks([{ to: destination, from: undefined, flow: record.id, flowVersion: record.version, priority: 50, variables, notBefore: systemClock.now(), expiresAt: undefined, metadata: {} }]);
    const result = await resultOf(server, tasks[0]?.id ?? '');
    report(output, result, server.recordingsDir);
    return result.disposition === 'answered_human' ? EXIT.ok : EXIT.failed;
  } finally {
    await server.close();
  }
}

/** The configuration as given, on ports and in a folder that disturb no server that runs here. */
function ownConfig(config: Config): Config {
  return {
    ...config,
    data_dir: mkdtempSync(join(tmpdir(), 'trunkline-call-')),
    speech: { ...config.speech, prompt_dir: config.speech.prompt_dir ?? join(userCacheDirectory(), 'prompts'), intent_dir: config.speech.intent_dir ?? join(userCacheDirectory(), 'intents') },
    // Whoever tries a call by hand wants to listen to it.
    recordings: { encrypt: false },
    store: { kind: 'sqlite', pool_size: 2 },
    sip: { ...config.sip, port: 0 },
    api: { ...config.api, address: '127.0.0.1', port: 0 },
    dialer: { ...config.dialer, enabled: true, max_calls: 1, poll_ms: 50 },
    // A person asks for this call now, and nothing is known here of calls before.
    rules: { ...config.rules, legal_hours: false, consent_purposes: [], holidays: [] },
    inbound: [],
  };
}

function resultOf(server: Server, taskId: string): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      server.store.getResult(taskId).then((result) => {
        if (!result) return;
        stop();
        resolve(result);
      }, reject);
    };
    const stop = server.events.subscribe(look);
    server.dialer.wake();
  });
}

function report(output: Output, result: CallResult, recordingsDir: string): void {
  if (output.json) return output.out(JSON.stringify(result));
  output.out(`disposition  ${result.disposition}${result.sipStatus === undefined ? '' : ` (SIP ${result.sipStatus})`}, ended by ${result.endedBy}: ${result.reason}`);
  output.out(`verdict      ${JSON.stringify(result.verdict)}`);
  output.out(`slots        ${JSON.stringify(result.slots)}`);
  if (result.recording !== undefined) output.out(`recording    ${join(recordingsDir, result.recording)}`);
}
