#include "jitter/jitter-buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>

namespace trunkline {
namespace {

// So many packets in a row that all came after their turn are no jitter: the far
// end paused and went on with the same timestamps, and will stay that much later.
constexpr int kLateRun = 5;
// A transit time this far from the others is a new timestamp base, not the network.
constexpr int kTransitJumpMs = 500;
// The delay is left alone while it is this near to its target.
constexpr int kToleranceMs = 10;
// So much too long, it is shortened even while somebody speaks.
constexpr int kIntolerableMs = 60;
constexpr Nanos kShrinkInterval = 100 * kNanosPerMs;
// Mean magnitude below which a frame counts as silence (about -54 dBFS).
constexpr int kSilenceLevel = 64;

bool isSilent(const int16_t* samples, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) sum += std::abs(static_cast<int>(samples[i]));
  return sum < kSilenceLevel * count;
}

// Calls `visit(word index, mask)` for the bits of a range of positions.
template <typename Visit>
void eachWord(int64_t position, int count, int capacity, Visit visit) {
  while (count > 0) {
    const int bit = static_cast<int>(position & 63);
    const int length = std::min(64 - bit, count);
    const uint64_t mask = (length == 64 ? ~0ull : (1ull << length) - 1) << bit;
    visit(static_cast<size_t>((position & (capacity - 1)) >> 6), mask);
    position += length;
    count -= length;
  }
}

}  // namespace

JitterBuffer::JitterBuffer(int rate, int clockRate)
    : rate_(rate),
      clockRate_(clockRate),
      samplesPerClocks_(rate / std::gcd(rate, clockRate)),
      clocksPerSamples_(clockRate / std::gcd(rate, clockRate)),
      frame_(rate * kFrameMs / 1000),
      sampleNanos_(kNanosPerSecond / rate),
      estimator_(rate),
      concealer_(rate) {}

void JitterBuffer::reset(int rate, int clockRate) {
  const int64_t concealed = rate == rate_ ? concealed_ : concealed_ * rate / rate_;
  *this = JitterBuffer(rate, clockRate);
  concealed_ = concealed;
}

void JitterBuffer::anchor(uint32_t timestamp, Nanos arrival, Nanos now) {
  // Far from zero, so that a head before the first timestamp stays positive.
  lastTimestamp_ = static_cast<int64_t>(timestamp) + (1ll << 32);
  estimator_.reset(now);
  std::memset(present_, 0, sizeof present_);
  tail_ = positionOf(lastTimestamp_);
  head_ = tail_ - estimator_.target(now) + (now - arrival) / sampleNanos_;
  highestSequence_ = -1;
  lateRun_ = 0;
  pendingConcealed_ = 0;
  meantSilence_ = true;
  started_ = true;
}

void JitterBuffer::noteSequence(int64_t sequence) {
  // A hole in the numbers: what was concealed since then was a loss.
  if (highestSequence_ >= 0 && sequence > highestSequence_ + 1) {
    concealed_ += pendingConcealed_;
    pendingConcealed_ = 0;
  }
  highestSequence_ = std::max(highestSequence_, sequence);
}

JitterBuffer::Placement JitterBuffer::place(int64_t sequence, uint32_t timestamp, int count, Nanos arrival, Nanos now) {
  Push result = Push::kStored;
  if (!started_) anchor(timestamp, arrival, now);
  lastTimestamp_ += static_cast<int32_t>(timestamp - static_cast<uint32_t>(lastTimestamp_));
  int64_t position = positionOf(lastTimestamp_);
  int64_t transit = arrival / sampleNanos_ - position;
  const bool jumped = estimator_.known() && std::llabs(transit - estimator_.shortest()) > samplesOf(kTransitJumpMs);
  if (jumped || position + count - head_ > samplesOf(kCapacityMs)) {
    anchor(timestamp, arrival, now);
    position = tail_;
    transit = arrival / sampleNanos_ - position;
    result = Push::kResync;
  }
  estimator_.onPacket(transit, now);
  const bool continues = sequence == highestSequence_ + 1;
  noteSequence(sequence);
  if (position < head_) {
    // It came after its turn: what was played instead was a loss to the listener.
    concealed_ += pendingConcealed_;
    pendingConcealed_ = 0;
    if (position + count <= head_) {
      if (++lateRun_ < kLateRun || !continues) return {Push::kLate, position};
      anchor(timestamp, arrival, now);
      position = tail_;
      estimator_.onPacket(arrival / sampleNanos_ - position, now);
      highestSequence_ = sequence;
      result = Push::kResync;
    }
  } else if (tail_ <= head_ && continues) {
    // No number is missing and nothing waits: a talk spurt begins after a silence
    // that was meant (RFC 3551 4.1). Nobody hears the delay being set anew here.
    pendingConcealed_ = 0;
    meantSilence_ = true;
    const int64_t wanted = position - estimator_.target(now) + (now - arrival) / sampleNanos_;
    if (std::llabs(wanted - head_) > samplesOf(kToleranceMs)) head_ = wanted;
  }
  lateRun_ = 0;
  tail_ = std::max(tail_, position + count);
  return {result, position};
}

JitterBuffer::Push JitterBuffer::push(int64_t sequence, uint32_t timestamp, const int16_t* samples, int count,
                                      Nanos arrival, Nanos now) {
  const Placement placement = place(sequence, timestamp, count, arrival, now);
  if (placement.result != Push::kLate) store(placement.position, samples, count);
  return placement.result;
}

