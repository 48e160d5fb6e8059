import type { Config } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import type { Random } from './kernel/random.js';
import { FreeswitchEngine } from './media/freeswitch/engine.js';
import { FreeswitchPool } from './media/freeswitch/pool.js';
import type { Placing } from './media/freeswitch/leg.js';
import type { MediaEngine } from './media/media-session.js';
import { NativeEngine } from './media/native/engine.js';
import { LocalAddresses, isAnyAddress } from './sip/embedded/transport/addresses.js';

export interface StartedMedia {
  readonly engine: MediaEngine;
  /** To be called once signalling stands: FreeSWITCH is called by SIP. Resolves when each server was tried once. */
  readonly connect: (signalling: Placing) => Promise<void>;
}

/** The engine that carries the audio of calls. TRK_MEDIA_FREESWITCH_PASSWORD. */
export function startMedia(config: Config, parts: { clock: Clock; random: Random; log: Logger }, lifetime: Lifetime): StartedMedia {
  const { address, port_min: portMin, port_max: portMax, timeout_ms: timeoutMs, external_address: external } = config.media;
  const behindFreeswitch = config.media.engine === 'freeswitch';
  // An address for the outside is none for a FreeSWITCH of ours: it may not reach us by it.
  const announced = external === undefined || behindFreeswitch ? {} : { externalAddress: external };
  const native = new NativeEngine({ address, portMin, portMax, timeoutMs, ...announced }, parts.random);
  if (!behindFreeswitch) {
    lifetime.onClose(() => native.close());
    return { engine: native, connect: () => Promise.resolve() };
  }
  const pool = new FreeswitchPool(
    config.freeswitch.map(({ name, host, port, password, weight, max_sessions: maxSessions, drain }) => ({ name: name ?? `${host}:${port}`, host, port, password, weight, maxSessions, drain })),
    parts,
  );
  let placing: Placing | undefined;
  const engine = new FreeswitchEngine({
    pool,
    native,
    placing: {
      place: (request) => {
        if (placing === undefined) throw new RangeError('a call before signalling stands');
        return placing.place(request);
      },
    },
    ...parts,
    mediaAddress: localAddresses(address, parts.clock),
  });
  lifetime.onClose(() => pool.close());
  lifetime.onClose(() => engine.close());
  return {
    engine,
    connect: (signalling) => {
      placing = signalling;
      return pool.start();
    },
  };
}

/**
 * RTP sockets on 0.0.0.0 must not be announced so: to the far end c=0.0.0.0 is a call on
 * hold (RFC 3264 8.4), and a telephone that obeys sends nothing. Each peer is told the
 * address by which it reaches us, or its audio would come from another one than its SDP says.
 */
export function mediaAddresses(config: Config, clock: Clock): (peer: string) => string | undefined {
  const { address, external_address } = config.media;
  return external_address === undefined ? localAddresses(address, clock) : () => undefined;
}

function localAddresses(address: string, clock: Clock): (peer: string) => string | undefined {
  if (!isAnyAddress(address)) return () => undefined;
  const local = new LocalAddresses(clock);
  return (peer) => local.towards(peer);
}
