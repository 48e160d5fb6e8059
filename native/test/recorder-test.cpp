#include "record/recorder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "harness.hpp"

using namespace trunkline;

namespace {

std::string temporary(const char* name) { return "/tmp/trunkline-recorder-test-" + std::to_string(getpid()) + "-" + name; }

std::vector<uint8_t> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

uint32_t little(const std::vector<uint8_t>& bytes, size_t at) {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | static_cast<uint32_t>(bytes[at + 3]) << 24;
}

void writeFrames(Recording& recording, int first, int count) {
  for (int i = first; i < first + count; i++) {
    int16_t left[kFrameSamples];
    int16_t right[kFrameSamples];
    for (int k = 0; k < kFrameSamples; k++) {
      left[k] = static_cast<int16_t>(i);
      right[k] = static_cast<int16_t>(-i);
    }
    recording.write(left, right, kSampleRate);
  }
}

}  // namespace

TEST("recorder: left and right in order, the header right at every second and at the end") {
  const std::string path = temporary("order");
  std::vector<RecordingNotice> notices;
  Recorder recorder([&](const RecordingNotice& notice) { notices.push_back(notice); });
  std::shared_ptr<Recording> recording;
  CHECK_EQUAL(Recording::open(path, 7, kSampleRate, &recording), 0);
  // The first header says an empty recording, should the process die right now.
  CHECK_EQUAL(contents(path).size(), 44u);
  CHECK_EQUAL(little(contents(path), 40), 0u);
  recorder.add(recording);
  writeFrames(*recording, 0, 100);
  // The writer's own thread takes them out; then the file is whole without an end.
  for (int round = 0; round < 100 && contents(path).size() < 44 + 64000; round++) usleep(20000);
  auto bytes = contents(path);
  CHECK_EQUAL(bytes.size(), 44u + 64000u);
  CHECK_EQUAL(little(bytes, 40), 64000u);
  writeFrames(*recording, 100, 25);
  recording->finish();
  for (int round = 0; round < 100 && recording.use_count() > 1; round++) usleep(20000);
  bytes = contents(path);
  CHECK_EQUAL(bytes.size(), 44u + 125 * 640);
  CHECK(std::memcmp(bytes.data(), "RIFF", 4) == 0 && std::memcmp(&bytes[8], "WAVEfmt ", 8) == 0);
  CHECK_EQUAL(little(bytes, 4), bytes.size() - 8);
  CHECK_EQUAL(little(bytes, 40), bytes.size() - 44);
  CHECK_EQUAL(little(bytes, 24), 8000u);
  for (int i = 0; i < 125; i++) {
    const size_t at = 44 + static_cast<size_t>(i) * 640;
    CHECK_EQUAL(static_cast<int16_t>(bytes[at] | bytes[at + 1] << 8), i);
    CHECK_EQUAL(static_cast<int16_t>(bytes[at + 2] | bytes[at + 3] << 8), -i);
  }
  unlink(path.c_str());
}

TEST("recorder: a full disk is told once, and the end says it too") {
  std::vector<RecordingNotice> notices;
  {
    Recorder recorder([&](const RecordingNotice& notice) { notices.push_back(notice); });
    std::shared_ptr<Recording> recording;
    // The kernel's own full disk; its first write fails already.
    CHECK_EQUAL(Recording::open("/dev/full", 7, kSampleRate, &recording), ENOSPC);
    CHECK_EQUAL(Recording::open("/nowhere/at/all.wav", 7, kSampleRate, &recording), ENOENT);
  }
  CHECK(notices.empty());
}

TEST("recorder: a disk that fails later is told while the call goes on") {
  const std::string path = temporary("fails");
  std::vector<RecordingNotice> notices;
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  {
    Recorder recorder([&](const RecordingNotice& notice) { notices.push_back(notice); });
    std::shared_ptr<Recording> recording;
    CHECK_EQUAL(Recording::open(path, 7, kSampleRate, &recording), 0);
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{44 + 6400, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    recorder.add(recording);
    writeFrames(*recording, 0, 100);
    recording->finish();
  }
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK_EQUAL(notices.size(), 2u);
  CHECK(!notices[0].stopped && notices[0].error == EFBIG);
  CHECK(notices[1].stopped && notices[1].error == EFBIG);
  unlink(path.c_str());
}

TEST("recorder: more than the ring holds is dropped and told, never waited for") {
  const std::string path = temporary("overrun");
  std::vector<RecordingNotice> notices;
  Recorder recorder([&](const RecordingNotice& notice) { notices.push_back(notice); });
  std::shared_ptr<Recording> recording;
  CHECK_EQUAL(Recording::open(path, 7, kSampleRate, &recording), 0);
  writeFrames(*recording, 0, 300);
  recording->finish();
  recorder.add(recording);
  for (int round = 0; round < 100 && recording.use_count() > 1; round++) usleep(20000);
  CHECK_EQUAL(contents(path).size(), 44 + Recording::kRingFrames * 640);
  unlink(path.c_str());
}
