// Time in the core: nanoseconds of CLOCK_MONOTONIC, the same clock as
// Clock.monotonic() in TypeScript. Nothing below the engine reads a clock by
// itself; every function that needs the time takes it.
#pragma once

#include <ctime>
#include <cstdint>

namespace trunkline {

using Nanos = int64_t;

constexpr Nanos kNanosPerMs = 1'000'000;
constexpr Nanos kNanosPerSecond = 1'000'000'000;
// Everything works in frames of 20 ms. Calls have 8 kHz, or 16 kHz where their codec
// carries wideband.
constexpr int kFrameMs = 20;
constexpr int kSampleRate = 8000;
constexpr int kWideSampleRate = 16000;
// Of a narrowband call.
constexpr int kFrameSamples = 160;
constexpr int kSamplesPerMs = 8;
// Of any call.
constexpr int kMaxFrameSamples = 320;
constexpr Nanos kFrameNanos = kFrameMs * kNanosPerMs;
// The longest packet that we send.
constexpr int kMaxPacketMs = 60;
constexpr int kMaxPacketSamples = kMaxPacketMs * kWideSampleRate / 1000;

inline Nanos readClock(clockid_t id) {
  timespec value{};
  clock_gettime(id, &value);
  return static_cast<Nanos>(value.tv_sec) * kNanosPerSecond + value.tv_nsec;
}

inline Nanos monotonicNow() { return readClock(CLOCK_MONOTONIC); }

inline double toMs(Nanos nanos) { return static_cast<double>(nanos) / 1e6; }

}  // namespace trunkline
