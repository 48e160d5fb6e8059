import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav, encodeWav } from '../../src/audio/wav.js';
import { systemClock } from '../../src/kernel/clock.js';
import { endWithTest } from './end-with-test.js';
import { freeMediaRange, holdPort } from './ports.js';

const LINPHONE = '/usr/bin/linphonec';
const START_MS = 20_000;
const WAV_HEADER_BYTES = 44;

/** Linphone at its command line, with files for microphone and loudspeaker. */
export class Linphone {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #watchers = new Set<() => void>();
  #text = '';
  #clips = 0;
  #over = false;

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child;
    this.#directory = directory;
    this.port = port;
    const read = (data: Buffer): void => {
      this.#text = (this.#text + data.toString()).slice(-200_000);
      this.#look();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('close', () => {
      this.#over = true;
      this.#look();
    });
  }

  /** Answers by itself with `answers`. */
  static async start(options: { answers?: boolean } = {}): Promise<Linphone> {
    if (!existsSync(LINPHONE)) throw new Error(`${LINPHONE} is missing: install linphone-cli`);
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-linphone-'));
    // Without the folder of its database it starts, and opens no port.
    mkdirSync(join(directory, '.local/share/linphone'), { recursive: true });
    const rtp = await freeMediaRange(4);
    const held = await holdPort();
    const { port } = held;
    writeFileSync(
      join(directory, 'settings'),
      [
        '[sip]', `sip_port=${port}`, 'sip_tcp_port=0', 'sip_tls_port=0', 'bind_address=127.0.0.1', 'use_info=0', 'use_rfc2833=1', 'media_encryption=none',
        '[net]', 'firewall_policy=0', 'mtu=0', '[rtp]', `audio_rtp_port=${rtp.port_min}`,
        '[audio_codec_0]', 'mime=PCMA', 'rate=8000', 'enabled=1', '[video]', 'enabled=0', 'capture=0', 'display=0', 'automatically_initiate=0', '',
      ].join('\n'),
    );
    await held.release();
    const child = spawn(LINPHONE, ['-c', join(directory, 'settings'), ...(options.answers === true ? ['-a'] : [])], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, HOME: directory } });
    child.once('close', endWithTest(() => void child.kill('SIGKILL')));
    const phone = new Linphone(child, directory, port);
    try {
      await phone.says(/linphonec>/, START_MS);
      // It would announce an IPv6 address of the machine even to the loopback.
      phone.type('ipv6 disable');
      phone.type('soundcard use files');
      await phone.says(/Using wav files/, START_MS);
      phone.type(`record ${join(directory, 'heard.wav')}`);
    } catch (error) {
      await phone.stop();
      throw error;
    }
    return phone;
  }

  /** One line at its prompt; digits alone are pressed on the keypad of a call. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Speaks, 8 kHz, in place of what it was saying. */
  say(samples: Int16Array): void {
    const path = join(this.#directory, `said-${(this.#clips += 1)}.wav`);
    writeFileSync(path, encodeWav({ sampleRate: 8000, channels: [samples] }));
    this.type(`play ${path}`);
  }

  /** Where its screen is now, for `says`. */
  get mark(): number {
    return this.#text.length;
  }

  /** Waits for a line on its screen, after `mark`. */
  says(pattern: RegExp, limitMs: number, mark = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        timer.cancel();
        this.#watchers.delete(look);
      };
      const fail = (what: string): void => {
        settle();
        reject(new Error(`linphone ${what} ${String(pattern)}:\n${this.#text.slice(-3_000)}`));
      };
      const timer = systemClock.after(limitMs, () => fail(`did not say within ${limitMs} ms`));
      const look = (): void => {
        if (pattern.test(this.#text.slice(mark))) {
          settle();
          resolve();
        } else if (this.#over) fail('ended before');
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Ends it and gives what it heard, 8 kHz. */
  async recording(): Promise<Int16Array> {
    await this.#end();
    const bytes = readFileSync(join(this.#directory, 'heard.wav'));
    // Linphone counts the header as audio.
    bytes.writeUInt32LE(bytes.length - WAV_HEADER_BYTES, WAV_HEADER_BYTES - 4);
    const { sampleRate, channels } = decodeWav(bytes);
    if (sampleRate !== 8000 || channels[0] === undefined) throw new Error(`linphone recorded at ${sampleRate} Hz`);
    return channels[0];
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    if (this.#over) return;
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.type('quit');
    const timer = systemClock.after(5_000, () => void this.#child.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }
}
