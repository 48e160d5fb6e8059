#include "engine/session.hpp"

#include <algorithm>
#include <cstring>

namespace trunkline {

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
  setFormat(remote, std::move(speech));
  if (keys->sends) srtpSend_ = std::move(keys->send);
  if (keys->receives) {
    // Nothing plain is taken behind a change to encryption.
    srtpReceiveBefore_ = keys->receive ? std::move(srtpReceive_) : nullptr;
    srtpReceive_ = std::move(keys->receive);
  }
  remote_ = remote;
  guard_.negotiate(remote.rtp, remote.learn);
  // The far end may have moved.
  letStrangersIn();
  configured_ = true;
  rtcp_.start(now);
}

void Session::setFormat(const RemoteDescription& remote, std::unique_ptr<SpeechCodec> speech) {
  const int rate = sampleRateOf(remote.codec);
  const bool changed = remote.codec != remote_.codec;
  if (remote.packetMs != remote_.packetMs || rate != rate_) sentAudio_.start(remote.packetMs % kFrameMs != 0, rate);
  if (changed) speech_ = std::move(speech);
  else if (speech_) speech_->adapt(remote.parameters);
  digitsOut_.setClockRate(remote.telephoneEventClockRate);
  if (rate != rate_) playout_.setRate(rate);
  if (rate != rate_ || (changed && clockRateOf(remote.codec) != jitter_.clockRate())) {
    jitter_.reset(rate, clockRateOf(remote.codec));
    reception_.onClockRate(clockRateOf(remote.codec));
  }
  if (changed) decodes_.reset();
  rate_ = rate;
  clockPerMs_ = static_cast<uint32_t>(clockRateOf(remote.codec) / 1000);
}

void Session::flush(const SessionOutput& output) {
  const int64_t before = playout_.queuedUnits();
  playout_.flush(&clipEvents_, output.spent);
  spentUnits.fetch_add(before, std::memory_order_relaxed);
  reportClips(0, output);
}

void Session::startRecording(std::shared_ptr<Recording> recording) {
  stopRecording();
  sentAudio_.start(remote_.packetMs % kFrameMs != 0, rate_);
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
  if (strangersShutOut_) refused_ += rtpSocket_.drops() - dropsBefore_;
  rtpSocket_.close();
  rtcpSocket_.close();
  publishStats();
  output.events->push_back({EventKind::kClosed, identity_.id, 0, 0, 0});
}

void Session::sendPacket(uint8_t payloadType, bool marker, uint32_t timestamp, size_t payloadSize) {
  writeRtpHeader(packet_, payloadType, marker, txSequence_++, timestamp, identity_.ssrc);
  size_t size = kRtpHeaderSize + payloadSize;
  if (srtpSend_ && !srtpSend_->protect(packet_, &size)) return;
  if (rtpSocket_.sendTo(packet_, size, guard_.remote())) {
    capture.sent(packet_, size, guard_.remote());
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
  txTimestamp_ += kFrameMs * clockPerMs_;
  if (!maySend()) {
    sentUntil_ = txTimestamp_;
    return;
  }
  // A digit waits for the end of a packet that reaches into this tick.
  if (static_cast<int32_t>(sentUntil_ - timestamp) <= 0 && sendDigit(timestamp, output)) return;
  sendAudio(timestamp, clock, output);
}

void Session::sendBetweenTicks(Nanos (*clock)(), const SessionOutput& output) {
  if (maySend() && !digitsOut_.busy()) sendAudio(txTimestamp_ - kFrameMs / 2 * clockPerMs_, clock, output);
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
    sendPacket(remote_.payloadType, false, timestamp, encodeSilence(static_cast<size_t>(rate_ * kFrameMs / 1000)));
  }
  if (digitsOut_.finished() != finished) {
    output.events->push_back({EventKind::kDtmfSent, identity_.id, digitsOut_.finished(), 0, 0});
  }
  sentUntil_ = timestamp + kFrameMs * clockPerMs_;
  markNext_ = true;
  return true;
}

void Session::sendAudio(uint32_t timestamp, Nanos (*clock)(), const SessionOutput& output) {
  if (static_cast<int32_t>(sentUntil_ - timestamp) > 0) return;
  const auto count = static_cast<size_t>(remote_.packetMs * rate_ / 1000);
  sentUntil_ = timestamp + static_cast<uint32_t>(remote_.packetMs) * clockPerMs_;
  int16_t samples[kMaxPacketSamples];
  if (playout_.empty()) {
    // Silence keeps the far end's timers and address bindings alive.
    sendPacket(remote_.payloadType, sent_ == 0, timestamp, encodeSilence(count));
    markNext_ = true;
    if (recording_) std::memset(samples, 0, count * sizeof(int16_t));
  } else {
    const int64_t before = playout_.queuedUnits();
    playout_.next(samples, &clipEvents_, output.spent, count);
    spentUnits.fetch_add(before - playout_.queuedUnits(), std::memory_order_relaxed);
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
  if (speech_) return speech_->encodeSilence(count, packet_ + kRtpHeaderSize);
  std::memset(packet_ + kRtpHeaderSize, silenceCode(remote_.codec), count);
  return count;
}

void Session::reportClips(Nanos sentAt, const SessionOutput& output) {
  for (const ClipEvent& event : clipEvents_) {
    if (event.kind == ClipEvent::Kind::kStarted) {
      output.events->push_back({EventKind::kClipStarted, identity_.id, event.id, 0, toMs(sentAt)});
    } else {
      const uint32_t flushed = event.kind == ClipEvent::Kind::kFlushed ? 1 : 0;
      output.events->push_back({EventKind::kClipEnded, identity_.id, event.id, flushed, event.playedMs});
    }
  }
  clipEvents_.clear();
}

void Session::takeFrame(int16_t* out, Nanos now, const SessionOutput& output) {
  if (speech_) decodes_.run(speech_.get(), &jitter_, jitter_.due());
  jitter_.pop(out, now);
  if (digitsIn_.active()) {
    if (const auto digit = digitsIn_.poll(now)) reportDigit(*digit, now, output);
  }
  if (recording_) {
    int16_t sent[kMaxFrameSamples];
    sentAudio_.pop(sent);
    recording_->write(out, sent, rate_);
  }
  checkTimeout(now, output);
  publishStats();
}

}  // namespace trunkline
