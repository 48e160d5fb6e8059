#include "rtp/sequence-tracker.hpp"

#include "harness.hpp"
#include "stats/reception-stats.hpp"

using namespace trunkline;
using Verdict = SequenceTracker::Verdict;

namespace {

// Borders of the number space and of words, from where every case is run.
constexpr int kStarts[] = {0, 1, 127, 128, 129, 511, 512, 513, 32767, 32768, 65533, 65534, 65535};

}  // namespace

TEST("RFC 3550 A.1: consecutive numbers are valid across every wrap") {
  for (const int start : kStarts) {
    SequenceTracker tracker;
    int64_t extended = 0;
    for (int i = 0; i < 70000; i++) {
      CHECK(tracker.update(static_cast<uint16_t>(start + i), &extended) == Verdict::kValid);
      CHECK_EQUAL(extended, static_cast<int64_t>(start) + i);
    }
    CHECK_EQUAL(tracker.expected(), 70000);
  }
}

TEST("RFC 3550 A.1: loss, duplicates and reordering from every start") {
  for (const int start : kStarts) {
    SequenceTracker tracker;
    int64_t extended = 0;
    const auto number = [start](int offset) { return static_cast<uint16_t>(start + offset); };
    CHECK(tracker.update(number(0), &extended) == Verdict::kValid);
    CHECK(tracker.update(number(0), &extended) == Verdict::kDuplicate);
    CHECK(tracker.update(number(3), &extended) == Verdict::kValid);
    CHECK(tracker.update(number(2), &extended) == Verdict::kValid);
    CHECK_EQUAL(extended, static_cast<int64_t>(start) + 2);
    CHECK(tracker.update(number(2), &extended) == Verdict::kDuplicate);
    CHECK(tracker.update(number(3), &extended) == Verdict::kDuplicate);
    CHECK(tracker.update(number(90), &extended) == Verdict::kValid);
    CHECK(tracker.update(number(1), &extended) == Verdict::kValid);
    CHECK(tracker.update(number(1), &extended) == Verdict::kDuplicate);
    CHECK_EQUAL(tracker.expected(), 91);
  }
}

TEST("RFC 3550 A.1: a large jump needs a second packet in sequence") {
  for (const int start : kStarts) {
    SequenceTracker tracker;
    int64_t extended = 0;
    const auto number = [start](int offset) { return static_cast<uint16_t>(start + offset); };
    tracker.update(number(0), &extended);
    CHECK(tracker.update(number(20000), &extended) == Verdict::kSuspicious);
    CHECK(tracker.update(number(1), &extended) == Verdict::kValid);
    CHECK(tracker.update(number(20001), &extended) == Verdict::kSuspicious);
    CHECK(tracker.update(number(20002), &extended) == Verdict::kRestart);
    CHECK(tracker.update(number(20003), &extended) == Verdict::kValid);
    CHECK_EQUAL(tracker.expected(), 2);
  }
}

TEST("RFC 3550 A.3: loss is expected minus received, and the fraction is of the interval") {
  SequenceTracker tracker;
  ReceptionStats stats;
  int64_t extended = 0;
  for (int i = 0; i < 100; i++) {
    if (i % 4 == 3 && i != 99) continue;
    tracker.update(static_cast<uint16_t>(65500 + i), &extended);
    stats.onPacket();
  }
  CHECK_EQUAL(stats.lost(tracker), 24);
  CHECK_EQUAL(stats.takeFractionLost(tracker), 24 * 256 / 100);
  for (int i = 100; i < 120; i++) {
    tracker.update(static_cast<uint16_t>(65500 + i), &extended);
    stats.onPacket();
  }
  CHECK_EQUAL(stats.takeFractionLost(tracker), 0);
}

TEST("RFC 3550 A.8: jitter of packets that alternate by 8 ms converges to 8 ms, a constant delay to none") {
  ReceptionStats steady;
  ReceptionStats shaky;
  for (int i = 0; i < 1000; i++) {
    const auto timestamp = static_cast<uint32_t>(0xffffff00u + 160u * static_cast<uint32_t>(i));
    const Nanos at = i * kFrameNanos;
    steady.onTransit(timestamp, at);
    shaky.onTransit(timestamp, at + (i % 2) * 8 * kNanosPerMs);
  }
  CHECK_NEAR(steady.jitter(), 0.0, 1e-9);
  CHECK_NEAR(shaky.jitter() / kSamplesPerMs, 8.0, 0.01);
}
