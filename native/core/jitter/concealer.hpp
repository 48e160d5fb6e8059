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
  static constexpr int kLimitMs = 60;

  explicit Concealer(int rate = kSampleRate) : samplesPerMs_(rate / 1000) {}

  // Real audio that was played.
  void remember(const int16_t* samples, size_t count);
  // `count` samples for lost ones; how many of them are not silence.
  size_t conceal(int16_t* out, size_t count);
  // Blends the start of real audio with the concealment that it ends.
  void recover(int16_t* samples, size_t count);
  // A silence that is meant (comfort noise, discontinuous transmission).
  void forget();

 private:
  static constexpr int kHistoryMs = 50;
  static constexpr int kOverlapMs = 4;
  static constexpr int kShortestPeriodMs = 5;   // 200 Hz
  static constexpr int kLongestPeriodMs = 15;   // 66 Hz
  static constexpr int kMaxSamplesPerMs = kWideSampleRate / 1000;

  size_t history() const { return static_cast<size_t>(kHistoryMs * samplesPerMs_); }
  int limit() const { return kLimitMs * samplesPerMs_; }
  size_t findPeriod() const;
  int16_t nextRepeated();

  int samplesPerMs_;
  int16_t history_[kHistoryMs * kMaxSamplesPerMs] = {};
  size_t known_ = 0;
  // While concealing: one period, its length, and how far it has been repeated.
  int16_t period_[kLongestPeriodMs * kMaxSamplesPerMs] = {};
  size_t periodLength_ = 0;
  size_t position_ = 0;
  int concealed_ = 0;
};

}  // namespace trunkline
