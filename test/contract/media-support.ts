import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { Audio } from '../../src/audio/frame.js';
import type { MediaEngine, MediaEngineOptions, MediaSession, MediaSessionOptions } from '../../src/media/media-session.js';
import { freeMediaPorts } from '../support/ports.js';
import { RtpFarEnd, linearToUlaw, ulawToLinear } from '../media/rtp-far-end.js';

export type MakeEngine = (options: MediaEngineOptions) => MediaEngine;

/** Nothing of the tests needs more. */
export const RANGE = { address: '127.0.0.1', ...(await freeMediaPorts(100)), timeoutMs: 0 };

export interface Call {
  readonly engine: MediaEngine;
  readonly session: MediaSession;
  readonly far: RtpFarEnd;
}

/** A ramp that no two places share, above the noise of the codec. */
export function ramp(samples: number, first = 0): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => 1000 + (first + i) * 8);
}

export function pcm(samples: Int16Array, sampleRate: Audio['sampleRate'] = 8000): Audio {
  return { sampleRate, samples };
}

/** What the far end hears of linear audio: each sample as its mu-law value. */
export function quantised(samples: Int16Array): number[] {
  return [...samples].map((sample) => ulawToLinear(linearToUlaw(sample)));
}

/** `audio` from its first sample that is not silence. */
export function fromFirstSound(audio: Int16Array): number[] {
  const start = audio.findIndex((sample) => sample !== 0);
  return start < 0 ? [] : [...audio.subarray(start)];
}

/** Opens an engine with one answered call; both end with the test. */
export type OpenCall = (test: Test, options?: Partial<MediaEngineOptions>, session?: MediaSessionOptions, sdp?: Parameters<RtpFarEnd['sdp']>[0]) => Promise<Call>;

export function callOpener(makeEngine: MakeEngine): OpenCall {
  return async (test, options = {}, session = {}, sdp = {}) => {
    const engine = makeEngine({ ...RANGE, ...options });
    const far = await RtpFarEnd.open();
    test.teardown(async () => {
      await engine.close();
      far.close();
    });
    const opened = engine.createSession({ codecs: ['PCMU', 'PCMA'], ...session });
    await opened.createOffer();
    await opened.acceptAnswer(far.sdp(sdp));
    return { engine, session: opened, far };
  };
}

/** Left and right channel of a WAV file, its header checked. */
export function readStereo(test: Test, path: string, sampleRate = 8000): { left: number[]; right: number[] } {
  const file = readFileSync(path);
  test.equal(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  test.same([file.readUInt16LE(22), file.readUInt32LE(24), file.readUInt16LE(34)], [2, sampleRate, 16]);
  test.equal(file.readUInt32LE(40), file.length - 44);
  const frames = Array.from({ length: (file.length - 44) / 4 }, (_, i) => 44 + i * 4);
  return { left: frames.map((at) => file.readInt16LE(at)), right: frames.map((at) => file.readInt16LE(at + 2)) };
}

export function tone(hz: number, ms: number, sampleRate: Audio['sampleRate']): Audio {
  const samples = Int16Array.from({ length: (ms * sampleRate) / 1000 }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / sampleRate)));
  return { sampleRate, samples };
}

/** How much of the audio's power is at `hz`, 0 to 1 (Goertzel), without its first and last 40 ms. */
export function purity(samples: readonly number[], hz: number, sampleRate: number): number {
  const edge = (40 * sampleRate) / 1000;
  const middle = samples.slice(edge, samples.length - edge);
  let real = 0;
  let imaginary = 0;
  let power = 0;
  middle.forEach((sample, i) => {
    real += sample * Math.cos((2 * Math.PI * hz * i) / sampleRate);
    imaginary += sample * Math.sin((2 * Math.PI * hz * i) / sampleRate);
    power += sample * sample;
  });
  return power === 0 ? 0 : (2 * (real * real + imaginary * imaginary)) / (middle.length * power);
}

/** From the first loud sample to the last. */
export function loudPart(samples: readonly number[]): number[] {
  const loud = (sample: number): boolean => Math.abs(sample) > 2000;
  return samples.slice(samples.findIndex(loud), samples.findLastIndex(loud) + 1);
}
