// Packet loss concealment by waveform repetition, after ITU-T G.711 appendix I:
// the last pitch period is repeated and fades, and real audio is blended back in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock.hpp"

namespace trunkline {

class Concealer {
 public:
  // Appendix I: after 60 ms of loss there is nothing left to repeat.
  static constexpr int kLimitSamples = 60 * kSamplesPerMs;

  // Real audio that was played.
  void remember(const int16_t* samples, size_t count);
  // `count` samples for lost ones; how many of them are not silence.
  size_t conceal(int16_t* out, size_t count);
  // Blends the start of real audio with the concealment that it ends.
  void recover(int16_t* samples, size_t count);
  // A silence that is meant (comfort noise, discontinuous transmission).
  void forget();

 private:
  static constexpr size_t kHistory = 400;
  static constexpr size_t kOverlap = 32;
  static constexpr int kShortestPeriod = 40;   // 200 Hz
  static constexpr int kLongestPeriod = 120;   // 66 Hz

  size_t findPeriod() const;
  int16_t nextRepeated();

  int16_t history_[kHistory] = {};
  size_t known_ = 0;
  // While concealing: one period, its length, and how far it has been repeated.
  int16_t period_[kLongestPeriod] = {};
  size_t periodLength_ = 0;
  size_t position_ = 0;
  int concealed_ = 0;
};

}  // namespace trunkline
