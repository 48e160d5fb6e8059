#include "jitter/concealer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace trunkline {

void Concealer::remember(const int16_t* samples, size_t count) {
  concealed_ = 0;
  periodLength_ = 0;
  const size_t all = history();
  if (count >= all) {
    std::memcpy(history_, samples + count - all, all * sizeof(int16_t));
    known_ = all;
    return;
  }
  std::memmove(history_, history_ + count, (all - count) * sizeof(int16_t));
  std::memcpy(history_ + all - count, samples, count * sizeof(int16_t));
  known_ = std::min(all, known_ + count);
}

size_t Concealer::findPeriod() const {
  // Normalised cross-correlation of the last 20 ms with itself one period earlier.
  const size_t window = static_cast<size_t>(kFrameMs * samplesPerMs_);
  const int16_t* recent = history_ + history() - window;
  size_t best = static_cast<size_t>(kLongestPeriodMs * samplesPerMs_);
  double bestScore = -1;
  for (int lag = kShortestPeriodMs * samplesPerMs_; lag <= kLongestPeriodMs * samplesPerMs_; lag++) {
    const int16_t* earlier = recent - lag;
    int64_t product = 0;
    int64_t energy = 1;
    for (size_t i = 0; i < window; i++) {
      product += static_cast<int64_t>(recent[i]) * earlier[i];
      energy += static_cast<int64_t>(earlier[i]) * earlier[i];
    }
    const double score = product <= 0 ? 0 : static_cast<double>(product) / std::sqrt(static_cast<double>(energy));
    if (score > bestScore) {
      bestScore = score;
      best = static_cast<size_t>(lag);
    }
  }
  return best;
}

int16_t Concealer::nextRepeated() {
  const int16_t sample = period_[position_];
  position_ = (position_ + 1) % periodLength_;
  // Full level for 10 ms, then down to silence at 60 ms (appendix I.2.6: 20 % every 10 ms).
  const int fadeStart = 10 * samplesPerMs_;
  int gain = 1024;
  if (concealed_ > fadeStart) gain = 1024 * std::max(0, limit() - concealed_) / (limit() - fadeStart);
  concealed_++;
  return static_cast<int16_t>(sample * gain / 1024);
}

size_t Concealer::conceal(int16_t* out, size_t count) {
  size_t audible = 0;
  if (known_ >= history() && concealed_ < limit()) {
    if (periodLength_ == 0) {
      periodLength_ = findPeriod();
      std::memcpy(period_, history_ + history() - periodLength_, periodLength_ * sizeof(int16_t));
      position_ = 0;
    }
    while (audible < count && concealed_ < limit()) out[audible++] = nextRepeated();
  }
  std::fill(out + audible, out + count, static_cast<int16_t>(0));
  return audible;
}

void Concealer::recover(int16_t* samples, size_t count) {
  if (periodLength_ == 0 || concealed_ >= limit()) return;
  const size_t overlap = std::min(count, static_cast<size_t>(kOverlapMs * samplesPerMs_));
  for (size_t i = 0; i < overlap; i++) {
    const int repeated = nextRepeated();
    const int weight = static_cast<int>(i + 1);
    const int length = static_cast<int>(overlap + 1);
    samples[i] = static_cast<int16_t>((samples[i] * weight + repeated * (length - weight)) / length);
  }
  periodLength_ = 0;
  concealed_ = 0;
}

void Concealer::forget() {
  known_ = 0;
  periodLength_ = 0;
  concealed_ = 0;
}

}  // namespace trunkline
