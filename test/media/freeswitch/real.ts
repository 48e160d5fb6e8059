import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom, hex } from '../../../src/kernel/random.js';
import { FreeswitchPool } from '../../../src/media/freeswitch/pool.js';
import type { Placing } from '../../../src/media/freeswitch/leg.js';
import type { FreeswitchServerOptions } from '../../../src/media/freeswitch/options.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';

/** Name of the variable that names a real FreeSWITCH: `host:port:password` of its event socket. */
export const VARIABLE = 'TRUNKLINE_TEST_FREESWITCH';

export interface FreeswitchUnderTest {
  readonly pool: FreeswitchPool;
  readonly placing: Placing;
  readonly real: boolean;
  close(): Promise<void>;
}

export function serverOptions(host: string, port: number, password: string, more: Partial<FreeswitchServerOptions> = {}): FreeswitchServerOptions {
  return { name: 'fs1', host, port, password, weight: 1, maxSessions: 100, drain: false, ...more };
}

/** Undefined where the environment names none. */
export function realServer(): FreeswitchServerOptions | undefined {
  const value = process.env[VARIABLE];
  if (value === undefined) return undefined;
  const [, host, port, password] = /^(.+?):(\d+):(.+)$/.exec(value) ?? [];
  if (password === undefined) throw new Error(`${VARIABLE} is not host:port:password`);
  return serverOptions(host!, Number(port), password);
}

/** A real FreeSWITCH, called by our own SIP server. */
export async function openReal(options: FreeswitchServerOptions): Promise<FreeswitchUnderTest> {
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger };
  const secret = hex(systemRandom, 16);
  const server = await startEmbeddedSipServer({ ...parts, address: '127.0.0.1', port: 0, maxTransactions: 1_000, secret });
  const signalling = createDrachtioSignalling({ ...parts, host: '127.0.0.1', port: server.adminPort, secret, userAgent: 'trunkline-test' });
  await signalling.start();
  const pool = new FreeswitchPool([options], parts);
  await pool.start();
  const [status] = pool.status;
  if (status?.state !== 'up') throw new Error(`${VARIABLE}: ${status?.error}`);
  return {
    pool,
    placing: signalling,
    real: true,
    close: async () => {
      pool.close();
      await signalling.close();
      await server.close();
    },
  };
}
