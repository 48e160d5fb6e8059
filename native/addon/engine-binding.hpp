// The engine as JavaScript holds it: the core's engine, the wake-up, and the
// memory that both sides see.
#pragma once

#include <node_api.h>

#include <atomic>
#include <memory>
#include <vector>

#include "engine/engine.hpp"

namespace trunkline::addon {

class EngineBinding {
 public:
  static constexpr size_t kMaxEvents = 2048;
  // int32 count, 4 bytes unused, then the events.
  static constexpr size_t kEventsOffset = 8;

  EngineBinding(napi_env env, const EngineOptions& options, napi_value onTick);
  ~EngineBinding();

  bool failed() const { return wake_ == nullptr; }
  // Null once closed.
  Engine* engine() { return engine_.get(); }
  // Stops the thread; blocks for up to a tick.
  void close();

  // See Outbox::take. Index of the batch, or -1.
  int take(int previous);
  napi_value batchBuffer(napi_env env, int index);
  napi_value eventBuffer(napi_env env);

 private:
  static void onWake(napi_env env, napi_value callback, void* context, void* data);
  static void onEnvironmentEnd(void* self);

  napi_env env_;
  napi_threadsafe_function wake_ = nullptr;
  std::atomic<bool> woken_{false};
  std::shared_ptr<uint8_t> events_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace trunkline::addon
