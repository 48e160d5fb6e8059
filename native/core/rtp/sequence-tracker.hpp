// Sequence numbers of one source, RFC 3550 appendix A.1, and the RTP timestamp
// unwrapped beside them.
#pragma once

#include <cstdint>

namespace trunkline {

class SequenceTracker {
 public:
  enum class Verdict : uint8_t {
    kValid,
    // In a jump too large to believe; the next packet decides whether the source restarted.
    kSuspicious,
    kDuplicate,
    // The source restarted its sequence; statistics and buffers begin anew.
    kRestart,
  };

  // RFC 3550 A.1.
  static constexpr uint16_t kMaxDropout = 3000;
  static constexpr uint16_t kMaxMisorder = 100;

  void reset(uint16_t sequence);
  // Also stores the extended number of this packet in `extended`.
  Verdict update(uint16_t sequence, int64_t* extended);

  bool started() const { return started_; }
  int64_t highest() const { return highest_; }
  int64_t base() const { return base_; }
  // RFC 3550 A.3.
  int64_t expected() const { return started_ ? highest_ - base_ + 1 : 0; }

 private:
  bool seen(int64_t extended) const;
  void mark(int64_t extended);

  bool started_ = false;
  int64_t highest_ = 0;
  int64_t base_ = 0;
  // The number that would confirm a restart; above 65535 if none is suspected.
  uint32_t badSequence_ = 0x10000;
  // Bit n: highest_ - n was received.
  uint64_t recent_[2] = {0, 0};
};

}  // namespace trunkline
