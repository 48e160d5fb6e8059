// When reports are sent and what they teach, RFC 3550 section 6.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock.hpp"
#include "rtcp/rtcp-packet.hpp"

namespace trunkline {

// The reception side of a report that we send.
struct ReceptionSummary {
  uint32_t ssrc;
  uint8_t fractionLost;
  int64_t cumulativeLost;
  int64_t highestSequence;
  double jitter;
};

class RtcpSession {
 public:
  // 6.2: five seconds; with two members and a call's bandwidth the minimum rules.
  static constexpr Nanos kInterval = 5 * kNanosPerSecond;

  RtcpSession(uint32_t ssrc, uint64_t seed);

  void start(Nanos now);
  bool due(Nanos now) const { return started_ && now >= next_; }
  // Writes a report and plans the next one. `realtime` is CLOCK_REALTIME.
  size_t write(uint8_t* out, Nanos now, Nanos realtime, bool sending, const SenderInfo& sent,
               const ReceptionSummary* heard, bool bye);
  void onPacket(const RtcpCompound& compound, Nanos arrival, Nanos realtimeToMonotonic);

  // Negative before the first report.
  double roundTripMs() const { return roundTripMs_; }
  double remoteLoss() const { return remoteLoss_; }
  double remoteJitterMs() const { return remoteJitterMs_; }

 private:
  void plan(Nanos now, bool first);
  uint64_t random();

  const uint32_t ssrc_;
  uint64_t state_;
  char cname_[24];
  bool started_ = false;
  Nanos next_ = 0;
  // Middle 32 bits of the last sender report's NTP time, and when it came.
  uint32_t lastSenderReport_ = 0;
  Nanos lastSenderReportAt_ = 0;
  double roundTripMs_ = -1;
  double remoteLoss_ = -1;
  double remoteJitterMs_ = -1;
};

}  // namespace trunkline
