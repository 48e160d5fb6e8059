#include "playout/playout-queue.hpp"

#include "dsp/resampler.hpp"
#include "harness.hpp"

using namespace trunkline;
using Kind = ClipEvent::Kind;

namespace {

std::unique_ptr<Clip> ramp(uint32_t id, int first, int count) {
  auto clip = std::make_unique<Clip>();
  clip->id = id;
  for (int i = 0; i < count; i++) clip->samples.push_back(static_cast<int16_t>(first + i));
  return clip;
}

std::vector<int16_t> sine(double frequency, int rate, int count, double level = 10000) {
  std::vector<int16_t> samples;
  for (int i = 0; i < count; i++) samples.push_back(static_cast<int16_t>(std::lrint(level * std::sin(2 * M_PI * frequency * i / rate))));
  return samples;
}

double power(const std::vector<int16_t>& samples, size_t from, size_t to) {
  double sum = 0;
  for (size_t i = from; i < to; i++) sum += static_cast<double>(samples[i]) * samples[i];
  return std::sqrt(sum / static_cast<double>(to - from));
}

}  // namespace

TEST("playout: clips of any length chain without a gap, and tell when they start and end") {
  PlayoutQueue queue;
  std::vector<ClipEvent> events;
  std::vector<std::unique_ptr<Clip>> spent;
  // 1000 samples in pieces that meet no frame border.
  queue.push(ramp(1, 1, 37));
  queue.push(ramp(2, 38, 0));
  queue.push(ramp(3, 38, 301));
  queue.push(ramp(4, 339, 662));
  CHECK_EQUAL(queue.queuedUnits(), 2000);
  std::vector<int16_t> audio;
  int16_t frame[kFrameSamples];
  while (queue.next(frame, &events, &spent, kFrameSamples)) audio.insert(audio.end(), frame, frame + kFrameSamples);
  CHECK_EQUAL(audio.size(), 7u * kFrameSamples);
  for (size_t i = 0; i < 1000; i++) CHECK_EQUAL(audio[i], static_cast<int>(i) + 1);
  for (size_t i = 1000; i < audio.size(); i++) CHECK_EQUAL(audio[i], 0);
  CHECK_EQUAL(spent.size(), 4u);
  CHECK_EQUAL(events.size(), 8u);
  for (size_t i = 0; i < events.size(); i++) {
    CHECK(events[i].kind == (i % 2 == 0 ? Kind::kStarted : Kind::kEnded));
    CHECK_EQUAL(events[i].id, i / 2 + 1);
  }
  CHECK_NEAR(events[5].playedMs, 301 / 8.0, 0.001);
}

TEST("playout: flush leaves 5 ms of fade and then silence, and says what was played") {
  PlayoutQueue queue;
  std::vector<ClipEvent> events;
  std::vector<std::unique_ptr<Clip>> spent;
  queue.push(ramp(1, 10000, 800));
  queue.push(ramp(2, 10000, 800));
  int16_t frame[kFrameSamples];
  queue.next(frame, &events, &spent, kFrameSamples);
  events.clear();
  queue.flush(&events, &spent);
  CHECK_EQUAL(queue.queuedUnits(), 0);
  CHECK(!queue.empty());
  CHECK(queue.next(frame, &events, &spent, kFrameSamples));
  CHECK(frame[0] > 9000);
  for (int i = 1; i < PlayoutQueue::kFadeMs * kSamplesPerMs; i++) CHECK(frame[i] < frame[i - 1]);
  for (int i = PlayoutQueue::kFadeMs * kSamplesPerMs; i < kFrameSamples; i++) CHECK_EQUAL(frame[i], 0);
  CHECK(queue.empty());
  CHECK_EQUAL(events.size(), 2u);
  CHECK(events[0].kind == Kind::kFlushed && events[0].playedMs == 20);
  CHECK(events[1].kind == Kind::kFlushed && events[1].playedMs == 0);
}

TEST("resampler: a tone in the telephone band keeps its level, one above it is gone") {
  for (const int rate : {16000, 22050, 24000, 48000}) {
    const Resampler down(rate, 8000);
    const auto kept = down.convert(sine(1000, rate, rate).data(), static_cast<size_t>(rate));
    CHECK_EQUAL(kept.size(), 8000u);
    CHECK_NEAR(power(kept, 200, 7800), 10000 / std::sqrt(2.0), 30);
    const auto removed = down.convert(sine(4600, rate, rate).data(), static_cast<size_t>(rate));
    CHECK(power(removed, 200, 7800) < 10);
  }
  const Resampler up(8000, 16000);
  const auto tone = sine(1000, 8000, 8000);
  const auto wide = up.convert(tone.data(), tone.size());
  const auto expected = sine(1000, 16000, 16000);
  double error = 0;
  for (size_t i = 400; i < 15600; i++) error = std::max(error, std::abs(static_cast<double>(wide[i]) - expected[i]));
  CHECK(error < 20);
}

TEST("resampler: a tone cut into pieces joins without an edge") {
  const Resampler down(24000, 8000);
  const auto tone = sine(500, 24000, 24000);
  const auto whole = down.convert(tone.data(), tone.size());
  std::vector<int16_t> joined;
  for (size_t at = 0; at < tone.size(); at += 4800) {
    const size_t before = std::min(at, down.context());
    const auto piece = down.convert(&tone[at], 4800, &tone[at - before], before);
    joined.insert(joined.end(), piece.begin(), piece.end());
  }
  CHECK_EQUAL(joined.size(), whole.size());
  double error = 0;
  for (size_t i = 100; i < 7900; i++) error = std::max(error, std::abs(static_cast<double>(joined[i]) - whole[i]));
  CHECK(error < 800);
}

TEST("resampler: constants stay, full scale does not wrap") {
  const Resampler down(22050, 8000);
  const std::vector<int16_t> loud(2205, 32767);
  for (const int16_t sample : down.convert(loud.data(), loud.size())) CHECK(sample >= 32700);
  CHECK(down.convert(loud.data(), 0).empty());
}
