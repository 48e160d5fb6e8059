import type { Page } from './store.js';

/**
 * PORT, part of the store: what must reach others at least once. An entry is made in
 * the transaction of what it tells of; a sender takes it with a lease, so that of
 * several nodes one sends. Times are ms since the epoch.
 */
export type OutboxChannel = 'webhook' | 'mail';

export type OutboxState = 'pending' | 'running' | 'succeeded' | 'retry_wait' | 'dead';

export interface NewOutboxEntry {
  readonly channel: OutboxChannel;
  /** Webhook: id of the endpoint; mail: address. */
  readonly target: string;
  /** Entries with the same key go in order, one at a time (`task_...`). */
  readonly orderKey: string | undefined;
  /** A second entry with the same key is not made. */
  readonly dedupeKey: string;
  /** Type of event or name of template. */
  readonly type: string;
  /** JSON. */
  readonly payload: string;
}

/** `tries` counts those that were begun. */
export interface OutboxEntry extends NewOutboxEntry {
  readonly id: string;
  readonly state: OutboxState;
  readonly tries: number;
  readonly nextAt: number;
  /** Status or code of the last try; never the body of an answer. */
  readonly lastError: string | undefined;
  readonly createdAt: number;
  readonly doneAt: number | undefined;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  /** `whsec_...` of Standard Webhooks; the one before stays valid until `previousUntil`. */
  readonly secret: string;
  readonly previousSecret: string | undefined;
  readonly previousUntil: number | undefined;
  /** Types of events: `task.done`, `task.*`, or `*` for all. */
  readonly events: readonly string[];
  /** `task.done` carries the whole result, not only what the event says. */
  readonly fullResult: boolean;
  readonly enabled: boolean;
  readonly description: string | undefined;
  /** Cursor of the newest event when it was made: it is told of those after it, whatever the clock said of them. */
  readonly sinceCursor: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What the people of a team may be mailed about: events, by their types, and what their campaigns did in a day. */
export const teamTopics = [
  'campaign.created', 'campaign.started', 'campaign.paused', 'campaign.resumed', 'campaign.stalled', 'campaign.trouble', 'campaign.finished', 'campaign.stopped', 'digest',
] as const;
export type TeamTopic = (typeof teamTopics)[number];

/** People who are mailed about campaigns. */
export interface Team {
  readonly name: string;
  readonly people: readonly { readonly email: string; readonly name: string | undefined; readonly language: 'en' | 'zh'; /** `TeamTopic`s; empty is all. */ readonly about: readonly string[] }[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type OutboxEnd =
  | { readonly state: 'succeeded' }
  | { readonly state: 'retry_wait'; readonly nextAt: number; readonly error: string }
  | { readonly state: 'dead'; readonly error: string };

export interface OutboxStore {
  addWebhook(endpoint: WebhookEndpoint): Promise<void>;
  /**
   * Changes it as it is now, with nobody else at it meanwhile: `change` is asked in the
   * transaction, must be pure, and what it throws leaves all as it was. Undefined if there is none.
   */
  changeWebhook(id: string, change: (before: WebhookEndpoint) => Partial<Omit<WebhookEndpoint, 'id' | 'createdAt'>>): Promise<WebhookEndpoint | undefined>;
  getWebhook(id: string): Promise<WebhookEndpoint | undefined>;
  /** Oldest first; there are at most some hundred. */
  listWebhooks(): Promise<readonly WebhookEndpoint[]>;
  /** With what still waits for it. False if there is none. */
  deleteWebhook(id: string): Promise<boolean>;

  /** How far the list of events was turned into entries, for one reader by name; 0 at first. */
  fanOutCursor(reader: string): Promise<number>;
  /** A reader that is new begins behind the newest event; one that is known goes on where it was. */
  beginFanOut(reader: string): Promise<void>;
  /**
   * Makes the entries and moves the reader from `from` to `to`, in one transaction. False, and
   * nothing is done, if another node has moved it meanwhile.
   */
  fanOut(reader: string, from: number, to: number, entries: readonly NewOutboxEntry[]): Promise<boolean>;
  /** Entries that come from no event, a test for example. Those whose `dedupeKey` is known are left out. Returns how many were made. */
  addOutbox(entries: readonly NewOutboxEntry[]): Promise<number>;

  /**
   * Takes due entries and counts a try for each. Free are those whose earlier neighbours of the same
   * target and `orderKey` have succeeded or are dead; and those of a sender whose lease ran out.
   * `target`: of this one only.
   */
  claimOutbox(query: { readonly channel: OutboxChannel; readonly target?: string; readonly limit: number; readonly leaseMs: number }): Promise<readonly OutboxEntry[]>;
  /** False if the lease was lost: somebody else has the entry (`tries` is the fence). */
  finishOutbox(entry: Pick<OutboxEntry, 'id' | 'tries' | 'target' | 'orderKey'>, end: OutboxEnd): Promise<boolean>;
  /** When the next entry of this channel is due, ms; undefined if none waits. */
  nextOutboxAt(channel: OutboxChannel): Promise<number | undefined>;
  getOutbox(id: string): Promise<OutboxEntry | undefined>;
  listOutbox(query: { readonly channel: OutboxChannel; readonly target?: string; readonly state?: OutboxState; readonly cursor?: string; readonly limit: number }): Promise<Page<OutboxEntry>>;
  /** A dead or delivered entry again, from its first try on; false if it waits or runs already, or there is none. */
  requeueOutbox(id: string): Promise<boolean>;
  /** Forgets entries that ended before `before`; at most `limit`. Returns how many. */
  sweepOutbox(before: number, limit: number): Promise<number>;
}
