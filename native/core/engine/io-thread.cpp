#include "engine/io-thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <cerrno>

namespace trunkline {
namespace {

void sleepUntil(Nanos when) {
  const timespec target{static_cast<time_t>(when / kNanosPerSecond), static_cast<long>(when % kNanosPerSecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, nullptr) == EINTR) {
  }
}

}  // namespace

void IoThread::start(std::function<bool(Nanos)> step, std::function<void()> halfStep,
                     std::function<void(int64_t)> onMissed) {
  if (running_.exchange(true)) return;
  step_ = std::move(step);
  halfStep_ = std::move(halfStep);
  onMissed_ = std::move(onMissed);
  thread_ = std::thread([this] { run(); });
}

void IoThread::stop() {
  running_ = false;
  if (thread_.joinable()) thread_.join();
}

void IoThread::run() {
  pthread_setname_np(pthread_self(), "trunkline-media");
  // Needs CAP_SYS_NICE; without it the normal scheduler must do.
  sched_param priority{};
  priority.sched_priority = 10;
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
  Nanos next = monotonicNow() + kFrameNanos;
  while (running_.load(std::memory_order_relaxed)) {
    sleepUntil(next);
    const int64_t behind = (monotonicNow() - next) / kFrameNanos;
    if (behind > kMaxCatchUp) {
      next += (behind - kMaxCatchUp) * kFrameNanos;
      onMissed_(behind - kMaxCatchUp);
    }
    if (step_(next)) {
      sleepUntil(next + kFrameNanos / 2);
      halfStep_();
    }
    next += kFrameNanos;
  }
}

}  // namespace trunkline
