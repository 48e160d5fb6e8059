#include "rtp/telephone-event.hpp"

#include "harness.hpp"

using namespace trunkline;

namespace {

TelephoneEvent tone(uint8_t event, int durationMs, bool end) {
  return {event, end, 10, static_cast<uint16_t>(durationMs * kSamplesPerMs)};
}

}  // namespace

TEST("RFC 4733: the timeline of '1' then '2', 60 ms each with a gap of 80 ms") {
  TelephoneEventSender sender;
  sender.enqueue('1', 60, 80);
  sender.enqueue('2', 60, 80);
  struct Row {
    bool sent;
    bool marker;
    uint32_t timestamp;
    int event;
    int duration;
    bool end;
  };
  // One row a frame of 20 ms; the media clock starts at 1000.
  const Row rows[] = {
      {true, true, 1000, 1, 160, false},  {true, false, 1000, 1, 320, false}, {true, false, 1000, 1, 480, true},
      {true, false, 1000, 1, 480, true},  {true, false, 1000, 1, 480, true},  {false, false, 0, 0, 0, false},
      {false, false, 0, 0, 0, false},     {true, true, 2120, 2, 160, false},  {true, false, 2120, 2, 320, false},
      {true, false, 2120, 2, 480, true},  {true, false, 2120, 2, 480, true},  {true, false, 2120, 2, 480, true},
  };
  uint32_t timestamp = 1000;
  for (const Row& row : rows) {
    CHECK(sender.busy());
    const auto out = sender.next(timestamp);
    CHECK_EQUAL(out.has_value(), row.sent);
    if (out) {
      CHECK_EQUAL(out->marker, row.marker);
      CHECK_EQUAL(out->timestamp, row.timestamp);
      CHECK_EQUAL(out->event.event, row.event);
      CHECK_EQUAL(out->event.duration, row.duration);
      CHECK_EQUAL(out->event.end, row.end);
    }
    timestamp += kFrameSamples;
  }
  CHECK_EQUAL(sender.finished(), 2u);
}

TEST("RFC 4733: a digit is reported once, whatever is repeated, reordered or late") {
  TelephoneEventReceiver receiver;
  CHECK(!receiver.onPacket(tone(5, 20, false), 800, kSampleRate, 0));
  CHECK(!receiver.onPacket(tone(5, 60, false), 800, kSampleRate, 40));
  CHECK(!receiver.onPacket(tone(5, 40, false), 800, kSampleRate, 41));
  const auto digit = receiver.onPacket(tone(5, 80, true), 800, kSampleRate, 60);
  CHECK(digit && digit->digit == '5' && digit->durationMs == 80);
  CHECK(!receiver.onPacket(tone(5, 80, true), 800, kSampleRate, 80));
  CHECK(!receiver.onPacket(tone(5, 80, true), 800, kSampleRate, 100));
  CHECK(!receiver.onPacket(tone(5, 60, false), 800, kSampleRate, 120));
  CHECK(!receiver.poll(kNanosPerSecond));
  // The same key again is a new timestamp, also across the wrap.
  CHECK(receiver.onPacket(tone(5, 40, true), 0x80000000u, kSampleRate, 200));
}

TEST("RFC 4733: an end that is lost is made up for by time, or by the next digit") {
  TelephoneEventReceiver receiver;
  CHECK(!receiver.onPacket(tone(1, 100, false), 1000, kSampleRate, 0));
  CHECK(!receiver.poll(TelephoneEventReceiver::kLostEnd - 1));
  const auto first = receiver.poll(TelephoneEventReceiver::kLostEnd);
  CHECK(first && first->digit == '1' && first->durationMs == 100);
  CHECK(!receiver.onPacket(tone(2, 40, false), 3000, kSampleRate, kNanosPerSecond));
  const auto second = receiver.onPacket(tone(3, 40, true), 5000, kSampleRate, kNanosPerSecond);
  CHECK(second && second->digit == '2');
  const auto third = receiver.poll(kNanosPerSecond);
  CHECK(third && third->digit == '3');
  CHECK(!receiver.active());
}

TEST("RFC 4733: only the end packet arrived") {
  TelephoneEventReceiver receiver;
  const auto digit = receiver.onPacket(tone(11, 100, true), 1000, kSampleRate, 0);
  CHECK(digit && digit->digit == '#');
}

TEST("RFC 4733: events that are no digits are not reported") {
  TelephoneEventReceiver receiver;
  CHECK(!receiver.onPacket(tone(16, 100, true), 1000, kSampleRate, 0));
  CHECK(!eventOfDigit('E') && !eventOfDigit('\0'));
  CHECK(eventOfDigit('D') == 15 && digitOfEvent(10) == '*' && !digitOfEvent(16));
}
