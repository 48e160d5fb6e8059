import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import t from 'tap';
import { callLog } from '../../src/call/call-log.js';

t.test('each line of a call carries its ids', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  callLog(log, { id: 'call_1', taskId: 'task_1' }).warn({ code: 'X' }, 'one');
  callLog(log, { id: 'call_2', taskId: undefined }).child({ worker: 'ear' }).info('two');
  t.match(lines[0], { callId: 'call_1', taskId: 'task_1', code: 'X' });
  t.match(lines[1], { callId: 'call_2', worker: 'ear' });
  t.notOk('taskId' in (lines[1] ?? {}));
});

t.test('the Call-ID of the wire is never called callId in the log', async (t) => {
  const room = fileURLToPath(new URL('../../src/sip/', import.meta.url));
  const files = readdirSync(room, { recursive: true }).map(String).filter((name) => name.endsWith('.ts'));
  t.ok(files.length > 50);
  for (const name of files) t.notMatch(readFileSync(join(room, name), 'utf8'), /\blog\.\w+\(\{(?:[^}]*,)?\s*callId\b/, name);
});
