// The one door from the I/O thread to JavaScript: frames of all sessions, once a
// tick, and events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "clock.hpp"
#include "engine/events.hpp"
#include "engine/pi-mutex.hpp"

namespace trunkline {

// Frames of one tick in one block of memory that JavaScript maps:
//   0 float64 atMs, 8 int32 rows, 12 int32 ticks dropped before this one,
//   16 uint32 session id [capacity], then int32 samples a second [capacity], then
//   (64-byte aligned) int16 [capacity][320], of which a narrowband row uses 160.
class TickBatch {
 public:
  static constexpr size_t kIdsOffset = 16;
  static size_t samplesOffset(size_t capacity) { return (kIdsOffset + capacity * 8 + 63) & ~size_t{63}; }
  static size_t byteSize(size_t capacity) { return samplesOffset(capacity) + capacity * kMaxFrameSamples * 2; }

  TickBatch(int index, size_t capacity);

  void begin(Nanos at);
  // The next row, or null if every row is taken.
  int16_t* addRow(uint32_t session, int rate);
  void setDropped(int32_t ticks);

  int index() const { return index_; }
  size_t capacity() const { return capacity_; }
  // Shared with JavaScript's view of it, which may outlive the engine.
  const std::shared_ptr<uint8_t>& memory() const { return memory_; }

 private:
  int index_;
  size_t capacity_;
  size_t rows_ = 0;
  std::shared_ptr<uint8_t> memory_;
};

// Bounded: while JavaScript is blocked the oldest ticks are dropped and counted;
// events are kept (those that the network can cause without limit are bounded).
class Outbox {
 public:
  static constexpr size_t kMaxTicks = 100;
  static constexpr size_t kMaxNetworkEvents = 4096;

  explicit Outbox(size_t rows) : rows_(rows) {}

  // I/O thread.
  TickBatch* begin(Nanos at);
  void publish(TickBatch* batch, std::vector<Event>* events);
  // Any thread.
  void addEvent(const Event& event);

  // JavaScript's thread: the oldest tick, or null; `previous` is given back. Up to
  // `maxEvents` events that happened until then.
  TickBatch* take(TickBatch* previous, Event* events, size_t maxEvents, size_t* eventCount);
  TickBatch* batch(int index);
  int64_t droppedTicks();

 private:
  size_t rows_;
  PiMutex mutex_;
  std::vector<std::unique_ptr<TickBatch>> all_;
  std::vector<TickBatch*> free_;
  std::deque<TickBatch*> ready_;
  std::deque<Event> events_;
  int32_t droppedSinceTake_ = 0;
  int64_t dropped_ = 0;
};

}  // namespace trunkline
