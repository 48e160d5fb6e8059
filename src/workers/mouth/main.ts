import { parseWorkerArguments } from '../worker-options.js';
import { workerMain } from '../worker-host.js';
import { checkMouthOptions } from './options.js';
import { startMouthWorker } from './worker.js';

const raw = parseWorkerArguments(process.argv);
await workerMain('mouth', raw['tiedToStdin'] === true, () => startMouthWorker(checkMouthOptions(raw)));
