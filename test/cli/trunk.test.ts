import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { trunklineProgram } from '../support/server-process.js';
import { Carrier } from '../sip/trunk/carrier.js';

/** `trunkline trunk ...` as a process of its own. */
function trunkline(config: string, ...args: readonly string[]): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, trunklineProgram('trunk', ...args, '-c', config), { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString('utf8')));
    child.on('close', (code) => resolve({ code, out }));
  });
}

async function setUp(t: Test, password: string): Promise<{ config: string; carrier: Carrier }> {
  const carrier = await Carrier.start();
  t.teardown(() => carrier.close());
  const directory = t.testdir({});
  const config = join(directory, 'trunkline.yaml');
  writeFileSync(config, JSON.stringify({ data_dir: join(directory, 'data'), api: { port: 9 }, sip: { address: '127.0.0.1' }, trunks: [{ name: 'carrier', addresses: [{ host: '127.0.0.1', port: carrier.port }], username: 'user', password }] }));
  return { config, carrier };
}

t.test('a carrier that challenges, and the right password', async (t) => {
  const { config, carrier } = await setUp(t, 'right');
  const list = await trunkline(config, 'list');
  t.match(list, { code: 0, out: `127.0.0.1:${carrier.port}/udp` });
  const { code, out } = await trunkline(config, 'test', 'carrier');
  t.equal(code, 0, out);
  t.match(out, /ok +resolve.*\n.*ok +options .*200.*\n.*ok +challenge .*digest MD5, realm carrier.*\n.*ok +credentials .*right.*\n.*ok +register .*401, digest MD5, then 200: the credentials are right.*\nTrunk carrier works\./);
});

t.test('wrong credentials are told apart from silence', async (t) => {
  const { config, carrier } = await setUp(t, 'not this one');
  const wrong = await trunkline(config, 'test', 'carrier');
  t.match(wrong, { code: 1, out: 'TRK_TRUNK_CREDENTIALS' });
  t.notMatch(wrong.out, 'not this one');
  carrier.dead = true;
  const silent = await trunkline(config, 'test', 'carrier');
  t.match(silent, { code: 1, out: 'TRK_TRUNK_UNREACHABLE' });
  t.notMatch(silent.out, 'CREDENTIALS');
  t.match(await trunkline(config, 'test', 'nobody'), { code: 1, out: 'TRK_NOT_FOUND' });
});
