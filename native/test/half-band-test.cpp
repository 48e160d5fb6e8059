// Between 8 and 16 kHz, and clips that were queued at the other rate.
#include "dsp/half-band.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include "harness.hpp"
#include "playout/playout-queue.hpp"

using namespace trunkline;

namespace {

std::vector<int16_t> tone(double hertz, int rate, size_t count) {
  std::vector<int16_t> samples(count);
  for (size_t i = 0; i < count; i++) {
    samples[i] = static_cast<int16_t>(std::lround(8000 * std::sin(2 * M_PI * hertz * static_cast<double>(i) / rate)));
  }
  return samples;
}

double level(const std::vector<int16_t>& samples) {
  double sum = 0;
  for (size_t i = 100; i < samples.size() - 100; i++) sum += static_cast<double>(samples[i]) * samples[i];
  return std::sqrt(sum / static_cast<double>(samples.size() - 200));
}

}  // namespace

TEST("half-band: what both rates carry keeps its level, in any pieces; what 8 kHz cannot carry is gone") {
  for (const double hertz : {200.0, 1000.0, 3000.0}) {
    const std::vector<int16_t> narrow = tone(hertz, 8000, 4000);
    std::vector<int16_t> wide(8000);
    HalfBand up;
    for (size_t at = 0; at < 4000; at += 80) up.up(&narrow[at], 80, &wide[2 * at]);
    CHECK_NEAR(level(wide), level(narrow), 60);
    std::vector<int16_t> back(4000);
    HalfBand down;
    for (size_t at = 0; at < 8000; at += 320) down.down(&wide[at], 320, &back[at / 2]);
    CHECK_NEAR(level(back), level(narrow), 60);
  }
  for (const double hertz : {5200.0, 6000.0, 7500.0}) {
    const std::vector<int16_t> wide = tone(hertz, 16000, 8000);
    std::vector<int16_t> narrow(4000);
    HalfBand down;
    down.down(wide.data(), 8000, narrow.data());
    CHECK(level(narrow) < 15);
  }
}

TEST("playout: clips of both rates follow each other in a call of either, each for its own time") {
  for (const int rate : {8000, 16000}) {
    PlayoutQueue queue;
    queue.setRate(rate);
    const struct {
      int rate;
      size_t samples;
    } clips[] = {{8000, 801}, {16000, 1601}, {8000, 33}, {16000, 1}};
    uint32_t id = 0;
    int64_t units = 0;
    for (const auto& one : clips) {
      auto clip = std::make_unique<Clip>();
      clip->id = ++id;
      clip->rate = one.rate;
      clip->samples = tone(500, one.rate, one.samples);
      units += unitsOf(one.samples, one.rate);
      queue.push(std::move(clip));
    }
    CHECK_EQUAL(queue.queuedUnits(), units);
    std::vector<ClipEvent> events;
    std::vector<std::unique_ptr<Clip>> spent;
    int frames = 0;
    int16_t frame[kMaxFrameSamples];
    while (!queue.empty() && frames < 100) {
      queue.next(frame, &events, &spent, static_cast<size_t>(rate / 50));
      frames++;
    }
    // 204.4 ms.
    CHECK_EQUAL(frames, 11);
    CHECK_EQUAL(queue.queuedUnits(), 0);
    CHECK_EQUAL(spent.size(), 4u);
    CHECK_NEAR(events[1].playedMs, 801 / 8.0, 0.001);
    CHECK_NEAR(events[3].playedMs, 1601 / 16.0, 0.001);
  }
}
