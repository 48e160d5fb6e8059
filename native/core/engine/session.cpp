#include "engine/session.hpp"

#include <algorithm>
#include <cstring>

namespace trunkline {
namespace {

// Longest audio payload that is decoded, 200 ms; nothing negotiated needs more.
constexpr size_t kMaxAudioPayload = 1600;
// Datagrams looked at in one tick on one port; the rest waits in the kernel, whose
// buffer bounds it.
constexpr int kMaxDatagramsPerTick = 64;

}  // namespace

Session::Session(const SessionIdentity& identity, UdpSocket rtp, UdpSocket rtcp, Nanos timeout)
    : identity_(identity),
      rtpSocket_(std::move(rtp)),
      rtcpSocket_(std::move(rtcp)),
      timeout_(timeout),
      txSequence_(identity.firstSequence),
      txTimestamp_(identity.firstTimestamp),
      sentUntil_(identity.firstTimestamp),
      rtcp_(identity.ssrc, identity.randomSeed) {}

void Session::configure(const RemoteDescription& remote, SrtpChange* keys, std::unique_ptr<SpeechCodec> speech,
                        Nanos now) {
  const bool resumed = remote.sends && !(configured_ && remote_.sends);
  if (resumed) markNext_ = true;
  if (!configured_ || (remote.receives && !remote_.receives)) {
    lastRtp_ = now;
    timedOut_ = false;
  }
  if (remote.packetMs != remote_.packetMs) sentAudio_.start(remote.packetMs % kFrameMs != 0);
  if (keys->sends) srtpSend_ = std::move(keys->send);
  if (keys->receives) {
    // Nothing plain is taken behind a change to encryption.
    srtpReceiveBefore_ = keys->receive ? std::move(srtpReceive_) : nullptr;
    srtpReceive_ = std::move(keys->receive);
  }
  if (remote.codec != remote_.codec) speech_ = std::move(speech);
  remote_ = remote;
  guard_.negotiate(remote.rtp, remote.learn);
  configured_ = true;
  rtcp_.start(now);
}

void Session::flush(const SessionOutput& output) {
  const int64_t before = playout_.queuedSamples();
  playout_.flush(&clipEvents_, output.spent);
  spentSamples.fetch_add(before, std::memory_order_relaxed);
  reportClips(0, output);
}

void Session::startRecording(std::shared_ptr<Recording> recording) {
  stopRecording();
  sentAudio_.start(remote_.packetMs % kFrameMs != 0);
  recording_ = std::move(recording);
}

void Session::stopRecording() {
  if (recording_) recording_->finish();
  recording_.reset();
}

void Session::close(const SessionOutput& output, Nanos now) {
  flush(output);
  stopRecording();
  digitsOut_.clear();
  if (configured_ && sent_ > 0) {
    alignas(8) uint8_t packet[kMaxRtcpSize + kSrtpTrailer];
    const SenderInfo sender{0, txTimestamp_, static_cast<uint32_t>(sent_), static_cast<uint32_t>(octetsSent_)};
    const size_t size = rtcp_.write(packet, now, readClock(CLOCK_REALTIME), true, sender, nullptr, true);
    sendRtcp(packet, size);
  }
  rtpSocket_.close();
  rtcpSocket_.close();
  output.events->push_back({EventKind::kClosed, identity_.id, 0, 0, 0});
}

void Session::sendPacket(uint8_t payloadType, bool marker, uint32_t timestamp, size_t payloadSize) {
  writeRtpHeader(packet_, payloadType, marker, txSequence_++, timestamp, identity_.ssrc);
  size_t size = kRtpHeaderSize + payloadSize;
  if (srtpSend_ && !srtpSend_->protect(packet_, &size)) return;
  if (rtpSocket_.sendTo(packet_, size, guard_.remote())) {
    sent_++;
    octetsSent_ += static_cast<int64_t>(payloadSize);
  }
}

bool Session::maySend() const {
  return configured_ && remote_.sends && !guard_.remote().unspecified() && guard_.remote().port() != 0;
}

void Session::sendFrame(Nanos (*clock)(), const SessionOutput& output) {
  // The media clock runs also while nothing is sent (RFC 3550 5.1).
  const uint32_t timestamp = txTimestamp_;
  txTimestamp_ += kFrameSamples;
  if (!maySend()) {
    sentUntil_ = txTimestamp_;
    return;
  }
  // A digit waits for the end of a packet that reaches into this tick.
  if (static_cast<int32_t>(sentUntil_ - timestamp) <= 0 && sendDigit(timestamp, output)) return;
  sendAudio(timestamp, clock, output);
}

void Session::sendBetweenTicks(Nanos (*clock)(), const SessionOutput& output) {
  if (maySend() && !digitsOut_.busy()) sendAudio(txTimestamp_ - kFrameSamples / 2, clock, output);
}

bool Session::sendDigit(uint32_t timestamp, const SessionOutput& output) {
  if (!digitsOut_.busy()) return false;
  const uint32_t finished = digitsOut_.finished();
  const auto event = digitsOut_.next(timestamp);
  if (event && remote_.telephoneEventPayloadType >= 0) {
    writeTelephoneEvent(packet_ + kRtpHeaderSize, event->event);
    sendPacket(static_cast<uint8_t>(remote_.telephoneEventPayloadType), event->marker, event->timestamp, 4);
  } else {
    // Between digits the far end hears silence, not a cut-up clip.
    sendPacket(remote_.payloadType, false, timestamp, encodeSilence(kFrameSamples));
  }
  if (digitsOut_.finished() != finished) {
    output.events->push_back({EventKind::kDtmfSent, identity_.id, digitsOut_.finished(), 0, 0});
  }
  sentUntil_ = timestamp + kFrameSamples;
  markNext_ = true;
  return true;
}

void Session::sendAudio(uint32_t timestamp, Nanos (*clock)(), const SessionOutput& output) {
  if (static_cast<int32_t>(sentUntil_ - timestamp) > 0) return;
  const auto count = static_cast<size_t>(remote_.packetMs * kSamplesPerMs);
  sentUntil_ = timestamp + static_cast<uint32_t>(count);
  int16_t samples[kMaxPacketSamples];
  if (playout_.empty()) {
    // Silence keeps the far end's timers and address bindings alive.
    sendPacket(remote_.payloadType, sent_ == 0, timestamp, encodeSilence(count));
    markNext_ = true;
    if (recording_) std::memset(samples, 0, count * sizeof(int16_t));
  } else {
    const int64_t before = playout_.queuedSamples();
    playout_.next(samples, &clipEvents_, output.spent, count);
    spentSamples.fetch_add(before - playout_.queuedSamples(), std::memory_order_relaxed);
    // RFC 3551 4.1: the marker says that a talk spurt begins.
    sendPacket(remote_.payloadType, markNext_, timestamp, encode(samples, count));
    markNext_ = false;
    if (!clipEvents_.empty()) reportClips(clock(), output);
  }
  if (recording_) sentAudio_.push(samples, count);
}

size_t Session::encode(const int16_t* samples, size_t count) {
  if (speech_) return speech_->encode(samples, count, packet_ + kRtpHeaderSize);
  g711Encode(remote_.codec, samples, count, packet_ + kRtpHeaderSize);
  return count;
}

size_t Session::encodeSilence(size_t count) {
  if (speech_) {
    // A codec with a memory must hear the silence too.
    const int16_t silence[kMaxPacketSamples] = {};
    return speech_->encode(silence, count, packet_ + kRtpHeaderSize);
  }
  std::memset(packet_ + kRtpHeaderSize, silenceCode(remote_.codec), count);
  return count;
}

void Session::reportClips(Nanos sentAt, const SessionOutput& output) {
  for (const ClipEvent& event : clipEvents_) {
    if (event.kind == ClipEvent::Kind::kStarted) {
      output.events->push_back({EventKind::kClipStarted, identity_.id, event.id, 0, toMs(sentAt)});
    } else {
      const uint32_t flushed = event.kind == ClipEvent::Kind::kFlushed ? 1 : 0;
      const double playedMs = static_cast<double>(event.playedSamples) / kSamplesPerMs;
      output.events->push_back({EventKind::kClipEnded, identity_.id, event.id, flushed, playedMs});
    }
  }
  clipEvents_.clear();
}

void Session::receive(ReceiveBuffers* buffers, Nanos realtimeToMonotonic, Nanos now, const SessionOutput& output) {
  Datagram datagrams[kReceiveBatch];
  int count;
  int total = 0;
  do {
    count = rtpSocket_.receive(buffers, datagrams, realtimeToMonotonic, now);
    for (int i = 0; i < count; i++) {
      if (looksLikeRtcp(datagrams[i].data, datagrams[i].size)) {
        onRtcpDatagram(datagrams[i], realtimeToMonotonic);
      } else {
        onDatagram(datagrams[i], now, output);
      }
    }
    total += count;
  } while (count == kReceiveBatch && total < kMaxDatagramsPerTick);
}

bool Session::authenticate(uint8_t* packet, size_t* size, bool rtcp) {
  const auto take = [&](SrtpContext& context) {
    return rtcp ? context.unprotectRtcp(packet, size) : context.unprotect(packet, size);
  };
  if (take(*srtpReceive_)) {
    if (!rtcp) srtpReceiveBefore_.reset();
    return true;
  }
  return srtpReceiveBefore_ && take(*srtpReceiveBefore_);
}

void Session::onDatagram(const Datagram& datagram, Nanos now, const SessionOutput& output) {
  if (!configured_ || datagram.truncated) {
    refused_++;
    return;
  }
  if (!srtpReceive_) {
    onRtp(datagram, now, output);
    return;
  }
  // A source is learned from authentic packets only; a locked one costs a stranger's
  // packet no cryptography.
  if (!guard_.mayAccept(*datagram.source)) {
    refused_++;
    return;
  }
  alignas(8) uint8_t packet[kMaxDatagram];
  std::memcpy(packet, datagram.data, datagram.size);
  Datagram plain = datagram;
  plain.data = packet;
  if (!authenticate(packet, &plain.size, false)) {
    refused_++;
    unauthenticated_++;
    return;
  }
  onRtp(plain, now, output);
}

void Session::onRtp(const Datagram& datagram, Nanos now, const SessionOutput& output) {
  RtpPacket packet;
  if (!parseRtp(datagram.data, datagram.size, &packet)) {
    refused_++;
    return;
  }
  const std::optional<Codec> codec = codecOf(packet.payloadType);
  const bool isEvent = packet.payloadType == remote_.receiveTelephoneEventPayloadType;
  const bool isNoise = packet.payloadType == remote_.comfortNoisePayloadType;
  if (!codec && !isEvent && !isNoise) {
    refused_++;
    return;
  }
  switch (guard_.check(*datagram.source, packet.ssrc, packet.sequence)) {
    case SourceGuard::Verdict::kRefuse:
      refused_++;
      return;
    case SourceGuard::Verdict::kLearning:
      return;
    case SourceGuard::Verdict::kAccept:
      break;
  }
  lastRtp_ = now;
  timedOut_ = false;
  int64_t sequence = 0;
  if (!followSource(packet, &sequence)) return;
  received_++;
  if (isEvent) {
    TelephoneEvent event;
    if (parseTelephoneEvent(packet.payload, packet.payloadSize, &event)) {
      if (const auto digit = digitsIn_.onPacket(event, packet.timestamp, now)) reportDigit(*digit, now, output);
    }
    jitter_.onOther(sequence);
  } else if (isNoise) {
    jitter_.onComfortNoise(sequence);
  } else {
    // Jitter is measured on audio only: all packets of an event have one timestamp.
    reception_.onTransit(packet.timestamp, datagram.arrival);
    onAudio(packet, sequence, *codec, datagram.arrival, now);
  }
}

std::optional<Codec> Session::codecOf(uint8_t payloadType) const {
  if (payloadType == remote_.receivePayloadType) return remote_.codec;
  // A far end may change between the codecs of its offer at any packet (RFC 3264 5.1).
  if (payloadType == static_cast<uint8_t>(Codec::kPcmu)) return Codec::kPcmu;
  if (payloadType == static_cast<uint8_t>(Codec::kPcma)) return Codec::kPcma;
  return std::nullopt;
}

bool Session::followSource(const RtpPacket& packet, int64_t* sequence) {
  if (!haveSsrc_ || packet.ssrc != remoteSsrc_) {
    // The far end changed its source (a transfer, a restart): believed at the second
    // packet in a row, so that one stray packet does not reset the call.
    if (haveSsrc_ && !(haveCandidate_ && candidateSsrc_ == packet.ssrc)) {
      haveCandidate_ = true;
      candidateSsrc_ = packet.ssrc;
      return false;
    }
    restartReception();
    haveSsrc_ = true;
    remoteSsrc_ = packet.ssrc;
  }
  haveCandidate_ = false;
  switch (sequence_.update(packet.sequence, sequence)) {
    case SequenceTracker::Verdict::kDuplicate:
      duplicate_++;
      return false;
    case SequenceTracker::Verdict::kSuspicious:
      return false;
    case SequenceTracker::Verdict::kRestart: {
      restartReception();
      sequence_.update(packet.sequence, sequence);
      break;
    }
    case SequenceTracker::Verdict::kValid:
      break;
  }
  reception_.onPacket();
  return true;
}

void Session::restartReception() {
  lostBefore_ += reception_.lost(sequence_);
  expectedBefore_ += sequence_.expected();
  sequence_ = SequenceTracker();
  reception_.reset();
  jitter_.reset();
  digitsIn_.reset();
  if (speech_) speech_->resetDecoder();
}

void Session::onAudio(const RtpPacket& packet, int64_t sequence, Codec codec, Nanos arrival, Nanos now) {
  size_t count = std::min(packet.payloadSize, kMaxAudioPayload);
  if (count == 0) {
    jitter_.onOther(sequence);
    return;
  }
  int16_t samples[kMaxAudioPayload];
  if (codec == Codec::kG722 && speech_) count = speech_->decode(packet.payload, count, samples);
  else g711Decode(codec, packet.payload, count, samples);
  const auto pushed = jitter_.push(sequence, packet.timestamp, samples, static_cast<int>(count), arrival, now);
  if (pushed == JitterBuffer::Push::kLate) late_++;
}

void Session::takeFrame(int16_t* out, Nanos now, const SessionOutput& output) {
  jitter_.pop(out, now);
  if (digitsIn_.active()) {
    if (const auto digit = digitsIn_.poll(now)) reportDigit(*digit, now, output);
  }
  if (recording_) {
    int16_t sent[kFrameSamples];
    sentAudio_.pop(sent);
    recording_->write(out, sent);
  }
  checkTimeout(now, output);
  publishStats();
}

}  // namespace trunkline
