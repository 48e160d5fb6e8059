// One call's media: everything here but the marked fields belongs to the I/O thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "capture/rtp-capture.hpp"
#include "clock.hpp"
#include "codec/g711.hpp"
#include "codec/speech-codec.hpp"
#include "engine/events.hpp"
#include "engine/pi-mutex.hpp"
#include "engine/sent-audio.hpp"
#include "dsp/half-band.hpp"
#include "jitter/decode-queue.hpp"
#include "jitter/jitter-buffer.hpp"
#include "net/source-guard.hpp"
#include "net/udp-socket.hpp"
#include "playout/playout-queue.hpp"
#include "record/recorder.hpp"
#include "rtcp/rtcp-session.hpp"
#include "rtp/rtp-packet.hpp"
#include "rtp/sequence-tracker.hpp"
#include "rtp/telephone-event.hpp"
#include "srtp/srtp-context.hpp"
#include "stats/reception-stats.hpp"
#include "stats/session-stats.hpp"

namespace trunkline {

// What signalling agreed about the far end.
struct RemoteDescription {
  Endpoint rtp;
  Endpoint rtcp;
  // Both share a port (RFC 5761); `rtcp` means nothing then.
  bool rtcpMux = false;
  Codec codec = Codec::kPcma;
  // Numbers that we send with and that we receive; they differ only where an answer
  // renumbers our offer.
  uint8_t payloadType = 8;
  uint8_t receivePayloadType = 8;
  uint8_t comfortNoisePayloadType = 13;
  // Negative where there is none.
  int telephoneEventPayloadType = -1;
  int receiveTelephoneEventPayloadType = -1;
  // Units a second of an event's duration; that of the codec's clock, but for far ends
  // that have only one (RFC 4733 2.1).
  int telephoneEventClockRate = kSampleRate;
  CodecParameters parameters;
  // Audio in one packet of ours: 10 to kMaxPacketMs, whole steps of 10.
  int packetMs = kFrameMs;
  bool sends = true;     // we send
  bool receives = true;  // we expect to receive
  bool learn = false;
  // Ours and the far end's; without a suite RTP is plain.
  SrtpKey sendKey;
  SrtpKey receiveKey;
};

// Keys that changed with a description. They are expanded outside the I/O thread.
struct SrtpChange {
  bool sends = false;
  bool receives = false;
  std::unique_ptr<SrtpContext> send;
  std::unique_ptr<SrtpContext> receive;
};

struct SessionIdentity {
  uint32_t id;
  uint16_t port;
  uint32_t ssrc;
  uint16_t firstSequence;
  uint32_t firstTimestamp;
  uint64_t randomSeed;
};

// What a session reports to while it runs, on the I/O thread.
struct SessionOutput {
  std::vector<Event>* events;
  // Clips whose memory goes back to the thread that allocated it.
  std::vector<std::unique_ptr<Clip>>* spent;
};

// What all sessions together may read in one tick beyond what each may read anyway:
// a flood on some ports must not take the time of all others.
struct ReceiveBudget {
  int left = 4096;
};

class Session {
 public:
  Session(const SessionIdentity& identity, UdpSocket rtp, UdpSocket rtcp, Nanos timeout);

  // Commands.
  // `speech` takes the place of the one before if the codec changed.
  void configure(const RemoteDescription& remote, SrtpChange* keys, std::unique_ptr<SpeechCodec> speech, Nanos now);
  void play(std::unique_ptr<Clip> clip) { playout_.push(std::move(clip)); }
  void flush(const SessionOutput& output);
  void sendDigit(char digit, int durationMs, int gapMs) { digitsOut_.enqueue(digit, durationMs, gapMs); }
  void startRecording(std::shared_ptr<Recording> recording);
  void stopRecording();
  // Everything that waits is given up: clips, digits, the recording; RTCP BYE.
  void close(const SessionOutput& output, Nanos now);

  // One tick, in this order.
  void sendFrame(Nanos (*clock)(), const SessionOutput& output);
  // 10 ms after it, where `sendsBetweenTicks`.
  void sendBetweenTicks(Nanos (*clock)(), const SessionOutput& output);
  void receive(ReceiveBuffers* buffers, Nanos realtimeToMonotonic, Nanos now, ReceiveBudget* budget,
               const SessionOutput& output);
  // The far end's frame of this tick: 20 ms of `sampleRate`.
  void takeFrame(int16_t* out, Nanos now, const SessionOutput& output);
  int sampleRate() const { return rate_; }
  void receiveRtcp(ReceiveBuffers* buffers, Nanos realtimeToMonotonic, Nanos now);
  void sendRtcpIfDue(Nanos now);

  bool configured() const { return configured_; }
  // Packets of 10, 30 or 50 ms do not fall on the tick alone.
  bool sendsBetweenTicks() const { return configured_ && remote_.sends && remote_.packetMs % kFrameMs != 0; }
  uint32_t id() const { return identity_.id; }
  uint16_t port() const { return identity_.port; }
  int rtcpFd() const { return rtcpSocket_.fd(); }

  // Any thread.
  RtpCapture capture;

  // Any thread: as of the last tick.
  SessionStats stats();

