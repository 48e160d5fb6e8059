// A piece of audio to be sent, and the queue that chains pieces without a gap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "clock.hpp"
#include "dsp/half-band.hpp"

namespace trunkline {

struct Clip {
  uint32_t id = 0;
  // Linear PCM at 8 or 16 kHz.
  std::vector<int16_t> samples;
  int rate = kSampleRate;
};

// Length of audio whose rate may change while it waits: one unit is a sample of 16 kHz.
constexpr int kUnitsPerMs = kWideSampleRate / 1000;
inline int64_t unitsOf(size_t samples, int rate) { return static_cast<int64_t>(samples) * (kWideSampleRate / rate); }

// What happened to clips while one frame was taken, in order.
struct ClipEvent {
  enum class Kind : uint8_t { kStarted, kEnded, kFlushed };
  Kind kind;
  uint32_t id;
  // Of it that was sent.
  double playedMs;
};

class PlayoutQueue {
 public:
  // A click is avoided by fading out over 5 ms.
  static constexpr int kFadeMs = 5;

  // The rate of what `next` gives from now on. Clips that wait keep theirs and are
  // converted as they are played.
  void setRate(int rate);
  void push(std::unique_ptr<Clip> clip);
  // Forgets everything that is queued; the next frame has only the fade.
  void flush(std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent);

  // Fills `count` samples, at least kFadeMs; false if they are all silence because
  // nothing was queued. They span clip borders: the next clip's first sample follows
  // the last one's directly.
  bool next(int16_t* out, std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent,
            size_t count);

  bool empty() const { return clips_.empty() && fadeLength_ == 0; }
  int64_t queuedUnits() const { return queued_; }

 private:
  // Up to `wanted` samples at the queue's rate of the first clip; moves on in it.
  size_t take(const Clip& clip, int16_t* out, size_t wanted);

  int rate_ = kSampleRate;
  std::deque<std::unique_ptr<Clip>> clips_;
  // Next sample of the first clip.
  size_t offset_ = 0;
  int64_t queued_ = 0;
  int16_t fade_[kFadeMs * kUnitsPerMs] = {};
  int fadeLength_ = 0;
  HalfBand converter_;
};

}  // namespace trunkline
