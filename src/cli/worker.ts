import { resolve } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import { languageFor, speechLanguages } from '../config/speech-languages.js';
import { workerToRun } from '../worker-keys.js';
import type { WorkerKind } from '../worker-keys.js';
import { checkEarOptions } from '../workers/ear/options.js';
import { runEarWorker } from '../workers/ear/worker.js';
import { checkMindOptions } from '../workers/mind/options.js';
import { startMindWorker } from '../workers/mind/worker.js';
import { checkMouthOptions } from '../workers/mouth/options.js';
import { startMouthWorker } from '../workers/mouth/worker.js';
import { runForeignWorker } from '../workers/foreign-worker.js';
import { workerMain } from '../workers/worker-host.js';
import type { RunningWorker } from '../workers/worker-host.js';
import { isLocal } from '../workers/worker-options.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

interface WorkerCommand {
  readonly listen: string;
  readonly config?: string;
  readonly language?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly open?: boolean;
}

const STARTERS: Readonly<Record<WorkerKind, (raw: Readonly<Record<string, unknown>>) => Promise<RunningWorker>>> = {
  ear: (raw) => runEarWorker(checkEarOptions(raw)),
  mouth: (raw) => startMouthWorker(checkMouthOptions(raw)),
  mind: (raw) => startMindWorker(checkMindOptions(raw)),
};

/** The same program that the server starts as its child, by itself. Ends with the worker's own exit code. */
export async function worker(output: Output, kind: string, options: WorkerCommand): Promise<number> {
  if (kind !== 'ear' && kind !== 'mouth' && kind !== 'mind') {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `There is no worker "${kind}"; there are ear, mouth and mind.` }, field: 'kind' });
  }
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: '--tls-cert and --tls-key go together.' }, field: 'tls' });
  }
  if (options.tlsCa === undefined && options.open !== true && !isLocal(options.listen)) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: 'Without --tls-ca this worker would serve whoever can reach it; --open says that it may.' }, field: 'tls-ca' });
  }
  const config = configFrom(options.config);
  const tls =
    options.tlsCert === undefined || options.tlsKey === undefined
      ? {}
      : { tls: { certFile: resolve(options.tlsCert), keyFile: resolve(options.tlsKey), ...(options.tlsCa === undefined ? {} : { caFile: resolve(options.tlsCa) }) } };
  const languages = speechLanguages(config.speech);
  const language = options.language === undefined ? languages[0] : languageFor(languages, options.language);
  if (language === undefined) throw new TrunklineError('TRK_USAGE', { params: { reason: `The configuration has no language ${options.language ?? ''}; it has ${languages.map((one) => one.language).join(', ')}.` }, field: 'language' });
  const { program, options: keys } = await workerToRun(kind, config.speech, language);
  const raw = { ...keys, listen: options.listen, log: config.log, ...tls };
  if (!(program instanceof URL)) return runForeignWorker(program, raw, (address) => output.out(ready(output, kind, address)));
  await workerMain(kind, false, async () => {
    const running = await STARTERS[kind](raw);
    output.out(ready(output, kind, running.address));
    return running;
  });
  return EXIT.ok;
}

function ready(output: Output, kind: WorkerKind, address: string): string {
  return output.json ? JSON.stringify({ worker: kind, address }) : `The ${kind} worker is ready at ${address}.`;
}
