import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TrunklineError, asTrunklineError, errorKinds } from '../../src/kernel/errors.js';
import type { ErrorCode } from '../../src/kernel/errors.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
const sections = new Map(page.split(/^### /m).slice(1).map((section) => [section.slice(0, section.indexOf('\n')), section.split(/^## /m)[0] ?? '']));

t.test('the page and the table are equal', async (t) => {
  t.same([...sections.keys()].sort(), Object.keys(errorKinds).sort(), 'one heading a code');
  t.equal([...page.matchAll(/^### /gm)].length, sections.size, 'none twice');
  for (const [code, kind] of Object.entries(errorKinds)) {
    const section = sections.get(code) ?? '';
    t.match(section, `> ${kind.message}\n`, `${code}: message`);
    t.match(section, `HTTP ${kind.status}. Retry: ${kind.retryable ? 'yes' : 'no'}.\n`, `${code}: status and retry`);
    t.match(section, /^\*\*Cause\.\*\* .{10,}$/m, `${code}: cause`);
    t.match(section, /^\*\*What to do\.\*\* .{5,}$/m, `${code}: what to do`);
  }
});

t.test('codes', async (t) => {
  for (const [code, kind] of Object.entries(errorKinds)) {
    t.match(code, /^TRK_[A-Z]+(_[A-Z]+)*$/);
    t.ok(kind.status >= 400 && kind.status < 600, `${code} has an HTTP status of an error`);
  }
});

t.test('the message is filled from params', async (t) => {
  const error = new TrunklineError('TRK_PORT_IN_USE', { params: { port: 5060, transport: 'udp' }, field: 'sip.port' });
  t.equal(error.message, 'Port 5060 (udp) is in use by another program.');
  t.same(error.toJSON(), { code: 'TRK_PORT_IN_USE', message: error.message, field: 'sip.port', docs: 'docs/errors.md#trk_port_in_use' });
  t.equal(new TrunklineError('TRK_PORT_IN_USE').message, 'Port {port} ({transport}) is in use by another program.', 'what is missing stays visible');
  t.same(Object.keys(new TrunklineError('TRK_UNAUTHORIZED').toJSON()), ['code', 'message', 'docs'], 'no empty field');
});

t.test('whatever is thrown becomes a coded error', async (t) => {
  const coded = new TrunklineError('TRK_STORE_FULL');
  t.equal(asTrunklineError(coded), coded);
  const cause = new RangeError('far out');
  t.match(asTrunklineError(cause), { code: 'TRK_INTERNAL' satisfies ErrorCode, cause, message: 'Internal error: far out.' });
  t.match(asTrunklineError('text'), { code: 'TRK_INTERNAL', message: 'Internal error: text.' });
});
