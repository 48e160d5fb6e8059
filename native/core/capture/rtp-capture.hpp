// The headers of the last RTP packets of one session, as they were on the wire, for a
// capture file. Audio is never kept, so that nobody can be listened to by it; refused
// packets are there too, since they are what one looks for. No raw socket, no root.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clock.hpp"
#include "engine/pi-mutex.hpp"
#include "net/endpoint.hpp"

namespace trunkline {

// src/media/native/rtp-capture.ts reads it by this layout.
struct CapturedPacket {
  double atMs;  // CLOCK_MONOTONIC
  uint32_t length;
  uint16_t remotePort;
  uint8_t sent;
  uint8_t family;  // 4 or 6
  uint8_t remoteAddress[16];
  uint8_t header[12];
  uint8_t unused[4];
};
static_assert(sizeof(CapturedPacket) == 48, "rtp-capture.ts reads packets by this layout");

class RtpCapture {
 public:
  static constexpr size_t kMaxPackets = 1'000'000;

  // Any thread. Forgets what was captured before; 0 stops.
  void start(size_t packets);
  // Any thread: what is there, oldest first.
  std::vector<CapturedPacket> read();

  // I/O thread; almost nothing while nobody captures.
  void received(const uint8_t* data, size_t size, const Endpoint& remote, Nanos at) {
    if (on_.load(std::memory_order_relaxed)) add(data, size, remote, at, false);
  }
  void sent(const uint8_t* data, size_t size, const Endpoint& remote) {
    if (on_.load(std::memory_order_relaxed)) add(data, size, remote, monotonicNow(), true);
  }

 private:
  void add(const uint8_t* data, size_t size, const Endpoint& remote, Nanos at, bool sent);

  std::atomic<bool> on_{false};
  PiMutex mutex_;
  std::vector<CapturedPacket> ring_;
  size_t limit_ = 0;
  // The oldest, once the ring is full.
  size_t next_ = 0;
};

}  // namespace trunkline
