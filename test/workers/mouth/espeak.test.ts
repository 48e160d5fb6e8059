import t from 'tap';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/kernel/clock.js';
import { Espeak } from '../../../src/workers/mouth/espeak.js';

t.test('each clause has its own phonemes, whatever espeak-ng makes of the line', async (t) => {
  const espeak = new Espeak({ voice: 'en-us', clock: systemClock });
  t.teardown(() => espeak.close());
  const [hello, nothing, long, dash, bye] = await espeak.phonemes(['hello there', '', 'word '.repeat(120), '-', 'good bye']);
  t.equal(hello, 'həlˈoʊ ðˈɛɹ');
  t.equal(nothing, '');
  t.equal(long!.split(' ').length, 120, 'a long line stays one clause');
  t.equal(dash, '');
  t.match(bye, /^ɡˈʊd bˈaɪ$/);
});

t.test('requests at once are answered each with its own', async (t) => {
  const espeak = new Espeak({ voice: 'en-us', clock: systemClock });
  t.teardown(() => espeak.close());
  const words = ['one', 'two', 'three', 'four', 'five', 'six'];
  const alone = [];
  for (const word of words) alone.push((await espeak.phonemes([word]))[0]);
  const together = await Promise.all(words.map((word) => espeak.phonemes([word])));
  t.same(together.flat(), alone);
  t.equal(new Set(alone).size, words.length);
});

t.test('a killed process is replaced, and the request that it held is answered', async (t) => {
  const espeak = new Espeak({ voice: 'en-us', clock: systemClock });
  t.teardown(() => espeak.close());
  await espeak.phonemes(['hello']);
  const first = espeak.pid!;
  const pending = espeak.phonemes(['good', 'morning']);
  process.kill(first, 'SIGKILL');
  t.same((await pending).length, 2);
  t.not(espeak.pid, first);
});

t.test('a process that hangs is replaced, and in the end the error is coded', async (t) => {
  const program = join(t.testdir({ silent: '#!/bin/sh\nexec sleep 60\n' }), 'silent');
  chmodSync(program, 0o755);
  const hangs = new Espeak({ voice: 'en-us', clock: systemClock, deadlineMs: 50, program });
  t.teardown(() => hangs.close());
  await t.rejects(hangs.phonemes(['hello']), { code: 'TRK_WORKER_LOST' });
  const missing = new Espeak({ voice: 'en-us', clock: systemClock, program: '/nonexistent/espeak-ng' });
  t.teardown(() => missing.close());
  await t.rejects(missing.phonemes(['hello']), { code: 'TRK_WORKER_LOST' });
});

t.test('too many waiting requests are refused, and closing ends those that wait', async (t) => {
  const espeak = new Espeak({ voice: 'en-us', clock: systemClock });
  const all = Array.from({ length: 80 }, () => espeak.phonemes(['a word']).then(() => 'ok', (error: { code: string }) => error.code));
  await espeak.close();
  const results = await Promise.all(all);
  t.equal(results.filter((result) => result === 'TRK_WORKER_BUSY').length, 15, '64 wait and one runs');
  t.equal(results.filter((result) => result === 'TRK_CLOSED').length, 65);
  await t.rejects(espeak.phonemes(['x']), { code: 'TRK_CLOSED' });
});
