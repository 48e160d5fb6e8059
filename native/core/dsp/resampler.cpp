#include "dsp/resampler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trunkline {
namespace {

// Zero crossings of the sinc on each side of the centre.
constexpr int kCrossings = 24;
// Kaiser's beta for about 75 dB of stop-band attenuation.
constexpr double kBeta = 7.2;
// Middle of the transition band, as a part of the lower rate.
constexpr double kCutoff = 0.47;

double besselI0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; k < 40; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

}  // namespace

Resampler::Resampler(int fromRate, int toRate) {
  const int divisor = std::gcd(fromRate, toRate);
  up_ = toRate / divisor;
  down_ = fromRate / divisor;
  // In cycles per input sample.
  const double cutoff = kCutoff * std::min(fromRate, toRate) / fromRate;
  const double half = kCrossings / (2 * cutoff);
  halfWidth_ = static_cast<int>(std::ceil(half));
  taps_.resize(static_cast<size_t>(up_) * 2 * halfWidth_);
  for (int phase = 0; phase < up_; phase++) {
    float* row = &taps_[static_cast<size_t>(phase) * 2 * halfWidth_];
    double sum = 0;
    for (int k = 0; k < 2 * halfWidth_; k++) {
      // Distance of tap k from the output sample, in input samples.
      const double distance = k - halfWidth_ + 1 - static_cast<double>(phase) / up_;
      const double edge = distance / half;
      double tap = 0;
      if (std::abs(edge) < 1) {
        const double angle = 2 * M_PI * cutoff * distance;
        const double sinc = std::abs(angle) < 1e-9 ? 1 : std::sin(angle) / angle;
        tap = sinc * besselI0(kBeta * std::sqrt(1 - edge * edge)) / besselI0(kBeta);
      }
      row[k] = static_cast<float>(tap);
      sum += tap;
    }
    // Every phase passes a constant unchanged.
    for (int k = 0; k < 2 * halfWidth_; k++) row[k] = static_cast<float>(row[k] / sum);
  }
}

size_t Resampler::outputSize(size_t inputSize) const {
  return (inputSize * static_cast<size_t>(up_) + static_cast<size_t>(down_) - 1) / static_cast<size_t>(down_);
}

std::vector<int16_t> Resampler::convert(const int16_t* input, size_t count, const int16_t* before,
                                        size_t beforeCount) const {
  if (count == 0) return {};
  if (up_ == down_) return std::vector<int16_t>(input, input + count);
  const size_t half = static_cast<size_t>(halfWidth_);
  // Point reflection at an edge keeps level and slope: 2 * edge - mirrored.
  std::vector<float> padded(count + 2 * half);
  for (size_t i = 0; i < half; i++) {
    if (i < beforeCount) {
      padded[half - 1 - i] = before[beforeCount - 1 - i];
    } else {
      padded[half - 1 - i] = 2.0f * input[0] - input[std::min(i + 1, count - 1)];
    }
    padded[half + count + i] = 2.0f * input[count - 1] - input[count - 1 - std::min(i + 1, count - 1)];
  }
  for (size_t i = 0; i < count; i++) padded[half + i] = input[i];
  std::vector<int16_t> output(outputSize(count));
  size_t index = 0;
  int phase = 0;
  for (int16_t& out : output) {
    const float* taps = &taps_[static_cast<size_t>(phase) * 2 * half];
    const float* samples = &padded[index + 1];
    float sum = 0;
    for (size_t k = 0; k < 2 * half; k++) sum += taps[k] * samples[k];
    out = static_cast<int16_t>(std::lrint(std::clamp(sum, -32768.0f, 32767.0f)));
    phase += down_;
    index += static_cast<size_t>(phase / up_);
    phase %= up_;
  }
  return output;
}

}  // namespace trunkline
