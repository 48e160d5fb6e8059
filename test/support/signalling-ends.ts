/** Ends for the tests of signalling: the embedded server, and the real one where the environment names it. */
import { systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../src/sip/embedded/server.js';
import type { ContractEnd } from '../contract/signalling-scenario.js';

const userAgent = 'trunkline/test';

export async function embeddedEnd(): Promise<ContractEnd> {
  const secret = 'a secret of the test';
  const server = await startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 1000, clock: systemClock, random: systemRandom, log: silentLogger, secret });
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: server.adminPort, secret, clock: systemClock, log: silentLogger, userAgent });
  await signalling.start();
  return {
    signalling,
    sipPort: server.listeners[0]?.port ?? 0,
    close: async () => {
      await signalling.close();
      await server.close();
    },
  };
}

/** Name and maker of each end; `TRUNKLINE_TEST_DRACHTIO=host:port:secret` adds the real one. */
export function allEnds(): ReadonlyArray<readonly [name: string, make: () => Promise<ContractEnd>]> {
  const real = process.env['TRUNKLINE_TEST_DRACHTIO'];
  if (real === undefined) return [['embedded server', embeddedEnd]];
  const [host = '', port = '', ...secret] = real.split(':');
  const realEnd = async (): Promise<ContractEnd> => {
    const signalling = createDrachtioSignalling({ host, port: Number(port), secret: secret.join(':'), clock: systemClock, log: silentLogger, userAgent });
    await signalling.start();
    const udp = signalling.addresses.map((address) => /^udp\/127\.0\.0\.1:(\d+)$/.exec(address)?.[1]).find((found) => found !== undefined);
    if (udp === undefined) throw new Error('the drachtio-server of the tests must listen on udp/127.0.0.1');
    return { signalling, sipPort: Number(udp), real: true, close: () => signalling.close() };
  };
  return [
    ['embedded server', embeddedEnd],
    [`drachtio-server at ${host}:${port}`, realEnd],
  ];
}
