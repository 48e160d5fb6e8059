// The 20 ms clock of the engine.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "clock.hpp"

namespace trunkline {

// Calls `step(nominal time)` every 20 ms on a thread of its own, at real-time
// priority where the system allows it; and `halfStep` 10 ms after it where it said so.
class IoThread {
 public:
  // A thread that was kept from running catches up this many ticks at once; older
  // ones are skipped, since nobody waits for audio that old.
  static constexpr int kMaxCatchUp = 5;

  ~IoThread() { stop(); }
  // `onMissed` is told how many ticks were skipped.
  void start(std::function<bool(Nanos)> step, std::function<void()> halfStep, std::function<void(int64_t)> onMissed);
  void stop();

 private:
  void run();

  std::function<bool(Nanos)> step_;
  std::function<void()> halfStep_;
  std::function<void(int64_t)> onMissed_;
  std::atomic<bool> running_{false};
  std::thread thread_;
};

}  // namespace trunkline
