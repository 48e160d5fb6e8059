#include "jitter/jitter-buffer.hpp"

#include <cmath>
#include <map>

#include "harness.hpp"

using namespace trunkline;

namespace {

// Speech-like and never silent: a ramp that tells each sample's place.
void fill(int64_t from, int16_t* out, int count) {
  for (int i = 0; i < count; i++) out[i] = static_cast<int16_t>(2000 + (from + i) % 20000);
}

// A far end, a network and the buffer, driven by one fake clock.
class Line {
 public:
  explicit Line(uint32_t firstTimestamp = 0, Nanos start = 10 * kNanosPerSecond)
      : now(start + 7 * kNanosPerMs), first_(firstTimestamp), start_(start) {}

  // Sends packet `index` (20 ms each) with `delayMs` in the network.
  void send(int index, double delayMs = 0) {
    const Nanos at = start_ + index * kFrameNanos + static_cast<Nanos>(delayMs * 1e6);
    arrivals_.emplace(at, index);
  }

  // One tick: what arrived since the last goes in, one frame comes out.
  void tick(int16_t* out) {
    while (!arrivals_.empty() && arrivals_.begin()->first <= now) {
      const auto [at, index] = *arrivals_.begin();
      arrivals_.erase(arrivals_.begin());
      int16_t samples[kFrameSamples];
      fill(static_cast<int64_t>(index) * kFrameSamples, samples, kFrameSamples);
      const auto pushed = buffer.push(index, first_ + static_cast<uint32_t>(index) * kFrameSamples, samples, kFrameSamples, at, now);
      if (pushed == JitterBuffer::Push::kLate) late++;
      if (pushed == JitterBuffer::Push::kResync) resyncs++;
    }
    buffer.pop(out, now);
    now += kFrameNanos;
  }

  JitterBuffer buffer;
  Nanos now;
  int late = 0;
  int resyncs = 0;

 private:
  uint32_t first_;
  Nanos start_;
  std::multimap<Nanos, int> arrivals_;
};

// Steps of the ramp that are not +1 (or its wrap): edits and errors.
int breaks(const std::vector<int16_t>& audio) {
  int count = 0;
  for (size_t i = 1; i < audio.size(); i++) {
    const int step = audio[i] - audio[i - 1];
    if (step != 1 && step != -19999) count++;
  }
  return count;
}

double loudness(const int16_t* samples, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++) sum += static_cast<double>(samples[i]) * samples[i];
  return std::sqrt(sum / count);
}

}  // namespace

TEST("jitter buffer: on a steady line every sample comes out once and in order, across every timestamp wrap") {
  for (const uint32_t first : {0u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 0xffff0000u}) {
    Line line(first);
    std::vector<int16_t> audio;
    int16_t frame[kFrameSamples];
    for (int i = 0; i < 300; i++) {
      line.send(i);
      line.tick(frame);
      for (const int16_t sample : frame) {
        if (sample != 0 || !audio.empty()) audio.push_back(sample);
      }
    }
    CHECK_EQUAL(breaks(audio), 0);
    CHECK(audio.size() > 296u * kFrameSamples);
    CHECK_EQUAL(line.late, 0);
    CHECK_EQUAL(line.buffer.concealedSamples(), 0);
    CHECK_NEAR(line.buffer.delaySamples() / 8.0, 40.0, 1.0);
  }
}

TEST("jitter buffer: packets that overtake each other within the delay cost nothing") {
  Line line;
  std::vector<int16_t> audio;
  int16_t frame[kFrameSamples];
  for (int i = 0; i < 200; i++) {
    line.send(i, i % 3 == 0 ? 18 : 0);
    line.tick(frame);
    for (const int16_t sample : frame) {
      if (sample != 0 || !audio.empty()) audio.push_back(sample);
    }
  }
  CHECK_EQUAL(breaks(audio), 0);
  CHECK_EQUAL(line.buffer.concealedSamples(), 0);
}

TEST("jitter buffer: a lost packet is concealed at about the level around it, and counted") {
  Line line;
  int16_t frame[kFrameSamples];
  for (int i = 0; i < 100; i++) {
    if (i != 50 && i != 70) line.send(i);
    line.tick(frame);
    if (i > 10) CHECK(loudness(frame, kFrameSamples) > 1500);
  }
  CHECK_EQUAL(line.buffer.concealedSamples(), 2 * kFrameSamples);
  CHECK_EQUAL(line.late, 0);
}

TEST("jitter buffer: concealment of a long loss fades to silence") {
  Line line;
  int16_t frame[kFrameSamples];
  double levels[60];
  for (int i = 0; i < 60; i++) {
    if (i < 30) line.send(i);
    line.tick(frame);
    levels[i] = loudness(frame, kFrameSamples);
  }
  CHECK(levels[29] > 1500);
  CHECK_EQUAL(levels[40], 0.0);
}

