// A piece of audio to be sent, and the queue that chains pieces without a gap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "clock.hpp"

namespace trunkline {

struct Clip {
  uint32_t id = 0;
  // Linear PCM at 8 kHz.
  std::vector<int16_t> samples;
};

// What happened to clips while one frame was taken, in order.
struct ClipEvent {
  enum class Kind : uint8_t { kStarted, kEnded, kFlushed };
  Kind kind;
  uint32_t id;
  // Samples of it that were sent.
  uint32_t playedSamples;
};

class PlayoutQueue {
 public:
  // A click is avoided by fading out over 5 ms.
  static constexpr int kFadeSamples = 40;

  void push(std::unique_ptr<Clip> clip);
  // Forgets everything that is queued; the next frame has only the fade.
  void flush(std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent);

  // Fills `count` samples, at least kFadeSamples; false if they are all silence because
  // nothing was queued. They span clip borders: the next clip's first sample follows
  // the last one's directly.
  bool next(int16_t* out, std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent,
            size_t count = kFrameSamples);

  bool empty() const { return clips_.empty() && fadeLength_ == 0; }
  int64_t queuedSamples() const { return queued_; }

 private:
  std::deque<std::unique_ptr<Clip>> clips_;
  // Next sample of the first clip.
  size_t offset_ = 0;
  int64_t queued_ = 0;
  int16_t fade_[kFadeSamples] = {};
  int fadeLength_ = 0;
};

}  // namespace trunkline
