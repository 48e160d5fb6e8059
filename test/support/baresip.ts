import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stretch } from '../../src/audio/resample.js';
import { decodeWav, encodeWav } from '../../src/audio/wav.js';
import { systemClock } from '../../src/kernel/clock.js';
import { endWithTest } from './end-with-test.js';
import { freeMediaRange, holdPort, startOnFreePorts } from './ports.js';

const BARESIP = '/usr/bin/baresip';
const MODULES = '/usr/lib/baresip/modules';
const START_MS = 10_000;
/** It ends by itself, should nobody be left to end it: later than any test that waits for it. */
const QUITS_AFTER_S = 600;

export interface BaresipOptions {
  /** What its owner says, of `sampleRate`. */
  readonly speech: Int16Array;
  /** Hz of its microphone and loudspeaker; default 8000. */
  readonly sampleRate?: 8000 | 16000;
  /** As its account names it; default `PCMA`. */
  readonly codecs?: 'PCMA' | 'G722/16000/1' | 'opus/48000/2';
  /** Placed at once. Without it, it answers by itself. */
  readonly dial?: string;
  /** It rings until it gets the command `accept`. */
  readonly rings?: boolean;
  /** More of its account, e.g. `;dtmfmode=info`. */
  readonly account?: string;
}

/** A softphone that a person could use, with a file for a microphone. It records what it hears. */
export class Baresip {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #control: number;
  readonly #sampleRate: number;
  readonly #watchers = new Set<() => void>();
  #text = '';
  #over = false;

  private constructor(child: ChildProcess, directory: string, port: number, control: number, sampleRate: number) {
    this.#child = child;
    this.#sampleRate = sampleRate;
    this.#control = control;
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

  /** It also takes the TCP port above its own, at which nobody looks before. */
  static start(options: BaresipOptions): Promise<Baresip> {
    return startOnFreePorts(() => Baresip.#startOnce(options));
  }

  static async #startOnce(options: BaresipOptions): Promise<Baresip> {
    for (const path of [BARESIP, join(MODULES, 'aufile.so'), join(MODULES, 'aubridge.so'), join(MODULES, 'sndfile.so'), join(MODULES, 'ctrl_tcp.so'), join(MODULES, 'g722.so'), join(MODULES, 'opus.so'), join(MODULES, 'srtp.so')]) {
      if (!existsSync(path)) throw new Error(`${path} is missing: install baresip`);
    }
    const sampleRate = options.sampleRate ?? 8000;
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-baresip-'));
    mkdirSync(join(directory, 'heard'));
    writeFileSync(join(directory, 'speech.wav'), encodeWav({ sampleRate, channels: [options.speech] }));
    const rtp = await freeMediaRange(8);
    const [own, ownControl] = [await holdPort(), await holdPort()];
    const [port, control] = [own.port, ownControl.port];
    writeFileSync(join(directory, 'accounts'), `<sip:someone@127.0.0.1:${port}>;regint=0;answermode=${options.rings ? 'manual' : 'auto'};audio_codecs=${options.codecs ?? 'PCMA'}${options.account ?? ''}\n`);
    writeFileSync(join(directory, 'contacts'), '');
    writeFileSync(
      join(directory, 'config'),
      [
        `sip_listen 127.0.0.1:${port}`, 'sip_trans_def udp', 'net_interface 127.0.0.1',
        `rtp_ports ${rtp.port_min}-${rtp.port_max}`,
        // A loudspeaker that nobody listens to: without one it neither decodes nor sends.
        'audio_player aubridge,nobody', 'audio_alert aubridge,nobody', `audio_source aufile,${join(directory, 'speech.wav')}`,
        'audio_level no', `ausrc_srate ${sampleRate}`, `auplay_srate ${sampleRate}`, 'ausrc_channels 1', 'auplay_channels 1',
        `module_path ${MODULES}`, 'module aufile.so', 'module aubridge.so', 'module sndfile.so', 'module g711.so', 'module g722.so', 'module opus.so', 'module srtp.so', 'module_app account.so', 'module_app menu.so', 'module_app ctrl_tcp.so',
        `ctrl_tcp_listen 127.0.0.1:${control}`,
        `snd_path ${join(directory, 'heard')}`, '',
      ].join('\n'),
    );
    await Promise.all([own.release(), ownControl.release()]);
    const child = spawn(BARESIP, ['-f', directory, '-t', String(QUITS_AFTER_S), ...(options.dial === undefined ? [] : ['-e', `d ${options.dial}`])], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.once('close', endWithTest(() => void child.kill('SIGKILL')));
    const phone = new Baresip(child, directory, port, control, sampleRate);
    try {
      await phone.says(/baresip is ready/, START_MS);
    } catch (error) {
      await phone.stop();
      throw error;
    }
    return phone;
  }

  /** What its owner presses: `hold`, `resume`, `transfer`. Resolves with its answer. */
  command(command: string, params = ''): Promise<string> {
    const order = JSON.stringify({ command, params, token: 'test' });
    return new Promise((resolve, reject) => {
      const socket = connect(this.#control, '127.0.0.1', () => socket.write(`${order.length}:${order},`));
      const timer = systemClock.after(5_000, () => socket.destroy(new Error(`baresip did not answer ${command}`)));
      let text = '';
      socket.once('error', reject).once('close', () => timer.cancel());
      // It tells of its calls on the same connection.
      socket.on('data', (data) => {
        text += data.toString();
        if (!/"response"\s*:\s*true/.test(text)) return;
        socket.end();
        resolve(text);
      });
    });
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

  /** Ends it and gives what it heard, decoded by itself, at its `sampleRate`. */
  async recording(): Promise<Int16Array> {
    const [first] = await this.recordings();
    if (first === undefined) throw new Error(`baresip recorded nothing:\n${this.#text.slice(-3_000)}`);
    return first;
  }

  /** As `recording`, one for each of its calls. */
  async recordings(): Promise<Int16Array[]> {
    await this.#end();
    const folder = join(this.#directory, 'heard');
    const files = readdirSync(folder).filter((name) => name.endsWith('dec.wav')).sort();
    return files.map((file) => {
      const { sampleRate, channels } = decodeWav(readFileSync(join(folder, file)));
      // Of Opus it records what the codec gives it, 48 kHz.
      if ((sampleRate !== this.#sampleRate && sampleRate !== 48_000) || channels[0] === undefined) throw new Error(`baresip recorded at ${sampleRate} Hz`);
      return stretch(channels[0], sampleRate, this.#sampleRate);
    });
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
