#include "capture/rtp-capture.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "rtp/rtp-packet.hpp"

namespace trunkline {

void RtpCapture::start(size_t packets) {
  std::vector<CapturedPacket> ring;
  // All of it now: the I/O thread must not allocate.
  ring.reserve(std::min(packets, kMaxPackets));
  const std::lock_guard<PiMutex> lock(mutex_);
  limit_ = std::min(packets, kMaxPackets);
  next_ = 0;
  ring_.swap(ring);
  on_.store(limit_ > 0, std::memory_order_relaxed);
}

std::vector<CapturedPacket> RtpCapture::read() {
  std::vector<CapturedPacket> packets;
  const std::lock_guard<PiMutex> lock(mutex_);
  packets.reserve(ring_.size());
  packets.insert(packets.end(), ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end());
  packets.insert(packets.end(), ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_));
  return packets;
}

void RtpCapture::add(const uint8_t* data, size_t size, const Endpoint& remote, Nanos at, bool sent) {
  if (size < kRtpHeaderSize) return;
  CapturedPacket packet{};
  packet.atMs = toMs(at);
  packet.length = static_cast<uint32_t>(size);
  packet.remotePort = remote.port();
  packet.sent = sent ? 1 : 0;
  packet.family = remote.family() == AF_INET6 ? 6 : 4;
  remote.copyAddress(packet.remoteAddress);
  std::memcpy(packet.header, data, kRtpHeaderSize);
  const std::lock_guard<PiMutex> lock(mutex_);
  if (ring_.size() < limit_) {
    ring_.push_back(packet);
  } else if (limit_ > 0) {
    ring_[next_] = packet;
    next_ = (next_ + 1) % limit_;
  }
}

}  // namespace trunkline
