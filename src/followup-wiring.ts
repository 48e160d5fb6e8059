import { wireResult } from './api/wire.js';
import type { OutboxDesk } from './api/deps.js';
import type { MailConfig } from './config/followup-schema.js';
import type { Config } from './config/schema.js';
import { AddressGuard } from './followup/address-guard.js';
import { EventReader } from './followup/event-reader.js';
import { createOutboxMetrics } from './followup/outbox-metrics.js';
import type { OutboxMetrics } from './followup/outbox-metrics.js';
import { Mailer } from './followup/mailer.js';
import { DailyDigest } from './followup/notices/digest.js';
import { NoticeDesk, mailOf } from './followup/notices/notice-desk.js';
import { OutboxRunner } from './followup/outbox-runner.js';
import { OutboxSweeper } from './followup/outbox-sweeper.js';
import { WebhookSender } from './followup/webhook-sender.js';
import { WebhookDesk } from './followup/webhooks.js';
import { systemTimeZone } from './kernel/clock.js';
import type { Clock } from './kernel/clock.js';
import { asTrunklineError } from './kernel/errors.js';
import type { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import type { Registry } from './kernel/metrics.js';
import type { Random } from './kernel/random.js';
import type { EventLog } from './outbound/event-log.js';
import type { Store } from './store/store.js';
import { VERSION } from './version.js';

interface FollowupParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly registry: Registry;
}

/** Part of the composition root: what is sent to others after something happened. */
export function startFollowup(config: Config, parts: FollowupParts, lifetime: Lifetime): OutboxDesk {
  const { store, clock, log } = parts;
  const guard = new AddressGuard(config.webhooks.allow);
  const metrics = createOutboxMetrics(parts.registry);
  const sender = new WebhookSender({ guard, clock, timeoutMs: config.webhooks.timeout_ms, userAgent: `trunkline/${VERSION}` });
  const desk = new WebhookDesk({ store, sender, clock, log, wireResult });
  const runner = new OutboxRunner(parts, {
    channel: 'webhook',
    targets: () => desk.targets(),
    perTarget: config.webhooks.per_endpoint,
    send: (entry, signal) => desk.send(entry, signal),
    ended: (entry, end, outcome) => {
      metrics.ended(entry, end);
      desk.ended(entry, end, outcome);
    },
  });
  const reader = new EventReader({ store, clock, log }, { name: 'webhooks', entriesOf: (events) => desk.entriesOf(events), made: () => runner.wake() });
  const sweeper = new OutboxSweeper({ store, clock, log }, config.webhooks.keep_days);
  lifetime.onClose(() => sweeper.stop());
  lifetime.onClose(() => runner.stop());
  lifetime.onClose(() => reader.stop());
  lifetime.onClose(parts.events.subscribe(() => reader.wake()));
  runner.start();
  reader.start();
  sweeper.start();
  if (config.mail !== undefined) startMail(config.mail, config.time_zone ?? systemTimeZone(), parts, metrics, lifetime);
  return {
    mayReach: (host) => guard.mayName(host),
    changed: () => runner.wake(),
  };
}

/** Mails on their way at once: SMTP servers take few connections of one sender. */
const MAILS_AT_ONCE = 2;

function startMail(config: MailConfig, timeZone: string, parts: FollowupParts, metrics: OutboxMetrics, lifetime: Lifetime): void {
  const { store, clock, log } = parts;
  const mailer = new Mailer(config, clock);
  const desk = new NoticeDesk({ store, consoleUrl: config.console_url?.replace(/\/+$/, '') });
  const runner = new OutboxRunner(parts, { channel: 'mail', perTarget: MAILS_AT_ONCE, send: (entry, signal) => mailer.send(mailOf(entry), signal), ended: (entry, end) => metrics.ended(entry, end) });
  const reader = new EventReader({ store, clock, log }, { name: 'mail', newsOnly: true, entriesOf: (events) => desk.entriesOf(events), made: () => runner.wake() });
  const digest = new DailyDigest({ store, clock, log, at: config.digest_at, timeZone, urlOf: (campaign) => desk.urlOf(campaign), made: () => runner.wake() });
  lifetime.onClose(() => mailer.close());
  lifetime.onClose(() => runner.stop());
  lifetime.onClose(() => reader.stop());
  lifetime.onClose(() => digest.stop());
  lifetime.onClose(parts.events.subscribe(() => reader.wake()));
  // A server that cannot be used is told of at once; what is to be mailed waits for it.
  void mailer.verify().catch((error: unknown) => log.error({ code: asTrunklineError(error).code, reason: asTrunklineError(error).message }, 'the mail server cannot be used'));
  runner.start();
  reader.start();
  digest.start();
}
