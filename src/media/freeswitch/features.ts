import { TrunklineError } from '../../kernel/errors.js';
import type { CallLegs } from './call-legs.js';
import type { ForkFormat, ForkListener, ForkServer } from './fork-server.js';
import type { FreeswitchServer } from './server.js';

const DIGITS = /^[0-9*#A-D]{1,64}$/;
/** A path or a stream of FreeSWITCH, with nothing in it that its command parser would take for something else. */
const SOURCE = /^(?:tone_stream:\/\/|silence_stream:\/\/|file_string:\/\/|\/)[^\s'"`$\\|&]{1,500}$/;
const PATH = /^\/[^\s'"`$\\|&]{1,500}\.(?:wav|ul|al|raw)$/;
const CONFERENCE = /^[A-Za-z0-9_-]{1,64}$/;

export interface ConferenceOptions {
  /** The far end hears the others and is not heard. */
  readonly muted?: boolean;
}

/**
 * What FreeSWITCH can do with a call beyond the media PORT, on its own machine: files
 * are its files. Each resolves when FreeSWITCH has taken the command.
 * Errors: TRK_INVALID_REQUEST, TRK_MEDIA_FREESWITCH_REFUSED, TRK_MEDIA_FREESWITCH_DOWN.
 */
export class FreeswitchFeatures {
  readonly #server: FreeswitchServer;
  readonly #legs: CallLegs;
  readonly #forks: ForkServer;

  constructor(server: FreeswitchServer, legs: CallLegs, forks: ForkServer) {
    this.#server = server;
    this.#legs = legs;
    this.#forks = forks;
  }

  /** Plays a file or `tone_stream://` to the far end, which hears nothing else meanwhile. */
  async play(source: string): Promise<void> {
    check(SOURCE, source, 'source');
    await this.#server.command('a playout', `uuid_broadcast ${this.#legs.far.uuid} ${source} aleg`);
  }

  async stopPlaying(): Promise<void> {
    await this.#server.command('the end of a playout', `uuid_break ${this.#legs.far.uuid} all`);
  }

  /** Records both sides into one file. */
  async startRecording(path: string): Promise<void> {
    check(PATH, path, 'path');
    await this.#server.command('a recording', `uuid_record ${this.#legs.far.uuid} start ${path}`);
  }

  async stopRecording(path: string): Promise<void> {
    check(PATH, path, 'path');
    await this.#server.command('the end of a recording', `uuid_record ${this.#legs.far.uuid} stop ${path}`);
  }

  /** Digits made by FreeSWITCH, 100 ms each. `MediaSession.sendDtmf` has ours pass through it. */
  async sendDtmf(digits: string): Promise<void> {
    check(DIGITS, digits, 'digits');
    await this.#server.command('digits', `uuid_send_dtmf ${this.#legs.far.uuid} ${digits}@100`);
  }

  /** Far end and bot meet whoever else is, or comes, into the conference of this name on the same server. */
  async joinConference(name: string, options: ConferenceOptions = {}): Promise<void> {
    check(CONFERENCE, name, 'name');
    const flags = options.muted === true ? '+flags{mute}' : '';
    await this.#server.command('a conference', `uuid_transfer ${this.#legs.far.uuid} conference:${name}@trunkline${flags} inline`);
    await this.#server.command('a conference', `uuid_transfer ${this.#legs.near.uuid} conference:${name}@trunkline inline`);
  }

  /** Far end and bot are by themselves again. */
  async leaveConference(): Promise<void> {
    await this.#server.bridge(this.#legs.far.uuid, this.#legs.near.uuid);
  }

  /**
   * A copy of the call's audio for a listener, by mod_audio_fork: `mono` is the far end,
   * `mixed` both in one channel, `stereo` both apart. Returns what ends it.
   */
  async fork(listener: ForkListener, options: { mix?: 'mono' | 'mixed' | 'stereo'; sampleRate?: ForkFormat['sampleRate'] } = {}): Promise<() => Promise<void>> {
    const ticket = await this.#forks.expect(listener);
    const { uuid } = this.#legs.far;
    const bug = `trunkline_${ticket.url.slice(-8)}`;
    try {
      await this.#server.command('a fork of audio', `uuid_audio_fork ${uuid} start ${ticket.url} ${options.mix ?? 'mono'} ${options.sampleRate ?? 8000} ${bug} {}`);
    } catch (error) {
      ticket.close();
      throw error;
    }
    return async () => {
      // The call, and its stream with it, may be over.
      await this.#server.command('the end of a fork', `uuid_audio_fork ${uuid} stop ${bug}`).catch(() => undefined);
      ticket.close();
    };
  }
}

function check(pattern: RegExp, value: string, field: string): void {
  if (!pattern.test(value)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `not a ${field} that FreeSWITCH is given` }, field });
}
