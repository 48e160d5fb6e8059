// What RFC 3550 appendix A.3 and A.8 count about a source that we hear.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "clock.hpp"
#include "rtp/sequence-tracker.hpp"

namespace trunkline {

class ReceptionStats {
 public:
  void reset(int clockRate) {
    *this = ReceptionStats();
    clockRate_ = clockRate;
  }

  // Timestamps count by another clock from now on; the jitter keeps its length.
  void onClockRate(int clockRate) {
    jitter_ = jitter_ * clockRate / clockRate_;
    clockRate_ = clockRate;
    haveTransit_ = false;
  }

  // For every accepted packet that is not a duplicate.
  void onPacket() { received_++; }

  // For every audio packet.
  void onTransit(uint32_t timestamp, Nanos arrival) {
    // A.8: difference of the relative transit times of two packets, in timestamp units.
    const int64_t arrivalUnits = arrival / kNanosPerMs * (clockRate_ / 1000) + arrival % kNanosPerMs * (clockRate_ / 1000) / kNanosPerMs;
    const int32_t transit = static_cast<int32_t>(static_cast<uint32_t>(arrivalUnits) - timestamp);
    if (haveTransit_) {
      const int64_t difference = std::abs(static_cast<int64_t>(static_cast<int32_t>(
          static_cast<uint32_t>(transit) - static_cast<uint32_t>(transit_))));
      // A jump of the timestamp base is not jitter.
      if (difference < clockRate_) jitter_ += (static_cast<double>(difference) - jitter_) / 16.0;
    }
    transit_ = transit;
    haveTransit_ = true;
  }

  // A.3: expected minus received; never negative here, a late duplicate is not a gain.
  int64_t lost(const SequenceTracker& sequence) const { return std::max<int64_t>(0, sequence.expected() - received_); }

  // A.3: the fraction lost since the last call, as 8-bit fixed point.
  uint8_t takeFractionLost(const SequenceTracker& sequence) {
    const int64_t expected = sequence.expected() - expectedPrior_;
    const int64_t lostInterval = expected - (received_ - receivedPrior_);
    expectedPrior_ = sequence.expected();
    receivedPrior_ = received_;
    if (expected <= 0 || lostInterval <= 0) return 0;
    return static_cast<uint8_t>(std::min<int64_t>(255, lostInterval * 256 / expected));
  }

  int64_t received() const { return received_; }
  // Timestamp units.
  double jitter() const { return jitter_; }
  double jitterMs() const { return jitter_ * 1000 / clockRate_; }

 private:
  int clockRate_ = kSampleRate;
  int64_t received_ = 0;
  int64_t expectedPrior_ = 0;
  int64_t receivedPrior_ = 0;
  double jitter_ = 0;
  int32_t transit_ = 0;
  bool haveTransit_ = false;
};

}  // namespace trunkline
