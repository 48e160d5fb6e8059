import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../../audio/wav.js';
import { systemClock } from '../../kernel/clock.js';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { hex, systemRandom } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';
import { Ledger } from './ledger.js';
import { ALLOW, PhoneCall } from './phone-call.js';
import type { CallContext } from './phone-call.js';
import type { PhoneEvent } from './phone-event.js';
import { RtpClient } from './rtp-client.js';
import { talkScript } from './script-file.js';
import type { PhoneScript } from './script-file.js';
import { SipEndpoint, peerOf } from './sip-endpoint.js';
import type { ServerTransaction } from './sip-endpoint.js';
import { header, parameter, parseTarget } from './sip-message.js';
import type { FromThread } from './thread-messages.js';

export interface PhoneOptions {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** A call follows the script of its user part, else the next one without a user. */
  readonly scripts: readonly PhoneScript[];
  /** Where stereo WAVs go: left is what was heard, right what was said. */
  readonly recordDirectory?: string;
  readonly ledger?: string;
  readonly onEvent: (event: PhoneEvent) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

interface Running {
  readonly call: PhoneCall;
  ended: { by: 'bot' | 'caller' | 'system'; status: number; reason: string } | undefined;
  establishedAt: number | undefined;
}

/** A SIP telephone with a voice, for many calls at once. */
export class Phone {
  readonly #options: PhoneOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #rtp: RtpClient;
  readonly #calls = new Map<string, Running>();
  /** INVITEs that wait for their RTP port, to be cancelled meanwhile. */
  readonly #arriving = new Map<string, ServerTransaction | undefined>();
  readonly #idle: (() => void)[] = [];
  #endpoint!: SipEndpoint;
  #turn = 0;
  #recordings = 0;

  private constructor(options: PhoneOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#ledger = new Ledger(options.ledger);
    if (options.recordDirectory !== undefined) mkdirSync(options.recordDirectory, { recursive: true });
    this.#rtp = new RtpClient(
      (message) => this.#onThread(message),
      (error) => {
        throw error;
      },
    );
  }

