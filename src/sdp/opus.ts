import type { SdpMedia } from './description.js';

/** What the far end wants to receive (RFC 7587 6.1); whatever it leaves out or garbles has the standard's default. */
export interface OpusPreferences {
  /** Bits a second, at most; undefined: we choose. */
  readonly maxAverageBitrate: number | undefined;
  /** Hz of its loudspeaker. */
  readonly maxPlaybackRate: number;
  /** It uses the repetition of a lost packet in the next one. */
  readonly useInbandFec: boolean;
  readonly constantBitrate: boolean;
}

/**
 * Ours: one channel of wideband speech, so that nobody spends bits on more. `stereo` and
 * `sprop-stereo` are 0 by default; saying so costs nothing and some ends ask for it.
 */
export const OPUS_FORMAT_PARAMETERS = 'maxplaybackrate=16000;sprop-maxcapturerate=16000;maxaveragebitrate=32000;stereo=0;sprop-stereo=0;useinbandfec=1;usedtx=1';

export function readOpusPreferences(media: SdpMedia, payloadType: number): OpusPreferences {
  const parameters = formatParameters(media, payloadType);
  const number = (name: string, least: number, most: number): number | undefined => {
    const text = parameters.get(name) ?? '';
    const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most ? value : undefined;
  };
  return {
    maxAverageBitrate: number('maxaveragebitrate', 6_000, 510_000),
    maxPlaybackRate: number('maxplaybackrate', 8_000, 48_000) ?? 48_000,
    useInbandFec: parameters.get('useinbandfec') === '1',
    constantBitrate: parameters.get('cbr') === '1',
  };
}

/** `a=fmtp:PT name=value;name=value` with lower-case names. */
function formatParameters(media: SdpMedia, payloadType: number): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of media.attributes) {
    const match = name === 'fmtp' ? /^(\d{1,3})\s+(.*)$/.exec(value ?? '') : null;
    if (match === null || Number(match[1]) !== payloadType) continue;
    for (const item of match[2]!.split(';')) {
      const [key = '', text = ''] = item.split('=');
      if (!found.has(key.trim().toLowerCase())) found.set(key.trim().toLowerCase(), text.trim());
    }
  }
  return found;
}
