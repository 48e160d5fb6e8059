import t from 'tap';
import { silentLogger } from '../../../../src/kernel/log.js';
import { createResponse } from '../../../../src/sip/embedded/message/message.js';
import { parseMessage } from '../../../../src/sip/embedded/message/parse.js';
import { TransactionLayer } from '../../../../src/sip/embedded/transaction/transaction-layer.js';
import { FakeTransport } from '../../../support/fake-transport.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { seeded } from '../../../support/sip-mutations.js';
import { request, udpPeer } from './setup.js';

// Two transaction layers joined by a network that loses, doubles, delays and reorders.
// Whatever it does: each request comes to the far user at most once, each of our requests
// ends exactly once, and when all is over nothing is left.

interface Network {
  readonly loss: number;
  readonly doubling: number;
  /** Longest way of a message, ms. */
  readonly delay: number;
}

const METHODS = ['INVITE', 'OPTIONS', 'INVITE', 'BYE', 'MESSAGE'] as const;

async function run(seed: number, network: Network) {
  const random = seeded(seed);
  const clock = new ManualClock();
  const bytes = { bytes: (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256)) };
  const near = new FakeTransport();
  const far = new FakeTransport();
  const join = (from: FakeTransport, to: FakeTransport): void => {
    from.carry = (data) => {
      if (random() < network.loss) return;
      for (let copies = random() < network.doubling ? 2 : 1; copies > 0; copies--) {
        clock.after(random() * network.delay, () => to.receive(parseMessage(data, { stream: false }).message, { address: '192.0.2.1' }));
      }
    };
  };
  join(near, far);
  join(far, near);
  const client = new TransactionLayer({ transport: near, clock, random: bytes, log: silentLogger, maxTransactions: 1_000 });
  const server = new TransactionLayer({ transport: far, clock, random: bytes, log: silentLogger, maxTransactions: 1_000 });

  const handled = new Map<string, number>();
  server.onRequest((transaction, incoming) => {
    const callId = incoming.headers.get('Call-ID')!;
    handled.set(callId, (handled.get(callId) ?? 0) + 1);
    const final = 200 + Math.floor(random() * 3) * 100;
    const answer = (status: number): void => void transaction.respond(createResponse(incoming, status, undefined, { toTag: 'far' })).catch(() => undefined);
    if (random() < 0.7) clock.after(random() * 1_000, () => answer(180));
    // RFC 3261 13.3.1.4: repeating the 2xx to an INVITE is the work of the user, here without regard to ACKs.
    const repeat = (interval: number): void => {
      answer(final);
      if (incoming.method === 'INVITE' && final === 200 && transaction.state === 'accepted') clock.after(interval, () => repeat(Math.min(2 * interval, 4_000)));
    };
    clock.after(1_000 + random() * 3_000, () => repeat(500));
  });
  server.onCancel((cancel, incoming, invite) => {
    void cancel.respond(createResponse(incoming, invite ? 200 : 481, undefined, { toTag: 'far' })).catch(() => undefined);
    if (invite) void invite.respond(createResponse(invite.request, 487, undefined, { toTag: 'far' })).catch(() => undefined);
  });

  const outcomes: string[][] = [];
  for (let n = 0; n < 40; n++) {
    const method = METHODS[n % METHODS.length]!;
    const outcome: string[] = [];
    outcomes.push(outcome);
    clock.after(random() * 5_000, () => {
      const transaction = client.request(request(method, { callId: `call-${n}` }), udpPeer, {
        onResponse: (response) => void (response.status >= 200 && outcome.push(String(response.status))),
        onTimeout: () => outcome.push('timeout'),
        onTransportError: (error) => outcome.push(error.code),
      });
      if (random() < 0.3) clock.after(random() * 4_000, () => void transaction.cancel());
    });
  }
  await clock.run(200_000);
  return { outcomes, handled, left: [client.size, server.size, clock.pending] };
}

const networks: [name: string, network: Network][] = [
  ['perfect', { loss: 0, doubling: 0, delay: 20 }],
  ['doubling', { loss: 0, doubling: 0.5, delay: 300 }],
  ['losing a third', { loss: 0.33, doubling: 0, delay: 50 }],
  ['losing, doubling and reordering', { loss: 0.3, doubling: 0.3, delay: 800 }],
  ['dead', { loss: 1, doubling: 0, delay: 1 }],
];

for (const [name, network] of networks) {
  t.test(`a network that is ${name}`, async (t) => {
    for (let seed = 1; seed <= 8; seed++) {
      const { outcomes, handled, left } = await run(seed, network);
      t.ok(outcomes.every((outcome) => outcome.length === 1), `seed ${seed}: each request ends exactly once`);
      t.ok([...handled.values()].every((times) => times === 1), `seed ${seed}: each request is handled once`);
      t.same(left, [0, 0, 0], `seed ${seed}: nothing is left`);
      const timeouts = outcomes.filter(([outcome]) => outcome === 'timeout').length;
      if (network.loss === 0) t.equal(timeouts, 0, 'nothing was lost, nothing times out');
      if (network.loss === 1) t.equal(timeouts, outcomes.length, 'nothing arrives, everything times out');
      // Eleven or seven tries: at a third lost, a request that never gets through is one in thousands.
      if (network.loss > 0 && network.loss < 1) t.ok(timeouts <= 4, `seed ${seed}: ${timeouts} timeouts`);
    }
  });
}
