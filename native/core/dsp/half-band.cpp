#include "dsp/half-band.hpp"

#include <algorithm>
#include <cmath>

namespace trunkline {
namespace {

// Taps 1, 3, ... 15 beside the middle, which is 1/2: sin(pi n / 2) / (pi n) under a
// Kaiser window (beta 5.6), scaled so that a constant passes unchanged.
constexpr float kTaps[8] = {0.3153660f, -0.0970453f, 0.0494492f, -0.0273772f,
                            0.0148462f, -0.0074172f, 0.0031778f, -0.0009995f};

int16_t round16(float value) { return static_cast<int16_t>(std::lrint(std::clamp(value, -32768.0f, 32767.0f))); }

}  // namespace

void HalfBand::up(const int16_t* in, size_t count, int16_t* out) {
  // The input with zeros between: of each two outputs one meets the odd taps, the other
  // the middle alone.
  const auto past = [this](int age) { return history_[(at_ - age) & (kHistory - 1)]; };
  for (size_t i = 0; i < count; i++) {
    at_ = (at_ + 1) & (kHistory - 1);
    history_[at_] = in[i];
    float sum = 0;
    for (int k = 0; k < 8; k++) sum += kTaps[k] * (past(7 - k) + past(8 + k));
    out[2 * i] = round16(2 * sum);
    out[2 * i + 1] = round16(past(7));
  }
}

void HalfBand::down(const int16_t* in, size_t count, int16_t* out) {
  const auto past = [this](int age) { return history_[(at_ - age) & (kHistory - 1)]; };
  for (size_t i = 0; i + 1 < count; i += 2) {
    for (size_t k = 0; k < 2; k++) {
      at_ = (at_ + 1) & (kHistory - 1);
      history_[at_] = in[i + k];
    }
    float sum = 0.5f * past(15);
    for (int k = 0; k < 8; k++) sum += kTaps[k] * (past(14 - 2 * k) + past(16 + 2 * k));
    out[i / 2] = round16(sum);
  }
}

}  // namespace trunkline
