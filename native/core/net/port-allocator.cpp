#include "net/port-allocator.hpp"

namespace trunkline {

PortAllocator::PortAllocator(uint16_t first, uint16_t last, uint64_t randomStart, Nanos quarantine)
    : pairs_(0), quarantine_(quarantine) {
  const uint32_t even = (static_cast<uint32_t>(first) + 1) & ~1u;
  if (even < static_cast<uint32_t>(last)) pairs_ = (last - even + 1) / 2;
  for (size_t i = 0; i < pairs_; i++) {
    const size_t index = (randomStart % pairs_ + i) % pairs_;
    fresh_.push_back(static_cast<uint16_t>(even + 2 * index));
  }
}

std::optional<uint16_t> PortAllocator::take(Nanos now) {
  while (!resting_.empty() && resting_.front().until <= now) {
    fresh_.push_back(resting_.front().port);
    resting_.pop_front();
  }
  if (!fresh_.empty()) {
    const uint16_t port = fresh_.front();
    fresh_.pop_front();
    return port;
  }
  if (resting_.empty()) return std::nullopt;
  const uint16_t port = resting_.front().port;
  resting_.pop_front();
  return port;
}

void PortAllocator::release(uint16_t evenPort, Nanos now) { resting_.push_back({evenPort, now + quarantine_}); }

}  // namespace trunkline
