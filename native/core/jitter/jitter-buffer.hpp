// Adaptive jitter buffer: packets in, exactly 20 ms a tick out.
#pragma once

#include <cstdint>

#include "clock.hpp"
#include "jitter/concealer.hpp"
#include "jitter/delay-estimator.hpp"

namespace trunkline {

// A ring of samples addressed by RTP timestamp. Packets of any length may come in
// any order; the play head moves by one frame a tick, and where it finds no
// samples the concealer fills in. The delay is moved only where nobody hears it:
// in silence, or inside concealment, unless it is far off.
class JitterBuffer {
 public:
  enum class Push : uint8_t { kStored, kLate, kResync };
  struct Placement {
    Push result;
    // Where the packet's audio belongs, for `store`.
    int64_t position;
  };

  // Samples and RTP timestamps a second: 8000 or 16000, and 8000 or 48000.
  explicit JitterBuffer(int rate = kSampleRate, int clockRate = kSampleRate);

  // Forgets all audio; the rates stay, and so does the count of concealment.
  void reset() { reset(rate_, clockRate_); }
  void reset(int rate, int clockRate);
  int rate() const { return rate_; }
  int clockRate() const { return clockRate_; }

  // A packet of `count` samples, at most half a buffer, came; its audio follows by `store`,
  // at once or later. `sequence` is the extended number.
  Placement place(int64_t sequence, uint32_t timestamp, int count, Nanos arrival, Nanos now);
  // What belongs before the play head is left away.
  void store(int64_t position, const int16_t* samples, int count);
  // Both in one.
  Push push(int64_t sequence, uint32_t timestamp, const int16_t* samples, int count, Nanos arrival, Nanos now);
  // The next `pop` takes everything before this position.
  int64_t due() const { return head_ + frame_; }
  // The codec itself made up this much for packets that were lost.
  void onConcealedByCodec(int count) { concealed_ += count; }
  // Comfort noise (RFC 3389): silence is meant until the next audio.
  void onComfortNoise(int64_t sequence);
  // The far end sent something that is no audio (a telephone event): its number is not lost.
  void onOther(int64_t sequence) { noteSequence(sequence); }

  // One frame of 20 ms for the tick at `now`.
  void pop(int16_t* out, Nanos now);

  bool started() const { return started_; }
  // Samples of concealment for packets that were really lost or late.
  int64_t concealedSamples() const { return concealed_; }
  // Present delay from the fastest packet's arrival to its play, samples.
  int delaySamples() const { return delay_; }

 private:
  static constexpr int kCapacityMs = 512;
  static constexpr int kCapacity = kCapacityMs * kWideSampleRate / 1000;
  static_assert((kCapacity & (kCapacity - 1)) == 0, "positions are masked");

  // Of an unwrapped timestamp.
  int64_t positionOf(int64_t timestamp) const { return timestamp * samplesPerClocks_ / clocksPerSamples_; }
  int samplesOf(int ms) const { return ms * rate_ / 1000; }
  void anchor(uint32_t timestamp, Nanos arrival, Nanos now);
  void noteSequence(int64_t sequence);
  // Copies `count` samples if all of them are there.
  bool take(int64_t position, int16_t* out, int count) const;
  void erase(int64_t position, int count);
  bool has(int64_t position) const {
    return (present_[(position & (kCapacity - 1)) / 64] >> (position & 63) & 1) != 0;
  }
  // Samples that the delay is too long (or, negative, too short); 0 within the tolerance.
  int measureExcess(Nanos now);
  // The delay is too short and the frame is not there: waits for it by concealment.
  void stretch(int16_t* out);
  // The delay is too long: blends this frame into a later one.
  void shrink(int16_t* frame, int excess, Nanos now);
  void fillHoles(int16_t* out);

  int rate_;
  int clockRate_;
  // Their ratio in lowest terms.
  int samplesPerClocks_;
  int clocksPerSamples_;
  int frame_;
  Nanos sampleNanos_;
  bool started_ = false;
  // Unwrapped.
  int64_t lastTimestamp_ = 0;
  // Positions count samples.
  int64_t head_ = 0;
  // One past the newest sample stored.
  int64_t tail_ = 0;
  int64_t highestSequence_ = -1;
  // Packets in a row that came wholly after their turn.
  int lateRun_ = 0;
  int delay_ = 0;
  bool meantSilence_ = true;
  int64_t concealed_ = 0;
  // Concealed in the present gap; counted when a packet proves that it was a loss.
  int64_t pendingConcealed_ = 0;
  bool concealing_ = false;
  Nanos lastShrink_ = 0;
  DelayEstimator estimator_;
  Concealer concealer_;
  uint64_t present_[kCapacity / 64] = {};
  int16_t ring_[kCapacity] = {};
};

}  // namespace trunkline
