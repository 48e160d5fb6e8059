import t from 'tap';
import { runChaos } from './run.js';

/** A small run of `npm run chaos`; the seed says which one it was. */
t.setTimeout(900_000);

for (const store of ['sqlite', 'postgres'] as const) {
  t.test(`${store}: nothing is called twice, lost or called against a rule`, { timeout: 450_000 }, async (t) => {
    const seed = 20_261;
    const outcome = await runChaos({ contacts: 60, kills: 6, seed, store, onProgress: (line) => t.comment(line) });
    t.same(outcome.findings, [], `seed ${seed}`);
    t.equal(outcome.tasks, 60);
    t.ok(outcome.invites >= 40, `${outcome.invites} INVITEs: it really dialled`);
    t.ok(outcome.redials >= 5, `${outcome.redials} dials after the first`);
    t.ok(outcome.blocked >= 3, `${outcome.blocked} people must not be called`);
    t.ok(outcome.done >= 10, `${outcome.done} calls came to their end`);
    t.equal(outcome.servers, store === 'postgres' ? 2 : 1);
    t.ok((outcome.faults['server'] ?? 0) + (outcome.faults['database'] ?? 0) >= 3, 'servers were killed');
  });
}
