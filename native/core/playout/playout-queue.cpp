#include "playout/playout-queue.hpp"

#include <algorithm>

namespace trunkline {

void PlayoutQueue::setRate(int rate) {
  if (rate == rate_) return;
  rate_ = rate;
  fadeLength_ = 0;
  converter_.reset();
}

void PlayoutQueue::push(std::unique_ptr<Clip> clip) {
  queued_ += unitsOf(clip->samples.size(), clip->rate);
  clips_.push_back(std::move(clip));
}

void PlayoutQueue::flush(std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent) {
  bool first = true;
  for (auto& clip : clips_) {
    const size_t played = first ? offset_ : 0;
    if (first && offset_ > 0) {
      const size_t length = std::min(static_cast<size_t>(kFadeMs * rate_ / 1000), clip->samples.size() - offset_);
      for (size_t i = 0; i < length; i++) {
        fade_[i] = static_cast<int16_t>(clip->samples[offset_ + i] * static_cast<int>(length - i) /
                                        static_cast<int>(length + 1));
      }
      fadeLength_ = static_cast<int>(length);
    }
    first = false;
    events->push_back({ClipEvent::Kind::kFlushed, clip->id, static_cast<double>(played) * 1000 / clip->rate});
    spent->push_back(std::move(clip));
  }
  clips_.clear();
  offset_ = 0;
  queued_ = 0;
}

size_t PlayoutQueue::take(const Clip& clip, int16_t* out, size_t wanted) {
  const int16_t* samples = clip.samples.data() + offset_;
  const size_t left = clip.samples.size() - offset_;
  if (clip.rate == rate_) {
    const size_t count = std::min(left, wanted);
    std::copy_n(samples, count, out);
    offset_ += count;
    return count;
  }
  int16_t converted[2 * kMaxPacketSamples];
  if (clip.rate < rate_) {
    const size_t count = std::min(left, (wanted + 1) / 2);
    converter_.up(samples, count, converted);
    offset_ += count;
    std::copy_n(converted, std::min(2 * count, wanted), out);
    return std::min(2 * count, wanted);
  }
  const size_t count = std::min(left, 2 * wanted);
  std::copy_n(samples, count, converted);
  converted[count] = count > 0 ? converted[count - 1] : static_cast<int16_t>(0);
  converter_.down(converted, count + count % 2, out);
  offset_ += count;
  return (count + 1) / 2;
}

bool PlayoutQueue::next(int16_t* out, std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent,
                        size_t wanted) {
  size_t filled = 0;
  while (!clips_.empty() && filled < wanted) {
    Clip& clip = *clips_.front();
    if (offset_ == 0) events->push_back({ClipEvent::Kind::kStarted, clip.id, 0});
    const size_t before = offset_;
    filled += take(clip, out + filled, wanted - filled);
    queued_ -= unitsOf(offset_ - before, clip.rate);
    if (offset_ < clip.samples.size()) break;
    events->push_back({ClipEvent::Kind::kEnded, clip.id, static_cast<double>(offset_) * 1000 / clip.rate});
    spent->push_back(std::move(clips_.front()));
    clips_.pop_front();
    offset_ = 0;
  }
  const bool anything = filled > 0 || fadeLength_ > 0;
  std::fill(out + filled, out + wanted, static_cast<int16_t>(0));
  for (int i = 0; i < fadeLength_; i++) {
    out[i] = static_cast<int16_t>(std::clamp(out[i] + fade_[i], -32768, 32767));
  }
  fadeLength_ = 0;
  return anything;
}

}  // namespace trunkline
