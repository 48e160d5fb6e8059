import { startServer } from '../server.js';
import type { Server } from '../server.js';
import { loadFlows } from './flow-files.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/** Runs until SIGTERM or SIGINT; a second signal ends at once. */
export async function serve(output: Output, options: { config?: string }): Promise<number> {
  const config = configFrom(options.config);
  const server = await startServer({ config, onProgress: (label, fraction) => output.progress(label, fraction) });
  const stopped = untilSignal(server);
  try {
    if (config.flows_dir !== undefined) {
      for (const flow of await loadFlows(server.flows, config.flows_dir)) output.note(`flow ${flow.id} version ${flow.version}`);
    }
  } catch (error) {
    // What runs already would keep the process alive, and nobody would see why it is not ready.
    await server.close();
    throw error;
  }
  output.out(output.json ? JSON.stringify({ api: server.apiUrl, sip: server.sipAddresses }) : `trunkline is ready: API ${server.apiUrl}, SIP ${server.sipAddresses.join(', ')}`);
  await stopped;
  return EXIT.ok;
}

async function untilSignal(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.failed));
        resolve();
      });
    }
  });
  await server.close();
}
