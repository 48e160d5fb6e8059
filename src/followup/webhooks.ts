import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import type { NewOutboxEntry, OutboxEnd, OutboxEntry, OutboxStore, WebhookEndpoint } from '../store/outbox.js';
import type { Store, StoredEvent } from '../store/store.js';
import type { SendOutcome, WebhookSender } from './webhook-sender.js';
import { webhookHeaders } from './webhook-signature.js';

/** A result as the API shows it; the room of the API hands it in. */
export type WireResult = (result: NonNullable<Awaited<ReturnType<Store['getResult']>>>) => unknown;

export interface WebhookDeskParts {
  readonly store: Pick<OutboxStore, 'listWebhooks' | 'getWebhook' | 'changeWebhook'> & Pick<Store, 'getResult'>;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wireResult: WireResult;
}

/** Type of the event that `:test` sends. */
const TEST_EVENT = 'webhook.test';

/** Which endpoint is told of which event, and how. */
export class WebhookDesk {
  readonly #parts: WebhookDeskParts;

  constructor(parts: WebhookDeskParts) {
    this.#parts = parts;
  }

  /** Endpoints are told of what happened since they were made. */
  async entriesOf(events: readonly StoredEvent[]): Promise<readonly NewOutboxEntry[]> {
    const endpoints = (await this.#parts.store.listWebhooks()).filter((endpoint) => endpoint.enabled);
    return events.flatMap((event) => endpoints.filter((endpoint) => event.cursor > endpoint.sinceCursor && wants(endpoint, event.type)).map((endpoint) => entryOf(endpoint, event)));
  }

  /** Those that are switched on; others keep what waits for them. */
  async targets(): Promise<readonly string[]> {
    return (await this.#parts.store.listWebhooks()).filter((endpoint) => endpoint.enabled).map((endpoint) => endpoint.id);
  }

  /** Never rejects. The `webhook-id` is that of the event, the same at every try: receivers tell doubles by it. */
  async send(entry: OutboxEntry, signal: AbortSignal): Promise<SendOutcome> {
    const { store, sender, clock } = this.#parts;
    try {
      const endpoint = await store.getWebhook(entry.target);
      if (endpoint === undefined) return { kind: 'refused', reason: 'endpoint_gone', gone: false };
      const body = await this.#bodyOf(entry, endpoint);
      const now = clock.now();
      const previous = endpoint.previousSecret !== undefined && now < (endpoint.previousUntil ?? 0) ? [endpoint.previousSecret] : [];
      return await sender.send(endpoint.url, webhookHeaders(idOf(entry), now, body, [endpoint.secret, ...previous]), body, signal);
    } catch {
      return { kind: 'failed', reason: 'store' };
    }
  }

  /** 410 means that the receiver wants nothing more: the endpoint is switched off. */
  ended(entry: OutboxEntry, _end: OutboxEnd, outcome: SendOutcome): void {
    if (outcome.kind !== 'refused' || !outcome.gone) return;
    const { store, clock, log } = this.#parts;
    log.warn({ endpoint: entry.target }, 'a webhook endpoint answers 410 and is switched off');
    void store
      .changeWebhook(entry.target, () => ({ enabled: false, updatedAt: clock.now() }))
      .catch((error: unknown) => log.error({ err: error, endpoint: entry.target }, 'it could not be switched off'));
  }

  async #bodyOf(entry: OutboxEntry, endpoint: WebhookEndpoint): Promise<string> {
    const event = JSON.parse(entry.payload) as { at: string; data: { resultId?: string } };
    const { resultId } = event.data;
    const result = endpoint.fullResult && entry.type.startsWith('task.') && resultId !== undefined ? await this.#parts.store.getResult(resultId) : undefined;
    return JSON.stringify({ type: entry.type, timestamp: event.at, data: { ...event.data, ...(result === undefined ? {} : { result: this.#parts.wireResult(result) }) } });
  }
}

/** `task.*` stands for all of them, `*` for everything. */
function wants(endpoint: WebhookEndpoint, type: string): boolean {
  return endpoint.events.some((wanted) => wanted === type || (wanted.endsWith('*') && type.startsWith(wanted.slice(0, -1))));
}

function entryOf(endpoint: WebhookEndpoint, event: StoredEvent): NewOutboxEntry {
  const data = event.data as { taskId?: string; callId?: string; call?: { id: string; taskId?: string } };
  return {
    channel: 'webhook',
    target: endpoint.id,
    orderKey: data.taskId ?? data.call?.taskId ?? data.callId ?? data.call?.id,
    dedupeKey: `${event.id}:${endpoint.id}`,
    type: event.type,
    payload: JSON.stringify({ at: new Date(event.at).toISOString(), data: event.data }),
  };
}

/** A test event for one endpoint. */
export function testEntry(endpoint: WebhookEndpoint, eventId: string, nowMs: number): NewOutboxEntry {
  return entryOf(endpoint, { cursor: 0, id: eventId, type: TEST_EVENT, at: nowMs, data: { endpoint: endpoint.id } });
}

function idOf(entry: OutboxEntry): string {
  return entry.dedupeKey.split(':')[0] ?? entry.id;
}