TEST("jitter buffer: it grows with the jitter, keeps the audio whole, and shrinks again") {
  Line line;
  int16_t frame[kFrameSamples];
  int index = 0;
  const auto talk = [&](int frames, double jitterMs) {
    for (int i = 0; i < frames; i++, index++) {
      line.send(index, index % 5 == 0 ? jitterMs : 0);
      line.tick(frame);
    }
  };
  talk(100, 0);
  const int before = line.buffer.delaySamples();
  talk(100, 90);
  const int grown = line.buffer.delaySamples();
  const int late = line.late;
  CHECK(grown >= 90 * 8);
  CHECK(grown <= 200 * 8);
  talk(200, 90);
  CHECK_EQUAL(line.late, late);
  talk(1500, 0);
  CHECK(line.buffer.delaySamples() <= before + 60 * 8);
}

TEST("jitter buffer: the delay shrinks all the way in a silence") {
  JitterBuffer buffer;
  int16_t silence[kFrameSamples] = {};
  int16_t frame[kFrameSamples];
  const Nanos start = kNanosPerSecond;
  for (int i = 0; i < 1500; i++) {
    const Nanos at = start + i * kFrameNanos;
    // The first second arrives 100 ms late in every fifth packet.
    const bool late = i < 50 && i % 5 == 0;
    if (!late) buffer.push(i, static_cast<uint32_t>(i) * kFrameSamples, silence, kFrameSamples, at, at + 3 * kNanosPerMs);
    if (i >= 5 && i < 55 && (i - 5) % 5 == 0) {
      buffer.push(i - 5, static_cast<uint32_t>(i - 5) * kFrameSamples, silence, kFrameSamples, at, at + 3 * kNanosPerMs);
    }
    buffer.pop(frame, at + 3 * kNanosPerMs);
    if (i == 60) CHECK(buffer.delaySamples() >= 100 * 8);
  }
  CHECK(buffer.delaySamples() <= 40 * 8);
}

TEST("jitter buffer: a pause without packets (DTX) is neither loss nor resync") {
  Line line;
  int16_t frame[kFrameSamples];
  JitterBuffer& buffer = line.buffer;
  int sequence = 0;
  Nanos now = 20 * kNanosPerSecond;
  int16_t samples[kFrameSamples];
  fill(0, samples, kFrameSamples);
  for (int tick = 0; tick < 500; tick++, now += kFrameNanos) {
    // 1 s of speech, 1 s of nothing; the timestamp runs on, the numbers do not.
    if (tick / 50 % 2 == 0) {
      const auto pushed = buffer.push(sequence++, static_cast<uint32_t>(tick) * kFrameSamples, samples, kFrameSamples, now, now);
      CHECK(pushed == JitterBuffer::Push::kStored);
    }
    buffer.pop(frame, now);
  }
  CHECK_EQUAL(buffer.concealedSamples(), 0);
  CHECK(buffer.delaySamples() <= 45 * 8);
}

TEST("jitter buffer: a jump of the timestamp begins anew") {
  Line line;
  int16_t frame[kFrameSamples];
  int16_t samples[kFrameSamples];
  fill(0, samples, kFrameSamples);
  int resyncs = 0;
  int audible = 0;
  for (int i = 0; i < 100; i++) {
    const Nanos now = 20 * kNanosPerSecond + i * kFrameNanos;
    const uint32_t timestamp = static_cast<uint32_t>(i) * kFrameSamples + (i < 50 ? 0u : 1'000'000u);
    if (line.buffer.push(i, timestamp, samples, kFrameSamples, now, now) == JitterBuffer::Push::kResync) resyncs++;
    line.buffer.pop(frame, now);
    if (i >= 55 && loudness(frame, kFrameSamples) > 1000) audible++;
  }
  CHECK_EQUAL(resyncs, 1);
  CHECK_EQUAL(audible, 45);
}

TEST("jitter buffer: comfort noise is silence, not loss") {
  JitterBuffer buffer;
  int16_t samples[kFrameSamples];
  int16_t frame[kFrameSamples];
  fill(0, samples, kFrameSamples);
  for (int i = 0; i < 100; i++) {
    const Nanos now = kNanosPerSecond + i * kFrameNanos;
    if (i < 50) buffer.push(i, static_cast<uint32_t>(i) * kFrameSamples, samples, kFrameSamples, now, now);
    if (i == 50) buffer.onComfortNoise(50);
    buffer.pop(frame, now);
  }
  CHECK_EQUAL(loudness(frame, kFrameSamples), 0.0);
  CHECK_EQUAL(buffer.concealedSamples(), 0);
}

TEST("jitter buffer: packets of 10, 30 and 60 ms come out whole") {
  for (const int length : {80, 240, 480}) {
    JitterBuffer buffer;
    std::vector<int16_t> audio;
    int sent = 0;
    int sequence = 0;
    for (int tick = 0; tick < 200; tick++) {
      const Nanos now = kNanosPerSecond + tick * kFrameNanos;
      while (sent + length <= (tick + 1) * kFrameSamples) {
        int16_t samples[480];
        fill(sent, samples, length);
        buffer.push(sequence++, static_cast<uint32_t>(sent), samples, length, now, now);
        sent += length;
      }
      int16_t frame[kFrameSamples];
      buffer.pop(frame, now);
      for (const int16_t sample : frame) {
        if (tick > 20) audio.push_back(sample);
      }
    }
    // At most the growth of the delay right at the start may be heard.
    CHECK_EQUAL(breaks(audio), 0);
  }
}
