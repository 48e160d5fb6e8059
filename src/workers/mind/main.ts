import { parseWorkerArguments } from '../worker-options.js';
import { workerMain } from '../worker-host.js';
import { checkMindOptions } from './options.js';
import { startMindWorker } from './worker.js';

const raw = parseWorkerArguments(process.argv);
await workerMain('mind', raw['tiedToStdin'] === true, () => startMindWorker(checkMindOptions(raw)));
