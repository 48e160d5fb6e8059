import { earService } from '../../../src/proto/load.js';
import { exitCodes } from '../../../src/workers/exit-codes.js';
import { startWorker, workerMain } from '../../../src/workers/worker-host.js';
import { checkWorkerOptions, parseWorkerArguments } from '../../../src/workers/worker-options.js';

/** A worker without models, for tests of what watches workers. `mode`: `serve`, `refuse` (ends at once), `eat` (takes 300 MB). */
const raw = parseWorkerArguments(process.argv);
if (raw['mode'] === 'refuse') process.exit(exitCodes.model);
const eaten = raw['mode'] === 'eat' ? Buffer.alloc(300e6, 1) : undefined;

await workerMain('fixture', raw['tiedToStdin'] === true, () =>
  startWorker('fixture', earService(), checkWorkerOptions(raw), async () => ({
    handlers: {
      listen: (call) => {
        call.on('data', () => call.write({ speech: { atMs: eaten?.length ?? 1 } }));
        call.on('end', () => call.end());
      },
      describe: (_call, done) => done(null, { engines: [], capacity: process.pid, openStreams: 0 }),
    },
    close: async () => undefined,
  })),
);
