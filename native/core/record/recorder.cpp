#include "record/recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace trunkline {
namespace {

constexpr size_t kHeaderSize = 44;
// The header's sizes are brought up to date after this much audio, so that a
// file whose writer died is whole up to there.
constexpr uint64_t kHeaderIntervalSeconds = 1;
// RIFF sizes have 32 bits.
constexpr uint64_t kMaxDataBytes = 0xffffffffull - kHeaderSize;

void put16(uint8_t* out, uint32_t value) {
  out[0] = static_cast<uint8_t>(value);
  out[1] = static_cast<uint8_t>(value >> 8);
}
void put32(uint8_t* out, uint32_t value) {
  put16(out, value & 0xffff);
  put16(out + 2, value >> 16);
}

bool writeAll(int file, const uint8_t* data, size_t size, off_t offset) {
  while (size > 0) {
    const ssize_t count = ::pwrite(file, data, size, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) {
      errno = ENOSPC;
      return false;
    }
    data += count;
    size -= static_cast<size_t>(count);
    offset += count;
  }
  return true;
}

}  // namespace

int Recording::open(const std::string& path, uint32_t session, int rate, std::shared_ptr<Recording>* result) {
  std::shared_ptr<Recording> recording(new Recording(session, rate));
  // Readable by the owner only: it is somebody's voice.
  recording->file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (recording->file_ < 0) return errno;
  if (!recording->writeHeader()) return errno;
  *result = std::move(recording);
  return 0;
}

Recording::~Recording() {
  if (file_ >= 0) ::close(file_);
}

void Recording::write(const int16_t* left, const int16_t* right, int rate) {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  if (written - read_.load(std::memory_order_acquire) >= kRingFrames) {
    overrun_.store(true, std::memory_order_relaxed);
    return;
  }
  int16_t converted[2][kMaxFrameSamples];
  if (rate != rate_) {
    const auto count = static_cast<size_t>(rate * kFrameMs / 1000);
    const auto convert = rate < rate_ ? &HalfBand::up : &HalfBand::down;
    (leftConverter_.*convert)(left, count, converted[0]);
    (rightConverter_.*convert)(right, count, converted[1]);
    left = converted[0];
    right = converted[1];
  }
  int16_t* frame = &ring_[(written % kRingFrames) * frame_ * 2];
  for (size_t i = 0; i < frame_; i++) {
    frame[2 * i] = left[i];
    frame[2 * i + 1] = right[i];
  }
  written_.store(written + 1, std::memory_order_release);
}

bool Recording::writeHeader() {
  uint8_t header[kHeaderSize];
  std::memcpy(header, "RIFF", 4);
  put32(header + 4, static_cast<uint32_t>(kHeaderSize - 8 + dataBytes_));
  std::memcpy(header + 8, "WAVEfmt ", 8);
  put32(header + 16, 16);
  put16(header + 20, 1);                    // linear PCM
  put16(header + 22, 2);                    // channels
  put32(header + 24, static_cast<uint32_t>(rate_));
  put32(header + 28, static_cast<uint32_t>(bytesPerSecond()));
  put16(header + 32, 4);                    // bytes a sample of both channels
  put16(header + 34, 16);                   // bits a sample
  std::memcpy(header + 36, "data", 4);
  put32(header + 40, static_cast<uint32_t>(dataBytes_));
  headerBytes_ = dataBytes_;
  return writeAll(file_, header, sizeof header, 0);
}

void Recording::fail(int error) {
  if (error_ == 0) error_ = error;
}

bool Recording::drain() {
  // Read first: what was written before `finish` must still be seen below.
  const bool finishing = finishing_.load(std::memory_order_acquire);
  uint64_t read = read_.load(std::memory_order_relaxed);
  const uint64_t written = written_.load(std::memory_order_acquire);
  while (read < written) {
    const uint64_t start = read % kRingFrames;
    const uint64_t count = std::min(written - read, kRingFrames - start);
    const size_t bytes = count * frameBytes();
    if (error_ == 0 && dataBytes_ + bytes > kMaxDataBytes) fail(EFBIG);
    if (error_ == 0) {
      const auto* data = reinterpret_cast<const uint8_t*>(&ring_[start * frame_ * 2]);
      if (writeAll(file_, data, bytes, static_cast<off_t>(kHeaderSize + dataBytes_))) {
        dataBytes_ += bytes;
      } else {
        fail(errno);
      }
    }
    read += count;
    read_.store(read, std::memory_order_release);
  }
  if (error_ == 0 && dataBytes_ - headerBytes_ >= kHeaderIntervalSeconds * bytesPerSecond() && !writeHeader()) fail(errno);
  return !finishing;
}

void Recording::complete() {
  // Also after a failure: what did reach the disk becomes a whole file.
  if (!writeHeader()) fail(errno);
  if (fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) fail(errno);
  ::close(file_);
  file_ = -1;
}

Recorder::~Recorder() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (const auto& recording : recordings_) recording->finish();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  drainAll();
}

void Recorder::add(std::shared_ptr<Recording> recording) {
  const std::lock_guard<std::mutex> lock(mutex_);
  recordings_.push_back(std::move(recording));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_all();
}

void Recorder::drainAll() {
  std::vector<std::shared_ptr<Recording>> all;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    all = recordings_;
  }
  for (const auto& recording : all) {
    const bool more = recording->drain();
    if (recording->error_ != 0 && !recording->reportedError_) {
      recording->reportedError_ = true;
      notify_({recording->session_, false, recording->error_, 0});
    }
    if (recording->overrun_.load(std::memory_order_relaxed) && !recording->reportedOverrun_) {
      recording->reportedOverrun_ = true;
      notify_({recording->session_, false, 0, 0});
    }
    if (more) continue;
    recording->complete();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      recordings_.erase(std::remove(recordings_.begin(), recordings_.end(), recording), recordings_.end());
    }
    const double seconds = static_cast<double>(recording->dataBytes_) / static_cast<double>(recording->bytesPerSecond());
    notify_({recording->session_, true, recording->error_, seconds * 1000});
  }
}

void Recorder::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (recordings_.empty()) {
      wake_.wait(lock);
      continue;
    }
    lock.unlock();
    drainAll();
    lock.lock();
    // Polled, so that the I/O thread never makes a system call for us; well below
    // the 4 s that the ring holds.
    if (!stopping_ && !recordings_.empty()) wake_.wait_for(lock, std::chrono::milliseconds(100));
  }
}

}  // namespace trunkline