  /** TRK_PORT_IN_USE, TRK_USAGE without a script. */
  static async open(options: PhoneOptions): Promise<Phone> {
    if (options.scripts.length === 0) throw new TrunklineError('TRK_USAGE', { params: { reason: 'A phone needs a script.' } });
    const phone = new Phone(options);
    try {
      phone.#endpoint = await SipEndpoint.open(options.address, options.port, phone.#clock, phone.#random, {
        onRequest: (transaction) => phone.#onRequest(transaction),
        onAck: (request, atMs) => phone.#calls.get(header(request, 'call-id'))?.call.onAck(request, atMs),
        onRepetition: (request) => phone.#note('repetition', header(request, 'call-id'), 'in'),
      });
    } catch (error) {
      await phone.#rtp.close();
      throw error;
    }
    return phone;
  }

  get port(): number {
    return this.#endpoint.address.port;
  }

  /** Calls that live. */
  get calls(): number {
    return this.#calls.size;
  }

  /** Calls `target`; resolves with its Call-ID when the INVITE has left. TRK_SIP_URI, TRK_MEDIA_PORTS_EXHAUSTED. */
  async place(target: string): Promise<string> {
    const peer = peerOf(target);
    if (peer === undefined) throw new TrunklineError('TRK_SIP_URI');
    const id = `${hex(this.#random, 12)}@phone`;
    const script = this.#scriptFor(undefined);
    const context = await this.#context(id, script);
    if (context === undefined) throw new TrunklineError('TRK_MEDIA_PORTS_EXHAUSTED');
    this.#note('invite', id, 'out', parseTarget(target)?.user);
    this.#event('invite', id, script.name);
    this.#calls.set(id, { call: PhoneCall.place(context, id, target, peer), ended: undefined, establishedAt: undefined });
    return id;
  }

  /** Ends every call and resolves when the last is gone; then frees everything. */
  async close(): Promise<void> {
    for (const { call } of this.#calls.values()) call.hangUp('caller', 'phone closes');
    if (this.#calls.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
        // A far end that is gone never answers our CANCEL.
        this.#clock.after(1000, resolve, { keepAlive: false });
      });
    }
    this.#endpoint.close();
    await this.#rtp.close();
    this.#ledger.close();
  }

  #onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const id = header(request, 'call-id');
    const running = this.#calls.get(id);
    if (running !== undefined && running.ended === undefined) return running.call.onRequest(transaction);
    if (request.method === 'CANCEL' && this.#arriving.has(id)) {
      transaction.respond(200, 'OK');
      this.#arriving.get(id)?.respond(487, 'Request Terminated');
      this.#arriving.set(id, undefined);
      return;
    }
    if (request.method === 'OPTIONS') return transaction.respond(200, 'OK', { headers: [ALLOW] });
    if (request.method === 'INVITE' && parameter(header(request, 'to'), 'tag') === undefined) return void this.#onInvite(transaction, id);
    // RFC 3261 12.2.2: a request within a dialog that is not ours.
    transaction.respond(481, 'Call/Transaction Does Not Exist');
  }

  async #onInvite(transaction: ServerTransaction, id: string): Promise<void> {
    const user = parseTarget(transaction.request.uri)?.user;
    const script = this.#scriptFor(user);
    this.#note('invite', id, 'in', user);
    this.#event('invite', id, script.name);
    transaction.respond(100, 'Trying');
    const refuse = (status: number, reason: string): void => {
      transaction.respond(status, reason);
      this.#ledger.write({ at: this.#now(), kind: 'result', call: id, direction: 'in', status, by: 'caller', durationMs: 0 });
      this.#event('ended', id, script.name, { status, by: 'caller', reason, durationMs: 0 });
    };
    if (script.file.reject !== undefined) return refuse(script.file.reject, 'Refused');
    this.#arriving.set(id, transaction);
    const context = await this.#context(id, script);
    const cancelled = this.#arriving.get(id) === undefined;
    this.#arriving.delete(id);
    if (context === undefined) return refuse(503, 'Service Unavailable');
    if (cancelled) {
      this.#rtp.send({ type: 'close', call: id });
      this.#ledger.write({ at: this.#now(), kind: 'result', call: id, direction: 'in', status: 487, by: 'bot', durationMs: 0 });
      return this.#event('ended', id, script.name, { status: 487, by: 'bot', reason: 'cancelled', durationMs: 0 });
    }
    this.#calls.set(id, { call: PhoneCall.receive(context, transaction), ended: undefined, establishedAt: undefined });
  }

  async #context(id: string, script: PhoneScript): Promise<CallContext | undefined> {
    const record = this.#options.recordDirectory !== undefined;
    const rtpPort = await this.#rtp.open({ call: id, address: this.#options.address, script: talkScript(script, this.#random), record });
    if (rtpPort === undefined) return undefined;
    return {
      endpoint: this.#endpoint,
      script,
      rtpPort,
      after: (ms, run) => this.#clock.after(ms, run),
      monotonic: () => this.#clock.monotonic(),
      listener: {
        onRinging: (call) => this.#event('ringing', call.id, script.name),
        onAnswered: (call) => this.#event('answered', call.id, script.name),
        onNegotiated: (call, remote) => this.#rtp.send({ type: 'negotiated', call: call.id, remote }),
        onEstablished: (call, atMs) => {
          this.#rtp.send({ type: 'established', call: call.id, atMs });
          this.#calls.get(call.id)!.establishedAt = atMs;
          this.#event('established', call.id, script.name);
        },
        onEnded: (call, how) => {
          this.#calls.get(call.id)!.ended = how;
          this.#rtp.send({ type: 'close', call: call.id });
        },
      },
    };
  }

  #onThread(message: FromThread): void {
    const running = this.#calls.get(message.call);
    if (running === undefined || message.type === 'opened' || message.type === 'failed') return;
    const { name } = running.call.script;
    if (message.type === 'talk') {
      this.#event(message.event.event, message.call, name, message.event);
      if (message.event.event === 'hangup') running.call.hangUp('caller', message.event.reason);
    } else if (message.type === 'digit') {
      this.#event('digit', message.call, name, { digit: message.digit, atMs: message.atMs });
    } else {
      this.#onClosed(running, message);
    }
  }

  #onClosed(running: Running, message: FromThread & { type: 'closed' }): void {
    const { call, ended, establishedAt } = running;
    const durationMs = establishedAt === undefined ? 0 : Math.round(this.#clock.monotonic() - establishedAt);
    const recording = this.#record(call.id, message.heard, message.said);
    const { by, status, reason } = ended!;
    this.#calls.delete(call.id);
    this.#ledger.write({ at: this.#now(), kind: 'result', call: call.id, direction: call.direction, status, by, durationMs });
    this.#event('ended', call.id, call.script.name, { by, status, reason, durationMs, stats: message.stats, ...(recording === undefined ? {} : { recording }) });
    if (this.#calls.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #record(id: string, heard: Int16Array, said: Int16Array): string | undefined {
    const directory = this.#options.recordDirectory;
    if (directory === undefined || heard.length + said.length === 0) return undefined;
    // The Call-ID is the far end's text; only harmless characters of it become part of a path.
    const path = join(directory, `${String(++this.#recordings).padStart(4, '0')}-${id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 80)}.wav`);
    writeFileSync(path, encodeWav({ sampleRate: 8000, channels: [heard, said] }));
    return path;
  }

  #scriptFor(user: string | undefined): PhoneScript {
    const { scripts } = this.#options;
    const own = user === undefined ? undefined : scripts.find((script) => script.file.user === user);
    const open = scripts.filter((script) => script.file.user === undefined);
    const choice = open.length > 0 ? open : scripts;
    return own ?? choice[this.#turn++ % choice.length]!;
  }

  #note(kind: 'invite' | 'repetition', call: string, direction: 'in' | 'out', to?: string): void {
    this.#ledger.write({ at: this.#now(), kind, call, direction, ...(to === undefined ? {} : { to }) });
  }

  #event(event: PhoneEvent['event'], call: string, script: string, more: Partial<PhoneEvent> = {}): void {
    this.#options.onEvent({ at: this.#now(), atMs: this.#clock.monotonic(), ...more, event, call, script });
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
