/**
 * Several SIP servers behind one `Signalling`: new calls go by weight to those that are
 * healthy, calls come in from any, and what was begun on one stays there.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { fraction, type Random } from '../../kernel/random.js';
import type { Dialog, IncomingCall, OutgoingCallRequest, Signalling, SignallingState, SipHeaders } from '../signalling.js';
import { OptionsWatch } from './options-watch.js';

/** A server as the pool needs it: the PORT, and what it tells of itself. */
export interface PooledSignalling extends Signalling {
  /** Dialogs of now. */
  readonly calls: number;
  /** Round trip of the last ping on its application port, ms. */
  readonly pingMs: number | undefined;
}

export interface PoolMember {
  /** Also in events and metrics. */
  readonly name: string;
  readonly signalling: PooledSignalling;
  /** Share of the new outgoing calls. */
  readonly weight: number;
  /** Takes no new calls, neither way; what runs goes on. */
  readonly drain: boolean;
}

export interface ServerStatus {
  readonly name: string;
  readonly state: SignallingState;
  /** Gets new calls. */
  readonly healthy: boolean;
  readonly drain: boolean;
  readonly weight: number;
  readonly calls: number;
  readonly pingMs: number | undefined;
}

export interface PoolOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** A server became able to take new calls, or lost it. `reason`: its state, or `options`. */
  readonly onServer?: (name: string, up: boolean, reason: string) => void;
}

type RequestOptions = Parameters<Signalling['request']>[2];
/** A caller is asked to come again; by then its proxy knows another server, s. */
const RETRY_AFTER_S = 30;

export class SignallingPool implements Signalling {
  private told: SignallingState = 'connecting';
  private closing: Promise<void> | undefined;
  private readonly listeners: Array<(state: SignallingState) => void> = [];
  private readonly up = new Map<PoolMember, boolean>();
  private readonly draining = new Set<PoolMember>();
  private readonly watch: OptionsWatch;

  constructor(
    private readonly members: readonly PoolMember[],
    private readonly options: PoolOptions,
  ) {
    for (const member of members) {
      if (member.drain) this.draining.add(member);
      this.up.set(member, false);
      member.signalling.onState((state) => this.changed(member, state));
    }
    this.watch = new OptionsWatch(members, options, (member) => this.changed(member, 'options'));
  }

  get state(): SignallingState {
    if (this.closing) return 'closed';
    const states = this.members.map(({ signalling }) => signalling.state);
    if (states.includes('connected')) return 'connected';
    return states.includes('lost') ? 'lost' : 'connecting';
  }

  get addresses(): readonly string[] {
    return [...new Set(this.members.flatMap(({ signalling }) => signalling.addresses))];
  }

  get servers(): readonly ServerStatus[] {
    return this.members.map((member) => {
      const { name, weight, signalling } = member;
      return { name, weight, state: signalling.state, healthy: this.healthy(member), drain: this.draining.has(member), calls: signalling.calls, pingMs: signalling.pingMs };
    });
  }

  /** Takes a server out of the spread of new calls, or puts it in again. False if there is none of that name. */
  setDrain(name: string, drain: boolean): boolean {
    const member = this.members.find((one) => one.name === name);
    if (!member) return false;
    if (drain) this.draining.add(member);
    else this.draining.delete(member);
    this.changed(member, drain ? 'drain' : member.signalling.state);
    return true;
  }

  onState(listener: (state: SignallingState) => void): void {
    this.listeners.push(listener);
  }

  /** Resolves with the first server; the others are tried on and on. */
  async start(): Promise<void> {
    const starting = this.members.map(({ signalling }) => signalling.start());
    try {
      await Promise.any(starting);
    } catch (error) {
      throw error instanceof AggregateError ? (error.errors as unknown[])[0] : error;
    }
    this.watch.start();
  }

  async place(request: OutgoingCallRequest): Promise<Dialog> {
    // No other server is tried after a failure: whether the INVITE left is not known then, and a dial is at most once.
    return await this.draw().place(request);
  }

  onInvite(handler: (call: IncomingCall) => void): void {
    for (const member of this.members) {
      member.signalling.onInvite((call) => {
        if (this.draining.has(member)) return void call.reject(503, { headers: { 'Retry-After': String(RETRY_AFTER_S) } });
        return handler(call);
      });
    }
  }

  onRequest(handler: Parameters<Signalling['onRequest']>[0]): void {
    for (const { signalling } of this.members) signalling.onRequest(handler);
  }

  async request(method: 'OPTIONS' | 'MESSAGE' | 'REGISTER', uri: string, options?: RequestOptions): Promise<{ status: number; headers: SipHeaders; body: string }> {
    // A binding names the server that made it, so refreshes of one Call-ID stay where they were as long as that lives.
    const server = method === 'REGISTER' ? this.steady(options?.headers?.['Call-ID'] ?? uri) : this.draw();
    return await server.request(method, uri, options);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    this.watch.stop();
    await Promise.all(this.members.map(({ signalling }) => signalling.close()));
    this.tell();
  }

  private healthy(member: PoolMember): boolean {
    return member.signalling.state === 'connected' && !this.draining.has(member) && !this.watch.isDead(member);
  }

  /** TRK_SIP_NOT_CONNECTED. */
  private candidates(): readonly PoolMember[] {
    const connected = this.members.filter(({ signalling }) => signalling.state === 'connected');
    const healthy = connected.filter((member) => this.healthy(member));
    if (healthy.length > 0) return healthy;
    // A server that does not answer OPTIONS may still be right where no other is left; one that drains may not.
    const last = connected.filter((member) => !this.draining.has(member));
    if (last.length === 0 || this.closing) throw new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: { status: 503, reason: 'no SIP server takes new calls' } });
    return last;
  }

  private draw(): Signalling {
    const candidates = this.candidates();
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    let mark = fraction(this.options.random) * total;
    const found = candidates.find(({ weight }) => (mark -= weight) < 0) ?? candidates[0];
    if (!found) throw new TrunklineError('TRK_SIP_NOT_CONNECTED');
    return found.signalling;
  }

  /** The same server for the same key, as long as the set of healthy ones allows (rendezvous hashing). */
  private steady(key: string): Signalling {
    const [found] = this.candidates()
      .map((member) => ({ member, rank: createHash('sha256').update(`${key}\n${member.name}`).digest('hex') }))
      .sort((left, right) => (left.rank < right.rank ? -1 : 1));
    if (!found) throw new TrunklineError('TRK_SIP_NOT_CONNECTED');
    return found.member.signalling;
  }

  private changed(member: PoolMember, reason: string): void {
    const up = this.healthy(member);
    if (this.up.get(member) !== up && !this.closing) {
      this.up.set(member, up);
      this.options.log[up ? 'info' : 'warn']({ server: member.name, up, reason }, up ? 'a SIP server takes calls' : 'a SIP server takes no new calls');
      this.options.onServer?.(member.name, up, reason);
    }
    this.tell();
  }

  private tell(): void {
    const { state } = this;
    if (state === this.told) return;
    this.told = state;
    for (const listener of this.listeners) listener(state);
  }
}
