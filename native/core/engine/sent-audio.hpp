// What we sent, cut into frames of 20 ms for the recording whatever the packets carry.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "clock.hpp"

namespace trunkline {

class SentAudio {
 public:
  // Packets that also leave between two ticks need 10 ms in hand, so that no frame
  // has to wait for the packet that ends it.
  void start(bool betweenTicks, int rate) {
    frame_ = static_cast<size_t>(rate * kFrameMs / 1000);
    size_ = betweenTicks ? frame_ / 2 : 0;
    std::memset(samples_, 0, sizeof samples_);
  }

  void push(const int16_t* samples, size_t count) {
    const size_t taken = std::min(count, kCapacity - size_);
    std::memcpy(samples_ + size_, samples, taken * sizeof(int16_t));
    size_ += taken;
  }

  // One frame; what was not sent is silence.
  void pop(int16_t* frame) {
    const size_t taken = std::min(size_, frame_);
    std::memcpy(frame, samples_, taken * sizeof(int16_t));
    std::fill(frame + taken, frame + frame_, static_cast<int16_t>(0));
    size_ -= taken;
    std::memmove(samples_, samples_ + taken, size_ * sizeof(int16_t));
  }

 private:
  // The longest packet, a frame before it, and the 10 ms.
  static constexpr size_t kCapacity = 2048;
  int16_t samples_[kCapacity] = {};
  size_t size_ = 0;
  size_t frame_ = kFrameSamples;
};

}  // namespace trunkline
