// How long audio must wait so that late packets still come in time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "clock.hpp"

namespace trunkline {

// Keeps the smallest and largest transit time (arrival minus timestamp, in
// samples) of the last 8 s in slots of half a second. The spread between them is
// what the buffer has to bridge; both forget, so it grows at once and shrinks
// after quiet times, and a drifting far-end clock moves along.
class DelayEstimator {
 public:
  static constexpr int kMinimumMs = 20;
  static constexpr int kStartMs = 40;
  static constexpr int kMaximumMs = 200;

  explicit DelayEstimator(int rate = kSampleRate) : samplesPerMs_(rate / 1000) {}

  void reset(Nanos now) {
    slots_.fill({kNone, -kNone});
    slotStart_ = now;
    current_ = 0;
    started_ = now;
  }

  void onPacket(int64_t transit, Nanos now) {
    advance(now);
    Slot& slot = slots_[current_];
    slot.shortest = std::min(slot.shortest, transit);
    slot.longest = std::max(slot.longest, transit);
  }

  void advance(Nanos now) {
    if (now - slotStart_ > kSlot * static_cast<Nanos>(slots_.size())) slotStart_ = now - kSlot;
    while (now - slotStart_ >= kSlot) {
      current_ = (current_ + 1) % slots_.size();
      slots_[current_] = {kNone, -kNone};
      slotStart_ += kSlot;
    }
  }

  // Samples; a large number if nothing was heard lately.
  int64_t shortest() const {
    int64_t value = kNone;
    for (const Slot& slot : slots_) value = std::min(value, slot.shortest);
    return value;
  }
  bool known() const { return shortest() != kNone; }

  // Delay that the buffer should have, samples.
  int target(Nanos now) const {
    int64_t low = kNone;
    int64_t high = -kNone;
    for (const Slot& slot : slots_) {
      low = std::min(low, slot.shortest);
      high = std::max(high, slot.longest);
    }
    const int floorMs = now - started_ < 2 * kNanosPerSecond ? kStartMs : kMinimumMs;
    if (low == kNone) return floorMs * samplesPerMs_;
    // A frame is taken whole, so one frame of delay bridges no jitter at all; 5 ms
    // are room for jitter not seen yet.
    const int64_t wanted = (kFrameMs + 5) * samplesPerMs_ + (high - low);
    return static_cast<int>(std::clamp<int64_t>(wanted, floorMs * samplesPerMs_, kMaximumMs * samplesPerMs_));
  }

 private:
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max() / 4;
  static constexpr Nanos kSlot = kNanosPerSecond / 2;
  struct Slot {
    int64_t shortest;
    int64_t longest;
  };
  int samplesPerMs_;
  std::array<Slot, 16> slots_{};
  size_t current_ = 0;
  Nanos slotStart_ = 0;
  Nanos started_ = 0;
};

}  // namespace trunkline
