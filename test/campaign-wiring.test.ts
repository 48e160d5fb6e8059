import t from 'tap';
import { healthFor } from '../src/campaign-wiring.js';
import { TrunklineError } from '../src/kernel/errors.js';
import type { TrunkStatus } from '../src/sip/trunk/trunks.js';
import type { Task } from '../src/store/store.js';
import { newTask } from './contract/store.js';

const line = (name: string, state: TrunkStatus['state']) => ({ name, state }) as TrunkStatus;
const task = (changes: Partial<Task> = {}): Task => ({ ...newTask({ to: '+442079460000', flow: 'greeting' }), ...changes }) as Task;

/** `x` carries British numbers, `y` all others; French workers are down. */
const parts = (x: TrunkStatus['state']) => ({
  calls: { serves: ({ language }: { readonly language?: string | undefined }) => language !== 'fr' },
  trunks: {
    list: () => [line('x', x), line('y', 'up')],
    routes: ({ to }: { readonly to: string }) => {
      if (to.startsWith('+999')) throw new TrunklineError('TRK_SIP_NO_ROUTE', { field: 'to' });
      return [to.startsWith('+44') ? 'x' : 'y'];
    },
  },
  needsOf: async ({ flow }: Pick<Task, 'flow'>) => ({ language: flow === 'bonjour' ? 'fr' : 'en' }),
});

t.test('a campaign is as well as what its next call needs', async (t) => {
  t.same(await healthFor(task(), parts('up')), { trunks: true, capacity: true });
  t.same(await healthFor(task(), parts('unchecked')), { trunks: true, capacity: true });
  t.same(await healthFor(task(), parts('down')), { trunks: false, capacity: true }, 'its only trunk is down, whatever the others are');
  t.same(await healthFor(task({ to: '+33142685300' }), parts('down')), { trunks: true, capacity: true }, 'and this one has another');
  t.same(await healthFor(task({ to: 'sip:desk@192.0.2.1' }), parts('down')), { trunks: true, capacity: true }, 'a SIP URI takes none');
  t.same(await healthFor(task({ to: '+999' }), parts('down')), { trunks: true, capacity: true }, 'its result will say that there is no route');
  t.same(await healthFor(task({ flow: 'bonjour' }), parts('up')), { trunks: true, capacity: false }, 'the workers of its language are down');
});
