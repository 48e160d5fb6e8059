import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import t from 'tap';
import type { Test } from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { startFollowup } from '../../src/followup-wiring.js';
import { Lifetime } from '../../src/kernel/lifetime.js';
import { silentLogger } from '../../src/kernel/log.js';
import { createRegistry } from '../../src/kernel/metrics.js';
import { systemRandom } from '../../src/kernel/random.js';
import { createEventLog } from '../../src/outbound/event-log.js';
import { teamTopics } from '../../src/store/outbox.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { startApi } from '../api/harness.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { HANGS_MS, eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';

const person = (name: string, language: 'en' | 'zh', about: string[] = []) => ({ email: `${name}@example.com`, name, language, about });

/** A real store, a real SMTP server, and what stands between them. */
async function setUp(t: Test, { epoch = Date.UTC(2026, 2, 10, 12), began = true } = {}) {
  const mails: ParsedMail[] = [];
  const smtp = { busy: false };
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom: (_address, _session, done) => done(smtp.busy ? Object.assign(new Error('later'), { responseCode: 451 }) : undefined),
    onData: (stream, _session, done) =>
      void simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }),
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const clock = new ManualClock(epoch);
  const store = openSqliteStore({ path: join(t.testdir(), 'trunkline.db'), clock, random: systemRandom, log: silentLogger });
  await store.migrate();
  const events = createEventLog(store, silentLogger);
  const { port } = server.server.address() as AddressInfo;
  const config = parseConfig(`{time_zone: Asia/Shanghai, mail: {host: 127.0.0.1, port: ${port}, security: none, from: "calls <calls@example.com>", console_url: "https://calls.example.com/", digest_at: "08:30", timeout_ms: 100000}}`);
  const begin = (): Lifetime => {
    const lifetime = new Lifetime();
    startFollowup(config, { store, events, clock, random: systemRandom, log: silentLogger, registry: createRegistry() }, lifetime);
    return lifetime;
  };
  const running = began ? [begin()] : [];
  t.teardown(async () => {
    for (const lifetime of running) await lifetime.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await store.close();
  });
  /** Network and file work takes turns of the event loop that no clock of ours moves. */
  const until = (what: () => boolean | Promise<boolean>): Promise<true> => eventually(String(what), HANGS_MS, async () => ((await what()) ? true : undefined), 1);
  const settled = () => until(async () => (await store.fanOutCursor('mail')) === (await store.lastEventCursor()) && (await store.nextOutboxAt('mail')) === undefined);
  const to = (mail: ParsedMail): string => (Array.isArray(mail.to) ? mail.to[0] : mail.to)?.text ?? '';
  return { mails, smtp, clock, store, events, running, begin, until, settled, to };
}

t.test('the people of the team are told, each in their language, of what they want to hear', async (t) => {
  const { mails, store, events, until, settled, to } = await setUp(t);
  await store.putTeam({ name: 'sales', people: [person('ann', 'en'), person('bo', 'zh', ['campaign.finished', 'campaign.trouble']), person('cy', 'en', ['digest'])] });
  const { id } = await store.createCampaign(settings({ name: 'Spring 春季', ownerTeam: 'sales' }));
  const other = await store.createCampaign(settings({ name: 'Nobody’s', ownerTeam: undefined }));
  for (const one of [id, other.id]) {
    await store.moveCampaign(one, 'start');
    await store.beginRound(one, 1, undefined);
  }
  await until(() => mails.length === 2);
  const started = mails.find(({ subject }) => subject?.includes('started'));
  t.match(mails.map(({ subject }) => subject).sort(), ['Campaign "Spring 春季" has started', 'Campaign "Spring 春季" was created']);
  t.match([to(started!), started?.subject, started?.text], ['ann@example.com', 'Campaign "Spring 春季" has started', /https:\/\/calls\.example\.com\/campaigns\/camp_/]);
  await events.append('campaign.trouble', { campaignId: id, name: 'Spring 春季', reason: 'no_trunk' });
  await until(() => mails.length === 4);
  t.same(mails.slice(2).map(to).sort(), ['ann@example.com', 'bo@example.com']);
  t.match(mails.find((mail) => to(mail).startsWith('bo'))?.text, /没有中继可用/);
  await settled();
  t.equal(mails.length, 4, 'and of nothing else');
});

t.test('a mail server that is busy gets each mail later, once', async (t) => {
  const { mails, smtp, clock, store, until, settled } = await setUp(t);
  await store.putTeam({ name: 'sales', people: [person('ann', 'en')] });
  smtp.busy = true;
  await store.createCampaign(settings({ ownerTeam: 'sales' }));
  const waiting = async () => (await store.listOutbox({ channel: 'mail', state: 'retry_wait', limit: 9 })).items[0];
  await until(async () => (await waiting()) !== undefined);
  t.match(await waiting(), { lastError: 'smtp_451', tries: 1, target: 'ann@example.com' });
  smtp.busy = false;
  clock.advance(10_000);
  await settled();
  t.equal(mails.length, 1);
});

