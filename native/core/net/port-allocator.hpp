// Even/odd port pairs for RTP and RTCP (RFC 3550 section 11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "clock.hpp"

namespace trunkline {

// Hands out pairs in rotation from a random start, so that a port rests as long
// as possible before its next call and cannot be guessed from the last one. A
// freed pair is in quarantine: it is taken again early only if no other is left.
class PortAllocator {
 public:
  // `first` and `last` are inclusive; an odd `first` is raised, a pair needs both ports.
  PortAllocator(uint16_t first, uint16_t last, uint64_t randomStart, Nanos quarantine = 30 * kNanosPerSecond);

  // The even port of a pair. A pair whose quarantine still runs is taken only as
  // the last resort, the one that rested longest first.
  std::optional<uint16_t> take(Nanos now);
  void release(uint16_t evenPort, Nanos now);
  // A pair that another program holds: to the end of the rotation, in quarantine.
  void postpone(uint16_t evenPort, Nanos now) { release(evenPort, now); }

  size_t freePairs() const { return fresh_.size() + resting_.size(); }
  size_t pairs() const { return pairs_; }

 private:
  struct Resting {
    uint16_t port;
    Nanos until;
  };
  std::deque<uint16_t> fresh_;
  // In the order of release, and so of expiry.
  std::deque<Resting> resting_;
  size_t pairs_;
  Nanos quarantine_;
};

}  // namespace trunkline
