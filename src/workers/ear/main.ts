import { parseWorkerArguments } from '../worker-options.js';
import { workerMain } from '../worker-host.js';
import { checkEarOptions } from './options.js';
import { runEarWorker } from './worker.js';

const raw = parseWorkerArguments(process.argv);
await workerMain('ear', raw['tiedToStdin'] === true, () => runEarWorker(checkEarOptions(raw)));
