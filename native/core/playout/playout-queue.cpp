#include "playout/playout-queue.hpp"

#include <algorithm>

namespace trunkline {

void PlayoutQueue::push(std::unique_ptr<Clip> clip) {
  queued_ += static_cast<int64_t>(clip->samples.size());
  clips_.push_back(std::move(clip));
}

void PlayoutQueue::flush(std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent) {
  bool first = true;
  for (auto& clip : clips_) {
    const size_t played = first ? offset_ : 0;
    if (first && offset_ > 0) {
      const size_t length = std::min<size_t>(kFadeSamples, clip->samples.size() - offset_);
      for (size_t i = 0; i < length; i++) {
        fade_[i] = static_cast<int16_t>(clip->samples[offset_ + i] * static_cast<int>(length - i) /
                                        static_cast<int>(length + 1));
      }
      fadeLength_ = static_cast<int>(length);
    }
    first = false;
    events->push_back({ClipEvent::Kind::kFlushed, clip->id, static_cast<uint32_t>(played)});
    spent->push_back(std::move(clip));
  }
  clips_.clear();
  offset_ = 0;
  queued_ = 0;
}

bool PlayoutQueue::next(int16_t* out, std::vector<ClipEvent>* events, std::vector<std::unique_ptr<Clip>>* spent,
                        size_t wanted) {
  size_t filled = 0;
  while (!clips_.empty() && filled < wanted) {
    Clip& clip = *clips_.front();
    if (offset_ == 0) events->push_back({ClipEvent::Kind::kStarted, clip.id, 0});
    const size_t count = std::min(clip.samples.size() - offset_, wanted - filled);
    std::copy_n(clip.samples.begin() + static_cast<std::ptrdiff_t>(offset_), count, out + filled);
    filled += count;
    offset_ += count;
    queued_ -= static_cast<int64_t>(count);
    if (offset_ < clip.samples.size()) break;
    events->push_back({ClipEvent::Kind::kEnded, clip.id, static_cast<uint32_t>(clip.samples.size())});
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
