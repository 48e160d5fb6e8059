// Rate conversion by windowed-sinc interpolation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace trunkline {

// Converts one piece of audio between any two rates of 1000 to 192000 Hz. Audio
// above 0.45 of the lower rate is taken away (Kaiser window, more than 70 dB from
// half the rate on), so speech from a 24 kHz voice does not alias on the telephone.
class Resampler {
 public:
  Resampler(int fromRate, int toRate);

  // `before`: up to context() samples that precede `input`, newest last, so that
  // pieces of one utterance join without an edge. What follows the piece is not
  // known yet and is extended by reflection.
  std::vector<int16_t> convert(const int16_t* input, size_t count, const int16_t* before = nullptr,
                               size_t beforeCount = 0) const;

  // Input samples on each side that one output sample depends on.
  size_t context() const { return static_cast<size_t>(halfWidth_); }
  size_t outputSize(size_t inputSize) const;

 private:
  // Output and input rate, divided by their greatest common divisor.
  int up_;
  int down_;
  int halfWidth_;
  // One filter of 2 * halfWidth_ taps for each of `up_` phases.
  std::vector<float> taps_;
};

// Filters are computed once for each pair of rates. For one thread.
class ResamplerCache {
 public:
  const Resampler& get(int fromRate, int toRate) {
    auto& entry = entries_[{fromRate, toRate}];
    if (!entry) entry = std::make_unique<Resampler>(fromRate, toRate);
    return *entry;
  }

 private:
  std::map<std::pair<int, int>, std::unique_ptr<Resampler>> entries_;
};

}  // namespace trunkline
