import t from 'tap';
import type { Clock } from '../../../../src/kernel/clock.js';
import type { UpwardMessage } from '../../../../src/sip/embedded/application.js';
import { ResponsePath } from '../../../../src/sip/embedded/dialog/context.js';

const response = (message: string): UpwardMessage => ({ source: 'network', meta: { protocol: 'udp', address: '127.0.0.1', port: 5060 }, transactionId: 'x', dialogId: '', message });

t.test('a response that comes in the moment between an early timer and its time is not kept for ever', async (t) => {
  let time = 0;
  const timers: Array<() => void> = [];
  const clock: Clock = {
    now: () => time,
    monotonic: () => time,
    after: (_ms, run) => {
      timers.push(run);
      return { cancel: () => undefined };
    },
  };
  const delivered: string[] = [];
  const path = new ResponsePath({ id: 'a', away: false, deliver: ({ message }) => delivered.push(message) }, clock);
  path.deliver(response('180'));
  path.deliver(response('183'));
  t.same(delivered, []);
  time = 2.6;
  timers.shift()?.();
  t.same(delivered, ['180', '183']);
  path.deliver(response('200'));
  time = 3;
  timers.shift()?.();
  t.same(delivered, ['180', '183', '200']);
  path.deliver(response('late'));
  t.same(delivered, ['180', '183', '200', 'late']);
});
