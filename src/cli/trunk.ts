import { promises as dns } from 'node:dns';
import type { Config } from '../config/schema.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import { withoutSecrets } from '../config/trunk-secrets.js';
import { configuredTrunks } from '../config/trunks.js';
import { systemClock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { silentLogger } from '../kernel/log.js';
import { hex, systemRandom } from '../kernel/random.js';
import { createDrachtioSignalling } from '../sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../sip/embedded/server.js';
import { probeTrunk } from '../sip/trunk/probe.js';
import { VERSION } from '../version.js';
import { configFrom } from './arguments.js';
import { EXIT, table } from './output.js';
import type { Output } from './output.js';
import { fetchFrom, serverUrl } from './server-client.js';
import { liveTable } from './trunk-table.js';
import type { LiveTrunk } from './trunk-table.js';
import { withStore } from './with-store.js';

/** The trunks with their states where a server runs and lets us ask; else what the configuration and the store declare. */
export async function list(output: Output, options: { config?: string; url?: string }): Promise<number> {
  const config = configFrom(options.config);
  const live = await liveTrunks(output, serverUrl(config, options), options.url !== undefined);
  if (live !== undefined) {
    if (output.json) output.out(JSON.stringify(live));
    else if (live.length === 0) output.out(NO_TRUNKS);
    else output.out(liveTable(live));
    return EXIT.ok;
  }
  const known = await trunksOf(config);
  if (output.json) output.out(JSON.stringify(known.map(({ settings, source }) => ({ ...withoutSecrets(settings), source }))));
  else if (known.length === 0) output.out(NO_TRUNKS);
  else output.out(table(['name', 'from', 'addresses', 'prefixes', 'registers'], known.map(({ settings, source }) => [settings.name, source, addressesOf(settings), settings.prefixes.join(' ') || 'all', settings.register.enabled ? 'yes' : 'no'])));
  return EXIT.ok;
}

const NO_TRUNKS = 'There are no trunks. docs/trunks.md says how to declare one.';

/** Undefined if no server answers, or refuses us: the declarations are still of use. `must`: the server was named, so it has to answer. */
async function liveTrunks(output: Output, url: string, must: boolean): Promise<readonly LiveTrunk[] | undefined> {
  try {
    return ((await (await fetchFrom(url, '/v1/trunks')).json()) as { items: LiveTrunk[] }).items;
  } catch (error) {
    if (must || !(error instanceof TrunklineError)) throw error;
    output.note(`States are not known: ${error.message}`);
    return undefined;
  }
}

/** Tries one trunk from a SIP port of its own and says step by step what came back; changes nothing there. */
export async function test(output: Output, name: string, options: { config?: string }): Promise<number> {
  const config = configFrom(options.config);
  const found = (await trunksOf(config)).find(({ settings }) => settings.name === name);
  if (found === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'trunk' }, field: name });
  const parts = { clock: systemClock, random: systemRandom };
  const secret = hex(systemRandom, 24);
  const server = await startEmbeddedSipServer({
    ...parts,
    log: silentLogger,
    address: config.sip.address,
    port: 0,
    maxTransactions: 100,
    secret,
    ...(config.sip.external_address === undefined ? {} : { externalAddress: config.sip.external_address }),
  });
  const signalling = createDrachtioSignalling({ ...parts, log: silentLogger, host: '127.0.0.1', port: server.adminPort, secret, userAgent: `trunkline/${VERSION}` });
  try {
    await signalling.start();
    const report = await probeTrunk({ ...parts, signalling, dns }, found.settings, (step) => {
      if (!output.json) output.out(`${step.ok ? 'ok  ' : 'FAIL'}  ${step.step.padEnd(11)}  ${step.target}  ${step.answer}  (${step.ms} ms)`);
    });
    if (output.json) output.out(JSON.stringify(report));
    else output.out(report.ok ? `Trunk ${name} works.` : `Trunk ${name} does not work: ${report.problem?.code ?? ''}: ${report.problem?.message ?? ''} See ${report.problem?.docs ?? ''}.`);
    return report.ok ? EXIT.ok : EXIT.failed;
  } finally {
    await signalling.close();
    await server.close();
  }
}

interface Known {
  readonly settings: TrunkSettings;
  readonly source: 'config' | 'api';
}

async function trunksOf(config: Config): Promise<Known[]> {
  const configured = configuredTrunks(config).map((settings): Known => ({ settings, source: 'config' }));
  const stored = await withStore(config, { beside: true }, async (store) => {
    await store.migrate();
    return await store.listTrunks();
  });
  const others = stored.filter(({ settings }) => !configured.some((known) => known.settings.name === settings.name));
  return [...configured, ...others.map(({ settings }): Known => ({ settings, source: 'api' }))];
}

function addressesOf(settings: TrunkSettings): string {
  return settings.addresses.map(({ host, port, transport }) => `${host}${port === undefined ? '' : `:${port}`}/${transport}`).join(' ');
}