  // Audio that the I/O thread sent or forgot so far, in units of 1/16 ms.
  std::atomic<int64_t> spentUnits{0};
  // JavaScript's thread only: audio that it queued so far, and how much that was at
  // the last flush.
  int64_t queuedUnits = 0;
  int64_t flushedAt = 0;
  // The keys as of the last description; they outlive descriptions that repeat them,
  // since counters and replay lists go on with them.
  SrtpKey sendKey;
  SrtpKey receiveKey;
  // The codec as of the last description.
  Codec describedCodec = Codec::kPcma;
  // The end of the last piece that was converted, at its own rate.
  std::vector<int16_t> resampleTail;
  int resampleRate = 0;
  int resampledTo = 0;

 private:
  // Strangers on a locked port, enough of them in one tick to crowd the far end out, are
  // left to the kernel; and looked at again once they are few.
  void shutOutStrangers(Nanos now);
  void letStrangersIn();
  void watchStrangers(Nanos now);
  void onDatagram(const Datagram& datagram, Nanos now, const SessionOutput& output);
  // An authentic packet, or a plain one of a plain call.
  void onRtp(const Datagram& datagram, Nanos now, const SessionOutput& output);
  // Takes the encryption off in place. False if the far end did not make this packet.
  bool authenticate(uint8_t* packet, size_t* size, bool rtcp);
  std::optional<Codec> codecOf(uint8_t payloadType) const;
  // False if the packet belongs to a source that is not believed yet.
  bool followSource(const RtpPacket& packet, int64_t* sequence);
  void onAudio(const RtpPacket& packet, int64_t sequence, Codec codec, Nanos arrival, Nanos now);
  void onRtcpDatagram(const Datagram& datagram, Nanos realtimeToMonotonic);
  // Codecs with a memory: into the queue, and decoded once it is its turn.
  void onSpeechPacket(const RtpPacket& packet, int64_t sequence, Nanos arrival, Nanos now);
  void restartReception();
  // Rates and codec of another description.
  void setFormat(const RemoteDescription& remote, std::unique_ptr<SpeechCodec> speech);
  void reportClips(Nanos sentAt, const SessionOutput& output);
  void reportDigit(const DtmfReceived& digit, Nanos now, const SessionOutput& output);
  bool maySend() const;
  // True if this tick belongs to a digit.
  bool sendDigit(uint32_t timestamp, const SessionOutput& output);
  // The packet whose audio begins at `timestamp`, unless an earlier one reaches beyond it.
  void sendAudio(uint32_t timestamp, Nanos (*clock)(), const SessionOutput& output);
  // Audio, or silence, into packet_; the bytes of it.
  size_t encode(const int16_t* samples, size_t count);
  size_t encodeSilence(size_t count);
  void sendPacket(uint8_t payloadType, bool marker, uint32_t timestamp, size_t payloadSize);
  // `packet` has kSrtpTrailer bytes of room behind it.
  void sendRtcp(uint8_t* packet, size_t size);
  void checkTimeout(Nanos now, const SessionOutput& output);
  void publishStats();
  int64_t lostPackets() const { return lostBefore_ + reception_.lost(sequence_); }

  const SessionIdentity identity_;
  UdpSocket rtpSocket_;
  UdpSocket rtcpSocket_;
  const Nanos timeout_;

  bool configured_ = false;
  RemoteDescription remote_;
  SourceGuard guard_;

  // Receiving.
  bool haveSsrc_ = false;
  uint32_t remoteSsrc_ = 0;
  uint32_t candidateSsrc_ = 0;
  bool haveCandidate_ = false;
  SequenceTracker sequence_;
  ReceptionStats reception_;
  JitterBuffer jitter_;
  TelephoneEventReceiver digitsIn_;
  Nanos lastRtp_ = 0;
  bool timedOut_ = false;
  int64_t received_ = 0;
  int64_t lostBefore_ = 0;
  int64_t expectedBefore_ = 0;
  int64_t late_ = 0;
  int64_t duplicate_ = 0;
  int64_t refused_ = 0;
  int64_t unauthenticated_ = 0;
  // While the kernel drops what strangers send.
  bool strangersShutOut_ = false;
  Nanos watchedAt_ = 0;
  uint32_t dropsBefore_ = 0;
  // Null for G.711; `decodes_` has what waits for it.
  std::unique_ptr<SpeechCodec> speech_;
  DecodeQueue decodes_;
  // G.711 in a wideband call.
  HalfBand widen_;
  // Of frames, clips and recording: by the codec that was agreed on.
  int rate_ = kSampleRate;
  // RTP timestamps in a millisecond of what we send.
  uint32_t clockPerMs_ = kSamplesPerMs;
  std::unique_ptr<SrtpContext> srtpReceive_;
  // The key before a change: its packets may still be on their way.
  std::unique_ptr<SrtpContext> srtpReceiveBefore_;

  // Sending.
  PlayoutQueue playout_;
  TelephoneEventSender digitsOut_;
  uint16_t txSequence_;
  uint32_t txTimestamp_;
  // Media time up to which audio has left.
  uint32_t sentUntil_;
  bool markNext_ = true;
  int64_t sent_ = 0;
  int64_t octetsSent_ = 0;
  std::unique_ptr<SrtpContext> srtpSend_;
  alignas(8) uint8_t packet_[kRtpHeaderSize + kMaxPayload + kSrtpTrailer];
  SentAudio sentAudio_;
  std::vector<ClipEvent> clipEvents_;

  RtcpSession rtcp_;
  std::shared_ptr<Recording> recording_;

  PiMutex statsMutex_;
  SessionStats published_;
};

}  // namespace trunkline