void JitterBuffer::onComfortNoise(int64_t sequence) {
  noteSequence(sequence);
  pendingConcealed_ = 0;
  meantSilence_ = true;
  concealer_.forget();
}

void JitterBuffer::store(int64_t position, const int16_t* samples, int count) {
  const int64_t missed = std::max<int64_t>(0, head_ - position);
  if (missed >= count || position + count - head_ > samplesOf(kCapacityMs)) return;
  samples += missed;
  position += missed;
  count -= static_cast<int>(missed);
  const int start = static_cast<int>(position & (kCapacity - 1));
  const int first = std::min(count, kCapacity - start);
  std::memcpy(ring_ + start, samples, static_cast<size_t>(first) * sizeof(int16_t));
  std::memcpy(ring_, samples + first, static_cast<size_t>(count - first) * sizeof(int16_t));
  eachWord(position, count, kCapacity, [this](size_t word, uint64_t mask) { present_[word] |= mask; });
  tail_ = std::max(tail_, position + count);
}

bool JitterBuffer::take(int64_t position, int16_t* out, int count) const {
  bool all = true;
  eachWord(position, count, kCapacity, [&](size_t word, uint64_t mask) { all = all && (present_[word] & mask) == mask; });
  if (!all) return false;
  const int start = static_cast<int>(position & (kCapacity - 1));
  const int first = std::min(count, kCapacity - start);
  std::memcpy(out, ring_ + start, static_cast<size_t>(first) * sizeof(int16_t));
  std::memcpy(out + first, ring_, static_cast<size_t>(count - first) * sizeof(int16_t));
  return true;
}

void JitterBuffer::erase(int64_t position, int count) {
  eachWord(position, count, kCapacity, [this](size_t word, uint64_t mask) { present_[word] &= ~mask; });
}

void JitterBuffer::fillHoles(int16_t* out) {
  int i = 0;
  while (i < frame_) {
    const int start = i;
    const bool present = has(head_ + i);
    while (i < frame_ && has(head_ + i) == present) i++;
    const size_t length = static_cast<size_t>(i - start);
    if (present) {
      for (int k = start; k < i; k++) out[k] = ring_[(head_ + k) & (kCapacity - 1)];
      if (concealing_) concealer_.recover(out + start, length);
      concealer_.remember(out + start, length);
      concealing_ = false;
      meantSilence_ = false;
    } else if (meantSilence_) {
      std::fill(out + start, out + i, static_cast<int16_t>(0));
    } else {
      pendingConcealed_ += static_cast<int64_t>(concealer_.conceal(out + start, length));
      concealing_ = true;
      // Later audio already waits, so this hole is a loss and no pause.
      if (tail_ > head_ + i) {
        concealed_ += pendingConcealed_;
        pendingConcealed_ = 0;
      }
    }
  }
}

int JitterBuffer::measureExcess(Nanos now) {
  estimator_.advance(now);
  if (!estimator_.known()) return 0;
  delay_ = static_cast<int>(now / sampleNanos_ - head_ - estimator_.shortest());
  const int excess = delay_ - estimator_.target(now);
  return std::abs(excess) < samplesOf(kToleranceMs) ? 0 : excess;
}

void JitterBuffer::stretch(int16_t* out) {
  int present = 0;
  while (present < frame_ && has(head_ + present)) {
    out[present] = ring_[(head_ + present) & (kCapacity - 1)];
    present++;
  }
  if (present > 0) {
    if (concealing_) concealer_.recover(out, static_cast<size_t>(present));
    concealer_.remember(out, static_cast<size_t>(present));
    meantSilence_ = false;
  }
  const size_t missing = static_cast<size_t>(frame_ - present);
  if (meantSilence_) {
    std::fill(out + present, out + frame_, static_cast<int16_t>(0));
  } else {
    concealed_ += static_cast<int64_t>(concealer_.conceal(out + present, missing));
    concealing_ = true;
  }
  erase(head_, present);
  head_ += present;
}

void JitterBuffer::shrink(int16_t* frame, int excess, Nanos now) {
  if (now - lastShrink_ < kShrinkInterval) return;
  if (excess < samplesOf(kIntolerableMs) && !isSilent(frame, frame_)) return;
  const int skip = std::min(excess, frame_);
  int16_t later[kMaxFrameSamples];
  if (!take(head_ + skip, later, frame_)) return;
  for (int i = 0; i < frame_; i++) {
    frame[i] = static_cast<int16_t>((frame[i] * (frame_ - i) + later[i] * i) / frame_);
  }
  erase(head_, skip);
  head_ += skip;
  lastShrink_ = now;
}

void JitterBuffer::pop(int16_t* out, Nanos now) {
  if (!started_) {
    std::fill(out, out + frame_, static_cast<int16_t>(0));
    return;
  }
  const int excess = measureExcess(now);
  if (take(head_, out, frame_)) {
    if (concealing_) concealer_.recover(out, static_cast<size_t>(frame_));
    concealing_ = false;
    meantSilence_ = false;
    if (excess > 0) shrink(out, excess, now);
    concealer_.remember(out, static_cast<size_t>(frame_));
    // The same silence once more makes the delay a frame longer.
    if (excess < 0 && isSilent(out, frame_)) return;
  } else if (excess < 0) {
    stretch(out);
    return;
  } else {
    fillHoles(out);
  }
  erase(head_, frame_);
  head_ += frame_;
}

}  // namespace trunkline