t.test('the digest of a day comes once, at its time, however often the server starts', async (t) => {
  // 10 March, 08:00 in Shanghai.
  const { mails: all, clock, store, running, begin, until, settled, to } = await setUp(t, { epoch: Date.UTC(2026, 2, 10, 0) });
  const mails = (): ParsedMail[] => all.filter(({ subject }) => !subject?.startsWith('Campaign'));
  await store.putTeam({ name: 'sales', people: [person('ann', 'en'), person('bo', 'zh', ['digest']), person('cy', 'en', ['campaign.finished'])] });
  await store.putTeam({ name: 'idle', people: [person('di', 'en')] });
  const { id } = await store.createCampaign(settings({ name: 'Spring', ownerTeam: 'sales' }));
  await store.moveCampaign(id, 'start');
  await store.beginRound(id, 1, undefined);
  // Our clock does not wait for the network: what is under way would be cut off by its deadline.
  await settled();
  await clock.run(20 * 60_000);
  t.same((await store.listOutbox({ channel: 'mail', limit: 9 })).items.map(({ type }) => type).filter((type) => !type.startsWith('campaign.')), [], 'not before 08:30');
  // 11 March, 08:31.
  clock.advance(24 * 3_600_000 + 11 * 60_000);
  await clock.run(61_000);
  await until(() => mails().length === 2);
  t.same(mails().map(to).sort(), ['ann@example.com', 'bo@example.com']);
  t.match(mails().find((mail) => to(mail).startsWith('ann')), { subject: 'Calls of 2026-03-10', text: /Spring \(running\)[^]*that day: 0 calls/ });
  t.equal(mails().find((mail) => to(mail).startsWith('bo'))?.subject, '2026-03-10 外呼日报');
  await until(async () => (await store.nextOutboxAt('mail')) === undefined);
  running.push(begin());
  await clock.run(10 * 60_000);
  await until(async () => (await store.nextOutboxAt('mail')) === undefined);
  t.equal(mails().length, 2);
});

t.test('what the API is told of somebody’s topics is what that person is mailed', async (t) => {
  const { mails, clock, store, events, until, settled, to } = await setUp(t);
  const { app, key } = await startApi(t, { store, clock });
  const headers = await key('campaigns:write');
  const people = [...teamTopics.map((topic, index) => person(`p${index}`, 'en', [topic])), person('all', 'en')];
  t.equal((await app.inject({ method: 'PUT', url: '/v1/teams/sales', headers, payload: { people } })).statusCode, 200);
  const { id } = await store.createCampaign(settings({ name: 'Spring', ownerTeam: 'sales' }));
  await store.moveCampaign(id, 'start');
  await store.beginRound(id, 1, undefined);
  await store.moveCampaign(id, 'pause');
  await store.moveCampaign(id, 'resume');
  await events.append('campaign.stalled', { campaignId: id, name: 'Spring', due: 5 });
  await events.append('campaign.trouble', { campaignId: id, name: 'Spring', reason: 'no_capacity' });
  await store.moveCampaign(id, 'finish');
  await until(() => mails.length === 14);
  await settled();
  const heads = ['was created', 'has started', 'is paused', 'goes on', 'makes no progress', 'is in trouble', 'is finished'].map((head) => `Campaign "Spring" ${head}`);
  t.same(mails.filter((mail) => to(mail) === 'all@example.com').map(({ subject }) => subject).sort(), [...heads].sort());
  for (const [index, head] of heads.entries()) t.same(mails.filter((mail) => to(mail) === `p${index}@example.com`).map(({ subject }) => subject), [head], head);
  clock.advance(24 * 3_600_000);
  await clock.run(61_000);
  await until(() => mails.length === 16);
  t.same(mails.slice(14).map(to).sort(), ['all@example.com', `p${teamTopics.indexOf('digest')}@example.com`]);
});

t.test('who begins to mail tells no old news, and forgets none of what comes while it is away', async (t) => {
  const { mails, store, running, begin, until, settled } = await setUp(t, { began: false });
  await store.putTeam({ name: 'sales', people: [person('ann', 'en')] });
  const { id } = await store.createCampaign(settings({ ownerTeam: 'sales' }));
  running.push(begin());
  await store.moveCampaign(id, 'start');
  await store.beginRound(id, 1, undefined);
  await until(() => mails.length === 1);
  await settled();
  t.match(mails.map(({ subject }) => subject), [/has started/]);
  await running.shift()?.close();
  await store.moveCampaign(id, 'pause');
  running.push(begin());
  await until(() => mails.length === 2);
  await settled();
  t.match(mails[1]?.subject, /is paused/);
});

