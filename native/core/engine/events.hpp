// What the I/O thread tells JavaScript besides frames.
#pragma once

#include <cstdint>

namespace trunkline {

// The numbers are known to src/media/native/addon.ts.
enum class EventKind : int32_t {
  kClipStarted = 1,      // a: clip; x: CLOCK_MONOTONIC ms of its first packet
  kClipEnded = 2,        // a: clip; b: 1 if flushed; x: ms of it that were played
  kDtmf = 3,             // a: the digit's character; b: duration ms; x: CLOCK_MONOTONIC ms
  kTimeout = 4,          // x: ms without RTP
  kDtmfSent = 5,         // a: digits of this session that have left so far
  kRecordingError = 6,   // a: errno, 0 if the disk was too slow
  kRecordingStopped = 7, // a: errno of the first failure; x: duration ms
  kClosed = 8,           // the session's sockets are closed
};

struct Event {
  EventKind kind;
  uint32_t session;
  uint32_t a;
  uint32_t b;
  double x;
};
static_assert(sizeof(Event) == 24, "addon.ts reads events by this layout");

}  // namespace trunkline
