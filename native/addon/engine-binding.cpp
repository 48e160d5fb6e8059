#include "engine-binding.hpp"

#include <cstring>

namespace trunkline::addon {
namespace {

// JavaScript's view keeps the memory alive, also after the engine is gone.
napi_value shareMemory(napi_env env, const std::shared_ptr<uint8_t>& memory, size_t size) {
  auto* holder = new std::shared_ptr<uint8_t>(memory);
  napi_value buffer = nullptr;
  const napi_status status = napi_create_external_arraybuffer(
      env, memory.get(), size,
      [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<uint8_t>*>(hint); }, holder, &buffer);
  if (status != napi_ok) {
    delete holder;
    napi_throw_error(env, nullptr, "external memory is not allowed here");
  }
  return buffer;
}

}  // namespace

EngineBinding::EngineBinding(napi_env env, const EngineOptions& options, napi_value onTick) : env_(env) {
  const size_t size = kEventsOffset + kMaxEvents * sizeof(Event);
  events_ = std::shared_ptr<uint8_t>(new uint8_t[size](), std::default_delete<uint8_t[]>());
  napi_value name = nullptr;
  napi_create_string_utf8(env, "trunkline media tick", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, onTick, nullptr, name, 0, 1, nullptr, nullptr, this, onWake, &wake_) !=
      napi_ok) {
    return;
  }
  napi_add_env_cleanup_hook(env, onEnvironmentEnd, this);
  engine_ = std::make_unique<Engine>(options, [this] {
    // One call at a time: a blocked event loop must not collect a queue of them.
    if (!woken_.exchange(true)) napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
  });
  engine_->start();
}

EngineBinding::~EngineBinding() { close(); }

void EngineBinding::onEnvironmentEnd(void* self) { static_cast<EngineBinding*>(self)->close(); }

void EngineBinding::close() {
  if (!engine_) return;
  engine_->stop();
  engine_.reset();
  napi_remove_env_cleanup_hook(env_, onEnvironmentEnd, this);
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
}

void EngineBinding::onWake(napi_env env, napi_value callback, void* context, void*) {
  // Without an environment the binding may be gone as well.
  if (env == nullptr || callback == nullptr) return;
  // Cleared before JavaScript looks, so that a tick in between wakes it again.
  static_cast<EngineBinding*>(context)->woken_ = false;
  napi_value receiver = nullptr;
  napi_get_undefined(env, &receiver);
  napi_call_function(env, receiver, callback, 0, nullptr, nullptr);
}

int EngineBinding::take(int previous) {
  size_t count = 0;
  auto* events = reinterpret_cast<Event*>(events_.get() + kEventsOffset);
  Outbox& outbox = engine_->outbox();
  TickBatch* batch = outbox.take(outbox.batch(previous), events, kMaxEvents, &count);
  const auto count32 = static_cast<int32_t>(count);
  std::memcpy(events_.get(), &count32, sizeof count32);
  engine_->reap();
  return batch == nullptr ? -1 : batch->index();
}

napi_value EngineBinding::batchBuffer(napi_env env, int index) {
  TickBatch* batch = engine_->outbox().batch(index);
  if (batch == nullptr) return nullptr;
  return shareMemory(env, batch->memory(), TickBatch::byteSize(batch->capacity()));
}

napi_value EngineBinding::eventBuffer(napi_env env) {
  return shareMemory(env, events_, kEventsOffset + kMaxEvents * sizeof(Event));
}

}  // namespace trunkline::addon
