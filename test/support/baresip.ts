import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav, encodeWav } from '../../src/audio/wav.js';
import { systemClock } from '../../src/kernel/clock.js';
import { freeMediaRange, freePort } from './server-process.js';

const BARESIP = '/usr/bin/baresip';
const MODULES = '/usr/lib/baresip/modules';
const START_MS = 10_000;

export interface BaresipOptions {
  /** What its owner says: 8 kHz. */
  readonly speech: Int16Array;
  /** Placed at once. Without it, it answers by itself. */
  readonly dial?: string;
}

/** A softphone that a person could use, with a file for a microphone. It records what it hears. */
export class Baresip {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #watchers = new Set<() => void>();
  #text = '';
  #over = false;

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child;
    this.#directory = directory;
    this.port = port;
    const read = (data: Buffer): void => {
      this.#text = (this.#text + data.toString()).slice(-100_000);
      this.#look();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('close', () => {
      this.#over = true;
      this.#look();
    });
  }

  /** It also takes the TCP port above its own, which may be someone's: then it tries elsewhere. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await Baresip.#startOnce(options);
      } catch (error) {
        if (attempt === 4 || !/Address already in use/.test((error as Error).message)) throw error;
      }
    }
  }

  static async #startOnce(options: BaresipOptions): Promise<Baresip> {
    for (const path of [BARESIP, join(MODULES, 'aufile.so'), join(MODULES, 'aubridge.so'), join(MODULES, 'sndfile.so')]) {
      if (!existsSync(path)) throw new Error(`${path} is missing: install baresip`);
    }
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-baresip-'));
    mkdirSync(join(directory, 'heard'));
    writeFileSync(join(directory, 'speech.wav'), encodeWav({ sampleRate: 8000, channels: [options.speech] }));
    const port = await freePort();
    const rtp = await freeMediaRange(4);
    writeFileSync(join(directory, 'accounts'), `<sip:someone@127.0.0.1:${port}>;regint=0;answermode=auto;audio_codecs=PCMA\n`);
    writeFileSync(join(directory, 'contacts'), '');
    writeFileSync(
      join(directory, 'config'),
      [
        `sip_listen 127.0.0.1:${port}`, 'sip_trans_def udp', 'net_interface 127.0.0.1',
        `rtp_ports ${rtp.port_min}-${rtp.port_max}`,
        // A loudspeaker that nobody listens to: without one it neither decodes nor sends.
        'audio_player aubridge,nobody', 'audio_alert aubridge,nobody', `audio_source aufile,${join(directory, 'speech.wav')}`,
        'audio_level no', 'ausrc_srate 8000', 'auplay_srate 8000', 'ausrc_channels 1', 'auplay_channels 1',
        `module_path ${MODULES}`, 'module aufile.so', 'module aubridge.so', 'module sndfile.so', 'module g711.so', 'module_app account.so', 'module_app menu.so',
        `snd_path ${join(directory, 'heard')}`, '',
      ].join('\n'),
    );
    const child = spawn(BARESIP, ['-f', directory, '-t', '90', ...(options.dial === undefined ? [] : ['-e', `d ${options.dial}`])], { stdio: ['ignore', 'pipe', 'pipe'] });
    const phone = new Baresip(child, directory, port);
    try {
      await phone.says(/baresip is ready/, START_MS);
    } catch (error) {
      await phone.stop();
      throw error;
    }
    return phone;
  }

  /** Waits for a line on its screen. */
  says(pattern: RegExp, limitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        timer.cancel();
        this.#watchers.delete(look);
      };
      const fail = (what: string): void => {
        settle();
        reject(new Error(`baresip ${what} ${String(pattern)}:\n${this.#text.slice(-3_000)}`));
      };
      const timer = systemClock.after(limitMs, () => fail(`did not say within ${limitMs} ms`));
      const look = (): void => {
        if (pattern.test(this.#text)) {
          settle();
          resolve();
        } else if (this.#over) fail('ended before');
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Ends it and gives what it heard, decoded by itself, 8 kHz. */
  async recording(): Promise<Int16Array> {
    await this.#end();
    const folder = join(this.#directory, 'heard');
    const file = readdirSync(folder).find((name) => name.endsWith('dec.wav'));
    if (file === undefined) throw new Error(`baresip recorded nothing:\n${this.#text.slice(-3_000)}`);
    const { sampleRate, channels } = decodeWav(readFileSync(join(folder, file)));
    if (sampleRate !== 8000 || channels[0] === undefined) throw new Error(`baresip recorded at ${sampleRate} Hz`);
    return channels[0];
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    if (this.#over) return;
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.kill('SIGTERM');
    const timer = systemClock.after(5_000, () => void this.#child.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }
}
