import { startServer } from '../server.js';
import { loadFlows } from './flow-files.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/** Runs until SIGTERM or SIGINT; a second signal ends at once. */
export async function serve(output: Output, options: { config?: string }): Promise<number> {
  const config = configFrom(options.config);
  const dir = config.flows_dir;
  const server = await startServer({
    config,
    onProgress: (label, fraction) => output.progress(label, fraction),
    loadFlows: async (flows) => {
      for (const flow of dir === undefined ? [] : await loadFlows(flows, dir)) output.note(`flow ${flow.id} version ${flow.version}`);
    },
  });
  let told = false;
  const stopped = untilSignal().then(() => {
    told = true;
    return server.close();
  });
  try {
    await server.flowsLoaded;
  } catch (error) {
    // Flows that were still being loaded fail because it is told to stop: that is no failure.
    if (told) {
      await stopped;
      return EXIT.ok;
    }
    // What runs already would keep the process alive, and nobody would see why it is not ready.
    await server.close();
    throw error;
  }
  output.out(output.json ? JSON.stringify({ api: server.apiUrl, sip: server.sipAddresses }) : `trunkline is ready: API ${server.apiUrl}, SIP ${server.sipAddresses.join(', ')}`);
  await stopped;
  return EXIT.ok;
}

function untilSignal(): Promise<void> {
  return new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.failed));
        resolve();
      });
    }
  });
}
