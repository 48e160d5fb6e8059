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

// A real drachtio-server, named by whoever runs the tests: host:port:secret of its application port.
const real = process.env['TRUNKLINE_TEST_DRACHTIO'];
if (real !== undefined) {
  const [host = '', port = '', ...secret] = real.split(':');
  signallingContract(`drachtio-server at ${host}:${port}`, async () => {
    const signalling = createDrachtioSignalling({ host, port: Number(port), secret: secret.join(':'), clock: systemClock, log: silentLogger, userAgent: 'trunkline/test' });
    await signalling.start();
    const udp = signalling.addresses.map((address) => /^udp\/127\.0\.0\.1:(\d+)$/.exec(address)?.[1]).find((found) => found !== undefined);
    if (udp === undefined) throw new Error('the drachtio-server of the tests must listen on udp/127.0.0.1');
    return { signalling, sipPort: Number(udp), real: true, close: () => signalling.close() };
  });
}
