#include "engine/outbox.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace trunkline {

TickBatch::TickBatch(int index, size_t capacity) : index_(index), capacity_(capacity) {
  // Mapped, not allocated: rows that no session uses never become resident.
  const size_t size = byteSize(capacity);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = std::shared_ptr<uint8_t>(static_cast<uint8_t*>(memory), [size](uint8_t* bytes) { munmap(bytes, size); });
}

void TickBatch::begin(Nanos at) {
  const double atMs = toMs(at);
  rows_ = 0;
  std::memcpy(memory_.get(), &atMs, sizeof atMs);
  std::memset(memory_.get() + 8, 0, 8);
}

int16_t* TickBatch::addRow(uint32_t session, int rate) {
  if (rows_ >= capacity_) return nullptr;
  std::memcpy(memory_.get() + kIdsOffset + rows_ * 4, &session, sizeof session);
  const int32_t rate32 = rate;
  std::memcpy(memory_.get() + kIdsOffset + (capacity_ + rows_) * 4, &rate32, sizeof rate32);
  auto* samples = reinterpret_cast<int16_t*>(memory_.get() + samplesOffset(capacity_)) + rows_ * kMaxFrameSamples;
  rows_++;
  const int32_t rows = static_cast<int32_t>(rows_);
  std::memcpy(memory_.get() + 8, &rows, sizeof rows);
  return samples;
}

void TickBatch::setDropped(int32_t ticks) { std::memcpy(memory_.get() + 12, &ticks, sizeof ticks); }

TickBatch* Outbox::begin(Nanos at) {
  const std::lock_guard<PiMutex> lock(mutex_);
  TickBatch* batch;
  if (!free_.empty()) {
    batch = free_.back();
    free_.pop_back();
  } else if (ready_.size() >= kMaxTicks) {
    batch = ready_.front();
    ready_.pop_front();
    dropped_++;
    droppedSinceTake_++;
  } else {
    all_.push_back(std::make_unique<TickBatch>(static_cast<int>(all_.size()), rows_));
    batch = all_.back().get();
  }
  batch->begin(at);
  return batch;
}

void Outbox::publish(TickBatch* batch, std::vector<Event>* events) {
  const std::lock_guard<PiMutex> lock(mutex_);
  ready_.push_back(batch);
  for (const Event& event : *events) {
    if (event.kind == EventKind::kDtmf && events_.size() >= kMaxNetworkEvents) continue;
    events_.push_back(event);
  }
  events->clear();
}

void Outbox::addEvent(const Event& event) {
  const std::lock_guard<PiMutex> lock(mutex_);
  events_.push_back(event);
}

TickBatch* Outbox::take(TickBatch* previous, Event* events, size_t maxEvents, size_t* eventCount) {
  const std::lock_guard<PiMutex> lock(mutex_);
  if (previous != nullptr) free_.push_back(previous);
  const size_t count = std::min(maxEvents, events_.size());
  std::copy_n(events_.begin(), count, events);
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(count));
  *eventCount = count;
  if (ready_.empty()) return nullptr;
  TickBatch* batch = ready_.front();
  ready_.pop_front();
  batch->setDropped(droppedSinceTake_);
  droppedSinceTake_ = 0;
  return batch;
}

TickBatch* Outbox::batch(int index) {
  const std::lock_guard<PiMutex> lock(mutex_);
  return index >= 0 && static_cast<size_t>(index) < all_.size() ? all_[static_cast<size_t>(index)].get() : nullptr;
}

int64_t Outbox::droppedTicks() {
  const std::lock_guard<PiMutex> lock(mutex_);
  return dropped_;
}

}  // namespace trunkline
