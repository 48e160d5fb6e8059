#include "rtcp/rtcp-session.hpp"

#include <cstdio>

namespace trunkline {
namespace {

// Seconds from 1900 (NTP) to 1970 (Unix).
constexpr uint64_t kNtpOffset = 2'208'988'800;

uint64_t toNtp(Nanos realtime) {
  const uint64_t seconds = static_cast<uint64_t>(realtime / kNanosPerSecond) + kNtpOffset;
  const uint64_t rest = static_cast<uint64_t>(realtime % kNanosPerSecond);
  return seconds << 32 | (rest << 32) / static_cast<uint64_t>(kNanosPerSecond);
}

}  // namespace

RtcpSession::RtcpSession(uint32_t ssrc, uint64_t seed) : ssrc_(ssrc), state_(seed | 1) {
  // RFC 7022 4.2: a random short-term CNAME says nothing about the host.
  std::snprintf(cname_, sizeof cname_, "%016llx", static_cast<unsigned long long>(random()));
}

uint64_t RtcpSession::random() {
  // xorshift64*: spreads the reports of many calls, nothing secret.
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 0x2545f4914f6cdd1dull;
}

void RtcpSession::plan(Nanos now, bool first) {
  // 6.3.1: uniform in 0.5 to 1.5 of the interval, divided by e - 3/2 to make up for
  // reconsideration; half of it before the first report.
  const double factor = 0.5 + static_cast<double>(random() >> 11) / 9007199254740992.0;
  const double interval = static_cast<double>(first ? kInterval / 2 : kInterval) * factor / 1.21828;
  next_ = now + static_cast<Nanos>(interval);
}

void RtcpSession::start(Nanos now) {
  if (started_) return;
  started_ = true;
  plan(now, true);
}

size_t RtcpSession::write(uint8_t* out, Nanos now, Nanos realtime, bool sending, const SenderInfo& sent,
                          const ReceptionSummary* heard, bool bye) {
  std::optional<SenderInfo> sender;
  if (sending) {
    sender = sent;
    sender->ntp = toNtp(realtime);
  }
  std::optional<ReportBlock> report;
  if (heard != nullptr) {
    ReportBlock block;
    block.ssrc = heard->ssrc;
    block.fractionLost = heard->fractionLost;
    block.cumulativeLost = static_cast<int32_t>(heard->cumulativeLost);
    block.highestSequence = static_cast<uint32_t>(heard->highestSequence);
    block.jitter = static_cast<uint32_t>(heard->jitter);
    block.lastSenderReport = lastSenderReport_;
    if (lastSenderReport_ != 0) {
      block.delaySinceLastSenderReport =
          static_cast<uint32_t>((now - lastSenderReportAt_) * 65536 / kNanosPerSecond);
    }
    report = block;
  }
  plan(now, false);
  return writeRtcp(out, ssrc_, sender, report, cname_, bye);
}

void RtcpSession::onPacket(const RtcpCompound& compound, Nanos arrival, Nanos realtimeToMonotonic) {
  if (compound.sender) {
    lastSenderReport_ = static_cast<uint32_t>(compound.sender->ntp >> 16);
    lastSenderReportAt_ = arrival;
  }
  if (!compound.report) return;
  remoteLoss_ = compound.report->fractionLost / 256.0;
  remoteJitterMs_ = compound.report->jitter / 8.0;
  if (compound.report->lastSenderReport == 0) return;
  // 6.4.1: A - LSR - DLSR, in 1/65536 s; the difference wraps as it should.
  const auto arrivedAt = static_cast<uint32_t>(toNtp(arrival - realtimeToMonotonic) >> 16);
  const uint32_t roundTrip =
      arrivedAt - compound.report->lastSenderReport - compound.report->delaySinceLastSenderReport;
  // A far end that reports nonsense, or rounds up on a fast path, is not 18 hours away.
  if (roundTrip < 10u * 65536) roundTripMs_ = roundTrip * 1000.0 / 65536;
}

}  // namespace trunkline
