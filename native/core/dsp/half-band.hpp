// Between 8 and 16 kHz on the I/O thread, sample by sample and without allocation: for
// the few places where audio of the other rate meets a session (a far end that changes
// to G.711, a clip queued before the rate changed). Clips are converted by the better
// Resampler before they are queued.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trunkline {

// A half-band low-pass of 31 taps, about 60 dB; every other tap is zero. One direction
// each; delays by 15 samples of 16 kHz.
class HalfBand {
 public:
  void reset() { *this = HalfBand(); }
  // 2 * `count` samples.
  void up(const int16_t* in, size_t count, int16_t* out);
  // `count` / 2 samples; `count` is even. `in` and `out` may be the same.
  void down(const int16_t* in, size_t count, int16_t* out);

 private:
  static constexpr int kHistory = 32;

  // The last samples at the input's rate, newest at `at_`.
  float history_[kHistory] = {};
  int at_ = 0;
};

}  // namespace trunkline
