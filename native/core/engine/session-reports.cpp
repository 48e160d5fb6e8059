// What a session reports: digits and silence to JavaScript, RTCP to the far end,
// statistics to whoever asks.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "engine/session.hpp"
#include "stats/e-model.hpp"

namespace trunkline {

void Session::reportDigit(const DtmfReceived& digit, Nanos now, const SessionOutput& output) {
  output.events->push_back({EventKind::kDtmf, identity_.id, static_cast<uint32_t>(digit.digit),
                            static_cast<uint32_t>(digit.durationMs), toMs(now)});
}

void Session::checkTimeout(Nanos now, const SessionOutput& output) {
  if (timeout_ <= 0 || timedOut_ || !remote_.receives || now - lastRtp_ < timeout_) return;
  timedOut_ = true;
  output.events->push_back({EventKind::kTimeout, identity_.id, 0, 0, toMs(now - lastRtp_)});
}

void Session::receiveRtcp(ReceiveBuffers* buffers, Nanos realtimeToMonotonic, Nanos now) {
  Datagram datagrams[kReceiveBatch];
  const int count = rtcpSocket_.receive(buffers, datagrams, realtimeToMonotonic, now);
  for (int i = 0; i < count; i++) onRtcpDatagram(datagrams[i], realtimeToMonotonic);
}

void Session::onRtcpDatagram(const Datagram& datagram, Nanos realtimeToMonotonic) {
  RtcpCompound compound;
  if (!configured_ || datagram.truncated || !guard_.acceptsAddress(*datagram.source)) {
    refused_++;
    return;
  }
  alignas(8) uint8_t packet[kMaxDatagram];
  size_t size = datagram.size;
  std::memcpy(packet, datagram.data, size);
  if (srtpReceive_ && !authenticate(packet, &size, true)) {
    refused_++;
    unauthenticated_++;
    return;
  }
  if (!parseRtcp(packet, size, identity_.ssrc, &compound)) {
    refused_++;
    return;
  }
  rtcp_.onPacket(compound, datagram.arrival, realtimeToMonotonic);
  if (speech_ && rtcp_.remoteLoss() >= 0) speech_->onRemoteLoss(rtcp_.remoteLoss());
}

void Session::sendRtcpIfDue(Nanos now) {
  if (!configured_ || !rtcp_.due(now)) return;
  alignas(8) uint8_t packet[kMaxRtcpSize + kSrtpTrailer];
  const SenderInfo sender{0, txTimestamp_, static_cast<uint32_t>(sent_), static_cast<uint32_t>(octetsSent_)};
  ReceptionSummary heard{};
  if (haveSsrc_) {
    heard = {remoteSsrc_, reception_.takeFractionLost(sequence_), reception_.lost(sequence_), sequence_.highest(),
             reception_.jitter()};
  }
  const size_t size = rtcp_.write(packet, now, readClock(CLOCK_REALTIME), remote_.sends && sent_ > 0, sender,
                                  haveSsrc_ ? &heard : nullptr, false);
  sendRtcp(packet, size);
}

void Session::sendRtcp(uint8_t* packet, size_t size) {
  // RFC 5761 section 3: on a shared port reports go where the audio goes, which may
  // be an address that was learned.
  const Endpoint& remote = remote_.rtcpMux ? guard_.remote() : remote_.rtcp;
  if (remote.unspecified() || remote.port() == 0) return;
  if (srtpSend_ && !srtpSend_->protectRtcp(packet, &size)) return;
  (remote_.rtcpMux ? rtpSocket_ : rtcpSocket_).sendTo(packet, size, remote);
}

void Session::publishStats() {
  // Never waits: if JavaScript reads right now, the next tick publishes.
  if (!statsMutex_.try_lock()) return;
  SessionStats& stats = published_;
  stats.packetsSent = sent_;
  stats.packetsReceived = received_;
  stats.packetsLost = lostPackets();
  stats.packetsLate = late_;
  stats.packetsDuplicate = duplicate_;
  stats.packetsRefused = refused_;
  stats.packetsUnauthenticated = unauthenticated_;
  stats.concealedMs = static_cast<double>(jitter_.concealedSamples()) * 1000 / rate_;
  stats.jitterMs = reception_.jitterMs();
  stats.jitterBufferMs = static_cast<double>(jitter_.delaySamples()) * 1000 / rate_;
  stats.roundTripMs = rtcp_.roundTripMs();
  stats.remoteLoss = rtcp_.remoteLoss();
  statsMutex_.unlock();
}

SessionStats Session::stats() {
  SessionStats stats;
  {
    const std::lock_guard<PiMutex> lock(statsMutex_);
    stats = published_;
  }
  const double expected = static_cast<double>(stats.packetsReceived + stats.packetsLost);
  const double unheard = static_cast<double>(stats.packetsLost + stats.packetsLate);
  const double loss = expected > 0 ? unheard / expected : 0;
  // One frame is spoken before it is sent; half the round trip is one way.
  const double delayMs = kFrameMs + stats.jitterBufferMs + std::max(0.0, stats.roundTripMs) / 2;
  stats.mos = meanOpinionScore(transmissionRating(delayMs, loss));
  return stats;
}

}  // namespace trunkline
