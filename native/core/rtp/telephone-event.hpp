// DTMF as RFC 4733 telephone events. Payload, section 2.3:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     event     |E|R| volume    |          duration             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "clock.hpp"

namespace trunkline {

struct TelephoneEvent {
  uint8_t event = 0;
  bool end = false;
  uint8_t volume = 0;
  // Units of the clock that the SDP named for events.
  uint16_t duration = 0;
};

bool parseTelephoneEvent(const uint8_t* payload, size_t size, TelephoneEvent* event);
// Writes 4 bytes.
void writeTelephoneEvent(uint8_t* out, const TelephoneEvent& event);

// '0'-'9' '*' '#' 'A'-'D' and the event codes 0 to 15 (RFC 4733 table 3).
std::optional<uint8_t> eventOfDigit(char digit);
std::optional<char> digitOfEvent(uint8_t event);

struct DtmfReceived {
  char digit;
  int durationMs;
};

// Turns the packets of one source into digits, each reported exactly once.
class TelephoneEventReceiver {
 public:
  // An event whose packets stop without an end is over after this long.
  static constexpr Nanos kLostEnd = 200 * kNanosPerMs;

  // A digit that this packet completes. A packet of a new event completes an older
  // one whose end was lost: the older comes out now, and the new one if it carries
  // its end already, by the next call of `poll`.
  // `clockRate` is that of the event's duration, a second.
  std::optional<DtmfReceived> onPacket(const TelephoneEvent& event, uint32_t timestamp, int clockRate, Nanos now);
  // A digit whose end never came.
  std::optional<DtmfReceived> poll(Nanos now);
  bool active() const { return active_ || waiting_.has_value(); }
  // A new source numbers its timestamps anew.
  void reset();

 private:
  std::optional<DtmfReceived> complete();

  bool active_ = false;
  bool haveReported_ = false;
  TelephoneEvent current_;
  int clockRate_ = kSampleRate;
  uint32_t timestamp_ = 0;
  uint32_t reported_ = 0;
  Nanos lastPacket_ = 0;
  std::optional<DtmfReceived> waiting_;
};

// One packet to be sent instead of audio.
struct TelephoneEventOut {
  TelephoneEvent event;
  bool marker;
  uint32_t timestamp;
};

// The timeline of digits being sent: one packet a frame while a digit lasts, its
// end three times (RFC 4733 2.5.1.4), then the gap.
class TelephoneEventSender {
 public:
  // Units a second of the durations that are sent. Holds from the next digit on.
  void setClockRate(int clockRate) { clockRate_ = clockRate; }
  // Full frames; at least 40 ms a digit, as ITU-T Q.24 asks receivers to detect. At most
  // 0xffff units of the clock: 8.1 s, or 1.3 s of the clock of Opus.
  void enqueue(char digit, int durationMs, int gapMs);
  bool busy() const { return !queue_.empty() || phase_ != Phase::kIdle; }
  // Advances by one frame; `timestamp` is the media clock of this frame. Nothing
  // during a gap.
  std::optional<TelephoneEventOut> next(uint32_t timestamp);
  void clear();
  // Digits whose last packet was given out.
  uint32_t finished() const { return finished_; }

 private:
  enum class Phase : uint8_t { kIdle, kTone, kEnd, kGap };
  struct Digit {
    uint8_t event;
    int frames;
    int gapFrames;
  };
  std::deque<Digit> queue_;
  Phase phase_ = Phase::kIdle;
  int clockRate_ = kSampleRate;
  // Of the current digit.
  int unitsPerFrame_ = 0;
  Digit current_{};
  int frame_ = 0;
  uint32_t start_ = 0;
  uint32_t finished_ = 0;
};

}  // namespace trunkline
