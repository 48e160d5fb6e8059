import t from 'tap';
import { createLogger } from '../../src/kernel/log.js';

const SECRET = 'my number is five five five';

function logged(pii: boolean, write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger({ level: 'trace', pii }, { write: (line: string) => void (text += line) }));
  return text;
}

t.test('what stands under pii is dropped by default, wherever the key is', async (t) => {
  const places: readonly object[] = [
    { pii: { text: SECRET } },
    { pii: SECRET },
    { pii: { nested: { deeper: SECRET } } },
    { pii: [SECRET] },
    { turn: { pii: { text: SECRET } } },
  ];
  for (const place of places) {
    const text = logged(false, (log) => log.info({ callId: 'call_1', ...place }, 'caller said something'));
    t.notMatch(text, SECRET, JSON.stringify(place));
    t.match(text, '[redacted]');
    t.match(JSON.parse(text), { callId: 'call_1', msg: 'caller said something' });
  }
});

t.test('children and their bindings are redacted too', async (t) => {
  const text = logged(false, (log) => log.child({ callId: 'x', pii: { number: SECRET } }).warn({ pii: { text: SECRET } }, 'again'));
  t.notMatch(text, SECRET);
});

t.test('log.pii keeps it', async (t) => {
  t.match(logged(true, (log) => log.info({ pii: { text: SECRET } }, 'x')), SECRET);
});

t.test('levels below the wanted one say nothing; times are RFC 3339', async (t) => {
  let text = '';
  const log = createLogger({ level: 'warn', pii: false }, { write: (line: string) => void (text += line) });
  log.info('quiet');
  t.equal(text, '');
  log.error('loud');
  t.match(JSON.parse(text), { time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, msg: 'loud' });
});
