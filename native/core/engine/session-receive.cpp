// What a session makes of datagrams: whose they are, whether they are believed, and what
// is in them.
#include <algorithm>
#include <cstring>

#include "engine/session.hpp"

namespace trunkline {
namespace {

// Longest payload of G.711 that is decoded, 200 ms; nothing negotiated needs more.
constexpr size_t kMaxAudioPayload = 1600;
// Datagrams that every port may read in one tick; a call needs one or two.
constexpr int kShareOfTick = 64;
// The most that one port may read, at the cost of the budget of all.
constexpr int kMaxDatagramsPerTick = 1024;
// Strangers in one tick, 1600 a second, that are a flood; and in one second, that are none.
constexpr int kFlood = 32;
constexpr uint32_t kFewStrangers = 50;

}  // namespace

void Session::receive(ReceiveBuffers* buffers, Nanos realtimeToMonotonic, Nanos now, ReceiveBudget* budget,
                      const SessionOutput& output) {
  if (strangersShutOut_) watchStrangers(now);
  Datagram datagrams[kReceiveBatch];
  int total = 0;
  int strangers = 0;
  for (;;) {
    const int count = rtpSocket_.receive(buffers, datagrams, realtimeToMonotonic, now);
    for (int i = 0; i < count; i++) {
      if (looksLikeRtcp(datagrams[i].data, datagrams[i].size)) {
        onRtcpDatagram(datagrams[i], realtimeToMonotonic);
      } else if (configured_ && !guard_.mayAccept(*datagrams[i].source)) {
        // The cheap question first: a stranger's packet is not even parsed.
        capture.received(datagrams[i].data, datagrams[i].size, *datagrams[i].source, datagrams[i].arrival);
        refused_++;
        strangers++;
      } else {
        onDatagram(datagrams[i], now, output);
      }
    }
    total += count;
    if (count < kReceiveBatch || total >= kMaxDatagramsPerTick) return;
    if (strangers >= kFlood && !strangersShutOut_) shutOutStrangers(now);
    // A shared budget is for those who need more than their share; what is left waits in
    // the kernel, whose buffer bounds it.
    if (total >= kShareOfTick && (budget->left -= kReceiveBatch) < 0) return;
  }
}

void Session::shutOutStrangers(Nanos now) {
  if (!guard_.locked() || guard_.remote().unspecified() || !rtpSocket_.acceptOnly(guard_.remote())) return;
  strangersShutOut_ = true;
  watchedAt_ = now;
  dropsBefore_ = rtpSocket_.drops();
}

void Session::letStrangersIn() {
  if (!strangersShutOut_) return;
  strangersShutOut_ = false;
  rtpSocket_.acceptAll();
}

void Session::watchStrangers(Nanos now) {
  if (now - watchedAt_ < kNanosPerSecond) return;
  watchedAt_ = now;
  const uint32_t drops = rtpSocket_.drops();
  const uint32_t recent = drops - dropsBefore_;
  dropsBefore_ = drops;
  refused_ += recent;
  if (recent < kFewStrangers) letStrangersIn();
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
  capture.received(datagram.data, datagram.size, *datagram.source, datagram.arrival);
  if (!configured_ || datagram.truncated) {
    refused_++;
    return;
  }
  if (!srtpReceive_) {
    onRtp(datagram, now, output);
    return;
  }
  // A source is learned from authentic packets only.
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
  const bool isEvent = !codec && (packet.payloadType == remote_.receiveTelephoneEventPayloadType ||
                                  packet.payloadType == remote_.telephoneEventPayloadType);
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
      const int clockRate = remote_.telephoneEventClockRate;
      if (const auto digit = digitsIn_.onPacket(event, packet.timestamp, clockRate, now)) reportDigit(*digit, now, output);
    }
    jitter_.onOther(sequence);
    if (speech_) decodes_.skip(sequence);
  } else if (isNoise) {
    jitter_.onComfortNoise(sequence);
    if (speech_) decodes_.skip(sequence);
  } else {
    // Numbers of two clocks cannot be compared: a change of it begins anew (RFC 7160 4.1).
    if (clockRateOf(*codec) != jitter_.clockRate()) {
      jitter_.reset(rate_, clockRateOf(*codec));
      reception_.onClockRate(clockRateOf(*codec));
      decodes_.reset();
    }
    // Jitter is measured on audio only: all packets of an event have one timestamp.
    reception_.onTransit(packet.timestamp, datagram.arrival);
    onAudio(packet, sequence, *codec, datagram.arrival, now);
  }
}

std::optional<Codec> Session::codecOf(uint8_t payloadType) const {
  // Ends that renumber our offer should send by our numbers (RFC 3264 6.1); some use their own.
  if (payloadType == remote_.receivePayloadType || payloadType == remote_.payloadType) return remote_.codec;
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
  reception_.reset(jitter_.clockRate());
  jitter_.reset();
  decodes_.reset();
  digitsIn_.reset();
  if (speech_) speech_->resetDecoder();
}

void Session::onAudio(const RtpPacket& packet, int64_t sequence, Codec codec, Nanos arrival, Nanos now) {
  if (packet.payloadSize == 0) {
    jitter_.onOther(sequence);
    if (speech_) decodes_.skip(sequence);
    return;
  }
  if (!isG711(codec)) {
    onSpeechPacket(packet, sequence, arrival, now);
    return;
  }
  size_t count = std::min(packet.payloadSize, kMaxAudioPayload);
  int16_t samples[2 * kMaxAudioPayload];
  if (rate_ == kSampleRate) {
    g711Decode(codec, packet.payload, count, samples);
  } else {
    int16_t narrow[kMaxAudioPayload];
    g711Decode(codec, packet.payload, count, narrow);
    widen_.up(narrow, count, samples);
    count *= 2;
    if (speech_) decodes_.skip(sequence);
  }
  const auto pushed = jitter_.push(sequence, packet.timestamp, samples, static_cast<int>(count), arrival, now);
  if (pushed == JitterBuffer::Push::kLate) late_++;
}

void Session::onSpeechPacket(const RtpPacket& packet, int64_t sequence, Nanos arrival, Nanos now) {
  const int count = speech_ ? speech_->duration(packet.payload, packet.payloadSize) : 0;
  if (count == 0) {
    refused_++;
    jitter_.onOther(sequence);
    if (speech_) decodes_.skip(sequence);
    return;
  }
  const auto placement = jitter_.place(sequence, packet.timestamp, count, arrival, now);
  if (placement.result == JitterBuffer::Push::kLate) late_++;
  // Positions are counted anew: what waits has lost its place.
  if (placement.result == JitterBuffer::Push::kResync) decodes_.reset();
  decodes_.push(sequence, placement.position, count, packet.payload, packet.payloadSize);
}

}  // namespace trunkline
