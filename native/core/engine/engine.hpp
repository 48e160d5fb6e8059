// All calls of one process: the sessions, their ports, and the step that moves
// every one of them by 20 ms.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "clock.hpp"
#include "dsp/resampler.hpp"
#include "engine/io-thread.hpp"
#include "engine/outbox.hpp"
#include "engine/session.hpp"
#include "net/port-allocator.hpp"
#include "record/recorder.hpp"

namespace trunkline {

struct EngineOptions {
  Endpoint local;
  uint16_t portMin = 20000;
  uint16_t portMax = 29999;
  // 0 turns it off.
  int timeoutMs = 0;
  // Where the I/O thread reads the time of a clip's first packet.
  Nanos (*clock)() = monotonicNow;
  // Tests with a clock of their own let packets arrive when they are read.
  bool kernelTimestamps = true;
};

// Functions are for the JavaScript thread, but for `step`, which is the I/O
// thread's (or a test's).
class Engine {
 public:
  // `onTick` is called after every step, on its thread.
  Engine(const EngineOptions& options, std::function<void()> onTick);
  ~Engine();

  void start();
  void stop();

  // 0 and a session, EADDRNOTAVAIL if no port pair is left, or the errno of a socket.
  int createSession(uint32_t* id, uint16_t* port);
  // False, with nothing changed, if this build has not the codec or the encryption.
  bool configure(Session* session, const RemoteDescription& remote);
  // Queues audio of any rate. False over `kMaxQueuedUnits`: nothing is queued then.
  bool play(Session* session, uint32_t clip, const int16_t* samples, size_t count, int rate, bool replace);
  void flush(Session* session);
  double queuedMs(const Session* session) const;
  void sendDigits(Session* session, const std::string& digits, int durationMs, int gapMs);
  // 0, or the errno of the open.
  int startRecording(Session* session, const std::string& path);
  void stopRecording(Session* session);
  // Waits for the step that may be under way, at most some ms; the session is gone then,
  // and `last` has its final figures.
  void closeSession(Session* session, SessionStats* last);

  // Null for an id that is not open.
  Session* find(uint32_t id);
  size_t freePorts() const { return ports_.freePairs() + closing_; }
  Outbox& outbox() { return outbox_; }
  // Frees what the I/O thread is done with.
  void reap();
  int64_t missedTicks() const { return missedTicks_.load(std::memory_order_relaxed); }

  // One tick of the nominal time `now`. True if a half step is wanted 10 ms later.
  bool step(Nanos now);
  // Sends what does not fall on a tick.
  void halfStep();

  // 120 s.
  static constexpr int64_t kMaxQueuedUnits = 120'000ll * kUnitsPerMs;

 private:
  struct Command {
    enum class Kind : uint8_t { kAdd, kConfigure, kPlay, kFlush, kDigits, kRecord, kStopRecord, kRemove };
    Kind kind;
    Session* session;
    std::unique_ptr<Clip> clip;
    std::unique_ptr<RemoteDescription> remote;
    std::shared_ptr<Recording> recording;
    std::string digits;
    int durationMs = 0;
    int gapMs = 0;
    SrtpChange keys{};
    std::unique_ptr<SpeechCodec> speech{};
  };

  void post(Command command);
  int64_t queuedUnits(const Session* session) const;
  std::vector<int16_t> toSessionRate(Session* session, const int16_t* samples, size_t count, int rate);
  void execute(Command& command, Nanos now);
  void runCommands(Nanos now);
  // On JavaScript's thread, between two steps.
  void runCommandsNow();
  void pollRtcp(Nanos realtimeToMonotonic, Nanos now);
  void handBack();

  const EngineOptions options_;
  const std::function<void()> onTick_;
  Outbox outbox_;

  // JavaScript's thread.
  PortAllocator ports_;
  std::unordered_map<uint32_t, std::unique_ptr<Session>> sessions_;
  // Closed, but still in the hands of the I/O thread.
  std::unordered_map<Session*, std::unique_ptr<Session>> graves_;
  size_t closing_ = 0;
  uint32_t nextId_ = 1;
  ResamplerCache resamplers_;

  // Between both, under the mutex.
  PiMutex mutex_;
  std::vector<Command> commands_;
  std::vector<std::unique_ptr<Clip>> spentClips_;
  std::vector<Session*> removed_;
  // Held for a whole step; JavaScript takes it only to wait for a port to be freed.
  PiMutex stepMutex_;

  // I/O thread.
  std::vector<Command> executing_;
  std::vector<Session*> active_;
  std::unordered_map<int, Session*> byRtcpFd_;
  std::vector<Event> events_;
  std::vector<std::unique_ptr<Clip>> spentNow_;
  std::vector<Session*> removedNow_;
  ReceiveBuffers* buffers_;
  int epoll_;

  std::atomic<int64_t> missedTicks_{0};
  Recorder recorder_;
  IoThread thread_;
};

}  // namespace trunkline
