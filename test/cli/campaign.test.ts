import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { startApi } from '../api/harness.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { startWorld } from '../outbound/campaigns/world.js';
import { trunkline } from '../support/command-line.js';

t.test('a campaign from its file to its end', async (t) => {
  const world = await startWorld(t);
  const { app, key } = await startApi(t, { store: world.store, clock: world.clock, campaigns: { service: world.service, timeZone: 'Europe/London' } });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const secret = (await key('admin')).authorization.slice('Bearer '.length);
  const campaign = (...args: readonly string[]) => trunkline(['campaign', ...args, '--url', url], { env: { TRUNKLINE_API_KEY: secret } });

  // The example as it is, but for the audience and the flow, which are made here.
  await world.store.putFlow('card-offer', 'id: card-offer\nneeds: name');
  world.audiences.add('aud_1', 'frozen', 3);
  const example = parse(readFileSync(join(import.meta.dirname, '../../examples/campaign.yaml'), 'utf8')) as object;
  const file = join(t.testdir(), 'campaign.yaml');
  const write = (changes: object): void => writeFileSync(file, JSON.stringify({ ...example, audiences: ['aud_1'], ...changes }));

  write({ flow: 'nothing' });
  t.match(await campaign('create', file), { code: 1, stderr: /TRK_FLOW_UNKNOWN.*\(flow\)/ }, 'what is wrong is named');
  t.match(await campaign('create', `${file}.none`), { code: 2, stderr: /cannot be read/ });
  write({});
  const made = await campaign('create', file);
  t.equal(made.code, 0, made.stderr);
  const id = made.stdout.trim();
  t.match(await campaign('preview', id), { code: 0, stdout: /^3 contacts in the audience\n3 would be called now \(100%\)\n[^]*expected finish: 20/ });
  t.match(await campaign('start', id), { code: 0, stdout: /Card offer, spring: running, revision 2/ });
  await world.pass(2_000);
  t.match(await campaign('pause', id, '--revision', '1'), { code: 1, stderr: /TRK_CONFLICT.*running now, at revision 2/ });
  t.match(await campaign('pause', id, '--revision', 'x'), { code: 2 });
  t.match(await campaign('pause', id), { code: 0, stdout: /paused/ });
  t.match(await campaign('resume', id), { code: 0, stdout: /running/ });
  while ((await world.dial(10)) > 0);
  t.match(await campaign('show', id), { code: 0, stdout: /tasks +3 of 3 over; done 3\ndialled +3\nanswered +3 \(100%\)/ });
  await world.pass(2_000);
  const watched = await campaign('watch', id, '--json');
  t.match(watched.json(), { id, state: 'finished', progress: { tasks: { done: 3 } } }, 'watching ends with the campaign');
  t.match(await campaign('list'), { code: 0, stdout: new RegExp(`${id}  Card offer, spring  finished`) });

  const other = await world.service.create(settings());
  t.match(await campaign('stop', other.id, '--json'), { code: 0, stdout: /"state":"stopped"/ });
});
