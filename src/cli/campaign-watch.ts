import { WebSocket } from 'ws';
import { delay, systemClock } from '../kernel/clock.js';
import { configFrom } from './arguments.js';
import type { CampaignOptions } from './campaign.js';
import { campaignProgress } from './campaign-table.js';
import type { LiveCampaign } from './campaign-table.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { KEY_VARIABLE, fetchFrom, serverUrl } from './server-client.js';

/** Figures are asked for when something happened, this often at most; and now and then where nothing does, ms. */
const OFTEN_MS = 1_000;
const SELDOM_MS = 10_000;
const MINUTE_MS = 60_000;

/** A live table, drawn anew when events tell of something, until the campaign is over. With --json a line each time. */
export async function watch(output: Output, id: string, options: CampaignOptions): Promise<number> {
  const url = serverUrl(configFrom(options.config), options);
  const news = new News(url);
  const dialled: { at: number; attempts: number }[] = [];
  let drawn = 0;
  try {
    for (;;) {
      const campaign = (await (await fetchFrom(url, `/v1/campaigns/${encodeURIComponent(id)}`)).json()) as LiveCampaign;
      const now = systemClock.monotonic();
      const attempts = campaign.progress?.attempts ?? 0;
      dialled.push({ at: now, attempts });
      while (now - (dialled[0]?.at ?? now) > MINUTE_MS) dialled.shift();
      if (output.json) output.out(JSON.stringify(campaign));
      else {
        const text = campaignProgress(campaign, attempts - (dialled[0]?.attempts ?? attempts));
        output.out(process.stdout.isTTY === true && drawn > 0 ? `\u001b[${drawn}A\u001b[J${text}` : text);
        drawn = text.split('\n').length;
      }
      if (campaign.state === 'finished' || campaign.state === 'stopped') return EXIT.ok;
      await delay(systemClock, OFTEN_MS);
      await news.next(SELDOM_MS);
    }
  } finally {
    news.close();
  }
}

/** Whether something happened; without the right to read events, or without a connection, only time passes. */
class News {
  readonly #socket: WebSocket;
  #fresh = false;
  #heard: (() => void) | undefined;

  constructor(url: string) {
    const key = process.env[KEY_VARIABLE];
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/events`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
    this.#socket.on('message', () => {
      this.#fresh = true;
      this.#heard?.();
    });
    this.#socket.on('error', () => undefined);
  }

  async next(limitMs: number): Promise<void> {
    if (!this.#fresh) {
      const over = new AbortController();
      await Promise.race([new Promise<void>((resolve) => (this.#heard = resolve)), delay(systemClock, limitMs, over.signal).catch(() => undefined)]);
      over.abort(new Error('heard'));
    }
    this.#fresh = false;
    this.#heard = undefined;
  }

  close(): void {
    this.#socket.terminate();
  }
}
