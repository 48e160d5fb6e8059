#include "jitter/decode-queue.hpp"

#include <algorithm>

namespace trunkline {

void DecodeQueue::reset() {
  for (Slot& slot : slots_) slot.sequence = -1;
  next_ = -1;
  running_ = false;
  waiting_ = 0;
  end_ = -1;
}

void DecodeQueue::push(int64_t sequence, int64_t position, int count, const uint8_t* payload, size_t size) {
  // So far ahead that what waits can never be reached in order.
  if (next_ >= 0 && sequence >= next_ + kSlots) reset();
  if (next_ < 0) next_ = sequence;
  // The very first packet may have been overtaken too.
  if (sequence < next_ && (running_ || sequence <= next_ - kSlots)) return;
  Slot& slot = at(sequence);
  // It is here already, or its place is taken by one that cannot both be kept with it.
  if (slot.sequence >= 0) return;
  next_ = std::min(next_, sequence);
  slot.sequence = sequence;
  slot.position = position;
  slot.count = count;
  slot.payload.assign(payload, payload + size);
  waiting_++;
}

void DecodeQueue::decode(Slot* slot, SpeechCodec* codec, JitterBuffer* buffer) {
  int16_t samples[SpeechCodec::kMaxDecoded];
  if (slot->count > 0) {
    const int count = codec->decode(slot->payload.data(), slot->payload.size(), samples);
    if (count > 0) buffer->store(slot->position, samples, count);
    end_ = slot->position + slot->count;
  } else {
    end_ = -1;
  }
  slot->sequence = -1;
  waiting_--;
  running_ = true;
}

bool DecodeQueue::fillGap(const Slot& later, SpeechCodec* codec, JitterBuffer* buffer, int64_t due) {
  if (later.count == 0 || end_ < 0) return later.count == 0 || later.position < due;
  if (end_ >= due) return false;
  const int64_t gap = later.position - end_;
  if (gap <= 0 || gap > kMaxGapSamples) return true;
  int16_t samples[SpeechCodec::kMaxDecoded];
  // The last of the lost packets was as long as the one that repeats it.
  const int repeated = static_cast<int>(std::min<int64_t>(gap, later.count));
  const int before = static_cast<int>(gap) - repeated;
  if (before > 0) {
    const int count = codec->conceal(samples, before);
    if (count > 0) {
      buffer->store(end_, samples, count);
      buffer->onConcealedByCodec(count);
    }
  }
  int count = codec->recover(later.payload.data(), later.payload.size(), samples, repeated);
  if (count == 0) {
    count = codec->conceal(samples, repeated);
    buffer->onConcealedByCodec(count);
  }
  if (count > 0) buffer->store(later.position - repeated, samples, count);
  return true;
}

void DecodeQueue::run(SpeechCodec* codec, JitterBuffer* buffer, int64_t due) {
  while (waiting_ > 0) {
    Slot& slot = at(next_);
    if (slot.sequence == next_) {
      decode(&slot, codec, buffer);
      next_++;
      continue;
    }
    int64_t later = next_ + 1;
    while (at(later).sequence != later) later++;
    if (!fillGap(at(later), codec, buffer, due)) return;
    next_ = later;
  }
}

}  // namespace trunkline
