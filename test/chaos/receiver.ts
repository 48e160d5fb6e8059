import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SeededRandom } from './random.js';

/** Part of the deliveries that are taken and answered with an error all the same, and of those that are broken off. */
const REFUSED = 0.05;
const BROKEN_OFF = 0.05;
/** Events that may end a task; `task.blocked` does where it brings a result. */
const ENDS = new Set(['task.done', 'task.cancelled', 'task.expired', 'task.unknown', 'task.blocked']);

export interface Told {
  readonly webhookId: string;
  readonly taskId: string;
  readonly resultId: string;
}

/** An integrator's receiver of webhooks, which is not always well: what it was told of the ends of tasks. */
export class WebhookReceiver {
  readonly told: Told[] = [];
  readonly #random: SeededRandom;
  readonly #server: Server;

  private constructor(random: SeededRandom) {
    this.#random = random;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const luck = this.#random.next();
        if (luck < BROKEN_OFF) return void request.socket.destroy();
        // Taken, although the sender will not hear of it and tells once more.
        this.#take(String(request.headers['webhook-id']), Buffer.concat(parts).toString());
        response.writeHead(luck < BROKEN_OFF + REFUSED ? 500 : 204).end();
      });
    });
  }

  static async start(random: SeededRandom): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(random);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/told`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(webhookId: string, body: string): void {
    const { type, data } = JSON.parse(body) as { type: string; data: { taskId?: string; resultId?: string } };
    if (ENDS.has(type) && data.taskId !== undefined && data.resultId !== undefined) this.told.push({ webhookId, taskId: data.taskId, resultId: data.resultId });
  }
}
