import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import t from 'tap';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/ports.js';

const KAMAILIO = new URL('../../support/kamailio.ts', import.meta.url).href;

/** A test that waits for ever, with a Kamailio. */
const PROGRAM = `
  import { Kamailio } from ${JSON.stringify(KAMAILIO)};
  const kamailio = await Kamailio.start(JSON.parse(process.argv[1] ?? ''));
  process.stdout.write(String(kamailio.pid));
  process.stdin.once('data', () => process.exit(3)).resume();`;

/** Processes of a group that run. */
function groupOf(leader: number): number[] {
  return readdirSync('/proc').map(Number).filter((pid) => pid > 0).filter((pid) => {
    try {
      // What stands behind the name, which may hold anything: state, parent, group.
      const [state, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      return Number(group) === leader && state !== 'Z';
    } catch {
      return false;
    }
  });
}

for (const end of ['SIGINT', 'SIGTERM', 'exit'] as const) {
  t.test(`a test that ends by ${end} leaves no process of its Kamailio behind`, async (t) => {
    const [phonePort, trunkPort, other] = [await freePort(), await freePort(), await freePort()];
    const options = { phonePort, trunkPort, trunkTransport: 'udp', phone: `sip:127.0.0.1:${other}`, trunkline: `sip:127.0.0.1:${other}`, audio: 'RTP/AVP', rtpenginePort: other };
    const test = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', PROGRAM, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(test, 'close');
    const leader = Number(await new Promise((resolve, reject) => {
      test.stdout.once('data', resolve);
      test.once('close', () => reject(new Error('it ended')));
    }));
    t.teardown(() => groupOf(leader).forEach((pid) => process.kill(pid, 'SIGKILL')));
    t.ok(groupOf(leader).length > 1, 'it has processes of its own');
    if (end === 'exit') test.stdin.write('end');
    else test.kill(end);
    t.same(await ended, end === 'exit' ? [3, null] : [null, end], 'and it ends as it would without one');
    await eventually('the end of Kamailio', 60_000, () => (groupOf(leader).length === 0 ? true : undefined));
  });
}
