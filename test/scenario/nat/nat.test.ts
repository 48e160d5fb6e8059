import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import { NatNetwork } from '../../support/nat-network.js';
import { PhoneProcess } from '../../support/phone-process.js';
import { freeMediaRange } from '../../support/ports.js';
import { ServerProcess } from '../../support/server-process.js';
import type { WireResult } from '../../support/server-process.js';

// A router that translates addresses between a telephone and us, both ways round.

const SIP_PORT = 15_060;
const RTP_PER_SECOND = 50;
const FLOW = `
trunkline: 1
id: notice
language: en-US
start: notice
fallback: notice
nodes:
  notice:
    end: end
    reason: told
    say: Good morning. This is a short notice from Harbor Bank. Goodbye.
`;
const listener = { steps: [], hangupAfter: 'never', maxCallMs: 20_000, noiseDbfs: -60 };
const over = ({ event }: PhoneEvent): boolean => event === 'ended';

function both(t: Test, ended: PhoneEvent, result: WireResult | undefined): void {
  const seconds = (ended.durationMs ?? 0) / 1000;
  t.match(result, { disposition: 'answered_human', endedBy: 'bot' });
  t.match(ended, { by: 'bot', status: 200 }, 'our BYE came through');
  t.ok((ended.stats?.packetsReceived ?? 0) > (seconds - 0.7) * RTP_PER_SECOND, `it heard us: ${ended.stats?.packetsReceived} packets in ${seconds} s`);
  t.ok((result?.media?.['packetsReceived'] ?? 0) > (seconds - 0.7) * RTP_PER_SECOND, `we heard it: ${result?.media?.['packetsReceived']} packets`);
}

async function serve(t: Test, network: NatNetwork, external: string | undefined): Promise<ServerProcess> {
  const announce = external === undefined ? {} : { external_address: external };
  const server = await ServerProcess.start({
    sip: { address: network.here, port: SIP_PORT, ...announce },
    media: { address: network.here, ...(await freeMediaRange(20)), ...announce, nat: external === undefined },
    inbound: [{ number: '100', flow: 'notice' }],
  });
  t.teardown(() => server.stop());
  await server.publish(FLOW);
  return server;
}

t.test('a telephone behind a router calls us', async (t) => {
  const network = new NatNetwork({ weAreInside: false, forwards: [] });
  t.teardown(() => network.close());
  const server = await serve(t, network, undefined);
  const phone = await PhoneProcess.start(t.testdir(), { listener }, ['--place', `sip:100@${network.here}:${SIP_PORT}`], { address: network.far, before: network.onFarHost });
  t.teardown(() => phone.stop());
  const ended = await phone.event(over, 40_000);
  const [result] = await server.resultsWhen('notice', 1);
  both(t, ended, result);
});

t.test('we are behind a router: a call to us, and one of ours', async (t) => {
  const network = new NatNetwork({ weAreInside: true, forwards: [`udp dport ${SIP_PORT}`, 'udp dport 10000-32000'] });
  t.teardown(() => network.close());
  const server = await serve(t, network, network.outer);
  const directory = t.testdir();
  const caller = await PhoneProcess.start(join(directory, 'caller'), { listener }, ['--place', `sip:100@${network.outer}:${SIP_PORT}`], { address: network.far, before: network.onFarHost });
  t.teardown(() => caller.stop());
  const ended = await caller.event(over, 40_000);
  const [inbound] = await server.resultsWhen('notice', 1);
  both(t, ended, inbound);

  const callee = await PhoneProcess.start(join(directory, 'callee'), { listener }, [], { address: network.far, before: network.onFarHost });
  t.teardown(() => callee.stop());
  const result = await server.result(await server.createTask({ to: callee.uri('anyone'), flow: 'notice' }));
  both(t, await callee.event(over, 40_000), result);
});
