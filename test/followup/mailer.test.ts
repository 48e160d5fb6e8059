import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import t from 'tap';
import type { Test } from 'tap';
import { MailSchema, WebhooksSchema } from '../../src/config/followup-schema.js';
import type { MailConfig } from '../../src/config/followup-schema.js';
import { Mailer } from '../../src/followup/mailer.js';
import { LEASE_MS } from '../../src/followup/outbox-runner.js';
import { CertificateMaker } from '../sip/embedded/certificate-maker.js';
import { ManualClock } from '../support/manual-clock.js';

const MAIL = { to: 'ann@example.com', subject: '外呼活动“春季”已完成', text: 'Tasks: 3.\n好的\n', messageId: 'obx_1@trunkline', language: 'zh' };

/** A real SMTP server, and a mailer that is told of it and whose time stands still. */
async function setUp(t: Test, options: SMTPServerOptions = {}, config: Partial<MailConfig> = {}) {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    // A sender that goes away in the middle leaves half a mail, which is none.
    onData: (stream, _session, done) => void simpleParser(stream).then((mail) => void mails.push(mail), () => undefined).then(() => done()),
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const clock = new ManualClock();
  const mailer = new Mailer({ ...defaults(), host: '127.0.0.1', port: (server.server.address() as AddressInfo).port, security: 'none', from: 'trunkline <calls@example.com>', ...config }, clock);
  t.teardown(() => mailer.close());
  return { mailer, mails, server, clock };
}

const defaults = (): Pick<MailConfig, 'digest_at' | 'timeout_ms'> => ({ digest_at: MailSchema.properties.digest_at.default as string, timeout_ms: 5_000 });

t.test('a mail arrives with its words in any language', async (t) => {
  const { mailer, mails } = await setUp(t);
  await mailer.verify();
  t.same(await mailer.send(MAIL), { kind: 'delivered', status: 250 });
  const [mail] = mails;
  t.equal(mail?.subject, MAIL.subject);
  t.equal(mail?.text, MAIL.text);
  t.equal(mail?.messageId, '<obx_1@trunkline>');
  t.match(mail?.headers.get('auto-submitted'), 'auto-generated');
});

t.test('what the server answers decides whether to try again', async (t) => {
  const answer = (code: number) => ({ onRcptTo: (_address: unknown, _session: unknown, done: (error: Error) => void) => done(Object.assign(new Error('no'), { responseCode: code })) });
  t.match(await (await setUp(t, answer(451))).mailer.send(MAIL), { kind: 'failed', reason: 'smtp_451' });
  t.match(await (await setUp(t, answer(550))).mailer.send(MAIL), { kind: 'refused', reason: 'smtp_550', gone: false });
  const { mailer } = await setUp(t, {}, { port: 1 });
  t.match(await mailer.send(MAIL), { kind: 'failed', reason: 'ESOCKET' });
  await t.rejects(mailer.verify(), { code: 'TRK_MAIL_FAILED' });
});

t.test('a server that answers too slowly is cut off, and the mail is not sent behind our back', async (t) => {
  const smtp = new EventEmitter();
  const { mailer, mails, clock } = await setUp(t, { onRcptTo: (_address, _session, done) => void smtp.emit('asked', done), onClose: () => void smtp.emit('gone') }, { timeout_ms: 2_000 });
  const gone = once(smtp, 'gone');
  const asked = once(smtp, 'asked') as Promise<[() => void]>;
  const sent = mailer.send(MAIL);
  const [answer] = await asked;
  clock.advance(1_999);
  t.equal(clock.pending, 1, 'it may still answer');
  clock.advance(1);
  t.same(await sent, { kind: 'failed', reason: 'timeout' });
  answer();
  await gone;
  t.same(mails, []);
  t.equal(clock.pending, 0);

  const hanging = await setUp(t, { onRcptTo: () => undefined });
  const stop = new AbortController();
  const stopped = hanging.mailer.send(MAIL, stop.signal);
  stop.abort(new Error('closed'));
  t.same(await stopped, { kind: 'failed', reason: 'closed' });
  t.equal(hanging.clock.pending, 0);
});

t.test('no try may last as long as its entry is kept from others', (t) => {
  for (const { properties } of [MailSchema, WebhooksSchema]) t.ok((properties.timeout_ms.maximum ?? Infinity) < LEASE_MS);
  t.end();
});

t.test('credentials', async (t) => {
  const options: SMTPServerOptions = {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => (username === 'calls' && password === 'right' ? done(null, { user: username }) : done(Object.assign(new Error('no'), { responseCode: 535 }))),
  };
  const { mailer, mails } = await setUp(t, options, { username: 'calls', password: 'right' });
  t.match(await mailer.send(MAIL), { kind: 'delivered' });
  t.equal(mails.length, 1);
  const wrong = (await setUp(t, options, { username: 'calls', password: 'wrong' })).mailer;
  t.match(await wrong.send(MAIL), { kind: 'failed', reason: 'smtp_535' }, 'the operator can mend it, so the mail waits');
  await t.rejects(wrong.verify(), { code: 'TRK_MAIL_FAILED', message: /EAUTH, 535/ });
});

t.test('encryption: asked for is insisted on', async (t) => {
  const maker = new CertificateMaker(t);
  const { certFile, keyFile } = maker.issue('IP:127.0.0.1');
  const [cert, key] = [readFileSync(certFile), readFileSync(keyFile)];
  const trusted = { ca_file: maker.caFile };
  const plain = await setUp(t, {}, { security: 'starttls', ...trusted });
  t.match(await plain.mailer.send(MAIL), { kind: 'failed' }, 'no mail to a server without STARTTLS');
  t.equal(plain.mails.length, 0);
  const upgrading = await setUp(t, { disabledCommands: ['AUTH'], cert, key }, { security: 'starttls', ...trusted });
  t.match(await upgrading.mailer.send(MAIL), { kind: 'delivered' });
  const encrypted = await setUp(t, { secure: true, disabledCommands: ['AUTH'], cert, key }, { security: 'tls', ...trusted });
  t.match(await encrypted.mailer.send(MAIL), { kind: 'delivered' });
  const stranger = await setUp(t, { secure: true, disabledCommands: ['AUTH'], cert, key }, { security: 'tls' });
  t.match(await stranger.mailer.send(MAIL), { kind: 'failed' }, 'a certificate that nobody vouches for');
  t.throws(() => new Mailer({ ...defaults(), host: 'x', port: 25, security: 'tls', from: 'a@b.example', ca_file: join(t.testdirName, 'none.pem') }, new ManualClock()), { code: 'TRK_CONFIG_UNREADABLE', field: 'mail.ca_file' });
});
