// Stereo WAV recordings, written by a thread of their own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "clock.hpp"
#include "dsp/half-band.hpp"

namespace trunkline {

// One file, of the rate that the call had when it was begun. The I/O thread writes frames into a bounded ring; the recorder's
// thread takes them out. Neither ever waits for the other.
class Recording {
 public:
  // 4 s of both sides: a disk that stalls longer loses audio, and says so.
  static constexpr size_t kRingFrames = 200;

  // 0 and a recording, or the errno of the open. `rate`: 8000 or 16000.
  static int open(const std::string& path, uint32_t session, int rate, std::shared_ptr<Recording>* result);
  ~Recording();

  // I/O thread: left is the far end, right is us; 20 ms each, of `rate`.
  void write(const int16_t* left, const int16_t* right, int rate);
  // I/O thread: no frame follows.
  void finish() { finishing_.store(true, std::memory_order_release); }

  uint32_t session() const { return session_; }

 private:
  friend class Recorder;
  Recording(uint32_t session, int rate)
      : session_(session), rate_(rate), frame_(static_cast<size_t>(rate * kFrameMs / 1000)), ring_(kRingFrames * frame_ * 2) {}

  size_t frameBytes() const { return frame_ * 2 * sizeof(int16_t); }
  uint64_t bytesPerSecond() const { return static_cast<uint64_t>(rate_) * 2 * sizeof(int16_t); }

  // Writer thread: false once everything is on disk after `finish`.
  bool drain();
  void complete();
  void fail(int error);
  bool writeHeader();

  const uint32_t session_;
  const int rate_;
  const size_t frame_;
  std::vector<int16_t> ring_;
  // I/O thread: for calls whose rate changes.
  HalfBand leftConverter_;
  HalfBand rightConverter_;
  // Frames ever written and read; the ring holds the difference.
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> read_{0};
  std::atomic<bool> finishing_{false};
  std::atomic<bool> overrun_{false};
  // Writer thread.
  int file_ = -1;
  int error_ = 0;
  bool reportedError_ = false;
  bool reportedOverrun_ = false;
  uint64_t dataBytes_ = 0;
  uint64_t headerBytes_ = 0;
};

// Called on the writer thread.
struct RecordingNotice {
  uint32_t session;
  bool stopped;
  int error;
  double durationMs;
};

class Recorder {
 public:
  explicit Recorder(std::function<void(const RecordingNotice&)> notify) : notify_(std::move(notify)) {}
  ~Recorder();

  // Starts the thread with the first recording.
  void add(std::shared_ptr<Recording> recording);
  // One round over all recordings; the thread's body, and a test's.
  void drainAll();

 private:
  void run();

  std::function<void(const RecordingNotice&)> notify_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Recording>> recordings_;
  std::thread thread_;
  bool stopping_ = false;
};

}  // namespace trunkline
