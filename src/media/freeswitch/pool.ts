import { TrunklineError } from '../../kernel/errors.js';
import { checkPassword } from './options.js';
import type { FreeswitchServerOptions } from './options.js';
import { FreeswitchServer } from './server.js';
import type { Carried, ServerParts, ServerStatus } from './server.js';

/** Several FreeSWITCH servers as one: who is well gets the next call by weight. */
export class FreeswitchPool {
  readonly #servers: readonly FreeswitchServer[];

  /** TRK_MEDIA_FREESWITCH_PASSWORD; TRK_CONFIG_INVALID for no server or two of one name. */
  constructor(servers: readonly FreeswitchServerOptions[], parts: ServerParts) {
    const invalid = (reason: string): TrunklineError => new TrunklineError('TRK_CONFIG_INVALID', { params: { reason }, field: 'freeswitch' });
    if (servers.length === 0) throw invalid('media.engine is freeswitch and no server is named');
    if (new Set(servers.map(({ name }) => name)).size !== servers.length) throw invalid('two FreeSWITCH servers have one name');
    servers.forEach((server, index) => checkPassword(server.password, `freeswitch.${index}.password`));
    this.#servers = servers.map((server) => new FreeswitchServer(server, parts));
  }

  /** Resolves when each server was tried once. A server that is down is tried again for ever. */
  async start(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.start()));
  }

  get status(): readonly ServerStatus[] {
    return this.#servers.map((server) => server.status);
  }

  /** Free places of all servers that are well. */
  get room(): number {
    return this.#servers.reduce((sum, server) => sum + server.room, 0);
  }

  /** Puts a call on the server that has least to do for its weight. TRK_MEDIA_FREESWITCH_NONE. */
  take(call: Carried, except?: FreeswitchServer): FreeswitchServer {
    const load = (server: FreeswitchServer): number => (server.sessions + 1) / server.options.weight;
    let best: FreeswitchServer | undefined;
    for (const server of this.#servers) {
      if (server.room > 0 && server !== except && (best === undefined || load(server) < load(best))) best = server;
    }
    if (best === undefined) throw new TrunklineError('TRK_MEDIA_FREESWITCH_NONE', { params: { reason: this.#why() } });
    best.take(call);
    return best;
  }

  /** False if there is no server of this name. */
  drain(name: string, draining = true): boolean {
    const server = this.#servers.find((one) => one.name === name);
    if (server !== undefined) server.draining = draining;
    return server !== undefined;
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  #why(): string {
    return this.#servers.map((server) => `${server.name} is ${server.state !== 'up' ? server.state : server.draining ? 'drained' : 'full'}`).join(', ');
  }
}
