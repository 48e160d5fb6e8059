import type { AudioCodec } from '../sdp/codecs.js';

/**
 * The way of a call's audio, stage by stage, as file and function: the page to open
 * when a call sounds wrong. Which stages a call has depends on its codec and its
 * encryption; a test keeps the files honest.
 */
export interface PipelineStage {
  readonly name: string;
  /** Path from the root of the project. */
  readonly file: string;
  readonly function: string;
  /** Only calls of this kind have it. */
  readonly only?: 'encrypted' | 'G.711' | 'G722' | 'OPUS' | 'wideband';
}

/** From the far end's packet to JavaScript. */
export const INBOUND: readonly PipelineStage[] = [
  { name: 'socket', file: 'native/core/net/udp-socket.cpp', function: 'UdpSocket::receive' },
  { name: 'SRTP', file: 'native/core/srtp/srtp-context.cpp', function: 'unprotect', only: 'encrypted' },
  { name: 'RTP parse', file: 'native/core/rtp/rtp-packet.cpp', function: 'parseRtp' },
  { name: 'source check', file: 'native/core/net/source-guard.cpp', function: 'SourceGuard::check' },
  { name: 'sequence', file: 'native/core/rtp/sequence-tracker.cpp', function: 'SequenceTracker::update' },
  { name: 'decode', file: 'native/core/codec/g711.cpp', function: 'g711Decode', only: 'G.711' },
  { name: 'decode in order', file: 'native/core/jitter/decode-queue.cpp', function: 'DecodeQueue::run', only: 'wideband' },
  { name: 'G.722', file: 'native/core/codec/g722.cpp', function: 'decode', only: 'G722' },
  { name: 'Opus', file: 'native/core/codec/opus.cpp', function: 'decode', only: 'OPUS' },
  { name: 'jitter buffer', file: 'native/core/jitter/jitter-buffer.cpp', function: 'JitterBuffer::pop' },
  { name: 'tick', file: 'native/core/engine/outbox.cpp', function: 'Outbox::publish' },
  { name: 'reader', file: 'src/media/native/tick-reader.ts', function: 'read' },
  { name: 'session', file: 'src/media/native/session.ts', function: 'onEngineFrame' },
];

/** From `play` to the far end. */
export const OUTBOUND: readonly PipelineStage[] = [
  { name: 'session', file: 'src/media/native/session.ts', function: 'play' },
  { name: 'resample', file: 'native/core/dsp/resampler.cpp', function: 'Resampler::convert' },
  { name: 'playout queue', file: 'native/core/playout/playout-queue.cpp', function: 'PlayoutQueue::next' },
  { name: 'encode', file: 'native/core/codec/g711.cpp', function: 'g711Encode', only: 'G.711' },
  { name: 'G.722', file: 'native/core/codec/g722.cpp', function: 'encode', only: 'G722' },
  { name: 'Opus', file: 'native/core/codec/opus.cpp', function: 'encode', only: 'OPUS' },
  { name: 'SRTP', file: 'native/core/srtp/srtp-context.cpp', function: 'protect', only: 'encrypted' },
  { name: 'paced send', file: 'native/core/engine/session.cpp', function: 'Session::sendFrame' },
];

/** What of a session the chain depends on. */
export interface PipelineSubject {
  readonly id: number;
  readonly localPort: number;
  readonly onHold: boolean;
  readonly encrypted?: boolean;
  /** Undefined: not negotiated yet. */
  readonly codec?: AudioCodec | undefined;
}

/** The stages that a session has. */
function stagesOf(stages: readonly PipelineStage[], { codec = 'PCMA', encrypted = false }: PipelineSubject): PipelineStage[] {
  const wideband = codec === 'G722' || codec === 'OPUS';
  const kinds = new Set<PipelineStage['only']>([undefined, codec === 'G722' || codec === 'OPUS' ? codec : 'G.711']);
  if (wideband) kinds.add('wideband');
  if (encrypted) kinds.add('encrypted');
  return stages.filter(({ only }) => kinds.has(only));
}

/** Both chains of a session in one line each, for logs. */
export function describePipeline(session: PipelineSubject): string {
  const chain = (stages: readonly PipelineStage[]): string => stagesOf(stages, session).map((stage) => stage.name).join(' > ');
  const hold = session.onHold ? ' (on hold)' : '';
  return `session ${session.id} port ${session.localPort}${hold}\n  in:  ${chain(INBOUND)}\n  out: ${chain(OUTBOUND)}`;
}
