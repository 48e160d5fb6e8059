import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import { signallingContract } from '../../contract/signalling.js';

signallingContract('embedded server', async () => {
  const secret = 'a secret of the test';
  const server = await startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 1000, clock: systemClock, random: systemRandom, log: silentLogger, secret });
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: server.adminPort, secret, clock: systemClock, log: silentLogger, userAgent: 'trunkline/test' });
  await signalling.start();
  return {
    signalling,
    sipPort: server.listeners[0]?.port ?? 0,
    close: async () => {
      await signalling.close();
      await server.close();
    },
  };
});
