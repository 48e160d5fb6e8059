import t from 'tap';
import { createOutput } from '../../src/cli/output.js';
import { worker } from '../../src/cli/worker.js';

const output = createOutput(true);
const tls = { tlsCert: 'none.pem', tlsKey: 'none.key' };

t.test('a worker on a network asks its clients for certificates, unless it is told not to', async (t) => {
  await t.rejects(worker(output, 'mind', { listen: '0.0.0.0:7003', ...tls }), { code: 'TRK_USAGE', field: 'tls-ca', message: /--open/ });
  // What these lack is a model or a file, which is looked for later.
  for (const fine of [{ listen: '0.0.0.0:7003', open: true }, { listen: '0.0.0.0:7003', tlsCa: 'none.pem' }, { listen: 'unix:/nowhere/x.sock' }]) {
    const failed = await worker(output, 'mind', { ...tls, ...fine, language: 'xx' }).then(String, (error: { field?: string }) => error.field);
    t.equal(failed, 'language', fine.listen);
  }
});
