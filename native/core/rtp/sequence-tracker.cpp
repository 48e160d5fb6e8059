#include "rtp/sequence-tracker.hpp"

namespace trunkline {

void SequenceTracker::reset(uint16_t sequence) {
  started_ = true;
  highest_ = sequence;
  base_ = sequence;
  badSequence_ = 0x10000;
  recent_[0] = 1;
  recent_[1] = 0;
}

bool SequenceTracker::seen(int64_t extended) const {
  const int64_t age = highest_ - extended;
  return age >= 0 && age < 128 && (recent_[age / 64] >> (age % 64) & 1) != 0;
}

void SequenceTracker::mark(int64_t extended) {
  const int64_t step = extended - highest_;
  if (step > 0) {
    if (step >= 128) {
      recent_[0] = recent_[1] = 0;
    } else if (step >= 64) {
      recent_[1] = recent_[0] << (step - 64);
      recent_[0] = 0;
    } else {
      recent_[1] = recent_[1] << step | recent_[0] >> (64 - step);
      recent_[0] <<= step;
    }
    recent_[0] |= 1;
    highest_ = extended;
  } else if (-step < 128) {
    recent_[-step / 64] |= 1ull << (-step % 64);
  }
}

SequenceTracker::Verdict SequenceTracker::update(uint16_t sequence, int64_t* extended) {
  if (!started_) {
    reset(sequence);
    *extended = sequence;
    return Verdict::kValid;
  }
  const uint16_t ahead = static_cast<uint16_t>(sequence - static_cast<uint16_t>(highest_));
  if (ahead < kMaxDropout) {
    *extended = highest_ + ahead;
    badSequence_ = 0x10000;
    if (ahead == 0) return Verdict::kDuplicate;
    mark(*extended);
    return Verdict::kValid;
  }
  const uint16_t behind = static_cast<uint16_t>(-ahead);
  if (behind <= kMaxMisorder) {
    *extended = highest_ - behind;
    if (seen(*extended)) return Verdict::kDuplicate;
    mark(*extended);
    return Verdict::kValid;
  }
  // RFC 3550 A.1: two packets in sequence at the new place mean that the other
  // side restarted without telling us; one alone is dropped.
  if (sequence == badSequence_) {
    reset(sequence);
    *extended = sequence;
    return Verdict::kRestart;
  }
  badSequence_ = static_cast<uint16_t>(sequence + 1);
  return Verdict::kSuspicious;
}

}  // namespace trunkline
