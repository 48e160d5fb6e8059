import type { Clock } from '../../kernel/clock.js';
import { delay } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { Lifetime } from '../../kernel/lifetime.js';
import type { Random } from '../../kernel/random.js';
import type { MediaEngine, MediaSession, MediaSessionOptions } from '../media-session.js';
import { ForkServer } from './fork-server.js';
import type { Placing } from './leg.js';
import type { FreeswitchPool } from './pool.js';
import { FreeswitchSession } from './session.js';

/** How long closing waits for FreeSWITCH to take its BYEs, ms. */
const CLOSE_MS = 2_000;

/** What `freeswitch-conf` lets its legs speak; packets pass through, so each must be one of the native core's. */
const CARRIED: ReadonlySet<string> = new Set(['PCMA', 'PCMU', 'G722']);

export interface FreeswitchEngineParts {
  /** Started and closed by its owner. */
  readonly pool: FreeswitchPool;
  /** Carries the audio between FreeSWITCH and us; owned by this engine from now on. */
  readonly native: MediaEngine;
  /** Places the INVITEs of the legs. */
  readonly placing: Placing;
  /** Our address for the audio of a peer; undefined leaves it to the native core. */
  readonly mediaAddress?: (peer: string) => string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** A pool of FreeSWITCH servers as a `MediaEngine`: far ends talk to them, they to the native core. */
export class FreeswitchEngine implements MediaEngine {
  readonly #parts: FreeswitchEngineParts;
  readonly #forks: ForkServer;
  readonly #sessions = new Set<FreeswitchSession>();
  readonly #hangingUp = new Set<Promise<void>>();
  readonly #lifetime = new Lifetime();

  constructor(parts: FreeswitchEngineParts) {
    const { clock, random, native } = parts;
    this.#parts = parts;
    this.#forks = new ForkServer({ clock, random, address: '127.0.0.1' });
    this.#lifetime.onClose(() => native.close());
    this.#lifetime.onClose(() => this.#forks.close());
    this.#lifetime.onClose(() => this.#endSessions());
  }

  /** TRK_MEDIA_FREESWITCH_NONE besides those of the PORT. */
  createSession(options: MediaSessionOptions = {}): FreeswitchSession {
    if (this.#lifetime.closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The media engine' } });
    const { placing, random, pool } = this.#parts;
    const session = new FreeswitchSession({
      pool,
      placing,
      random,
      clock: this.#parts.clock,
      forks: this.#forks,
      options,
      openNative: (address) => this.#openNative(options, address),
      onClose: (closed, legsClosed) => this.#onSessionClosed(closed, legsClosed),
    });
    this.#sessions.add(session);
    return session;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Calls that can still be taken: by the servers, and by the ports of the native core. */
  get freePorts(): number {
    return Math.min(this.#parts.native.freePorts, this.#parts.pool.room);
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  #openNative(options: MediaSessionOptions, address: string): MediaSession {
    const announce = this.#parts.mediaAddress?.(address);
    const { ptimeMs } = options;
    const codecs = options.codecs?.filter((codec) => CARRIED.has(codec));
    // What else belongs to the far end is between it and FreeSWITCH; the stream to us is plain.
    return this.#parts.native.createSession({
      ...(announce === undefined ? {} : { announce }),
      ...(codecs === undefined ? {} : { codecs }),
      ...(ptimeMs === undefined ? {} : { ptimeMs }),
    });
  }

  #onSessionClosed(session: FreeswitchSession, legsClosed: Promise<void>): void {
    this.#sessions.delete(session);
    const done = legsClosed.finally(() => this.#hangingUp.delete(done));
    this.#hangingUp.add(done);
  }

  async #endSessions(): Promise<void> {
    for (const session of [...this.#sessions]) session.close();
    const stop = new AbortController();
    await Promise.race([Promise.all(this.#hangingUp), delay(this.#parts.clock, CLOSE_MS, stop.signal).catch(() => undefined)]);
    stop.abort(new Error('closed'));
  }
}
