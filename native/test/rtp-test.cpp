#include "rtp/rtp-packet.hpp"

#include <cstring>

#include "harness.hpp"
#include "rtcp/rtcp-packet.hpp"
#include "rtcp/rtcp-session.hpp"

using namespace trunkline;

namespace {

bool parses(const std::vector<uint8_t>& bytes, RtpPacket* packet) { return parseRtp(bytes.data(), bytes.size(), packet); }

}  // namespace

TEST("RFC 3550 5.1: header fields, contributing sources, extension and padding") {
  RtpPacket packet;
  CHECK(parses({0x80, 0x88, 0x12, 0x34, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3}, &packet));
  CHECK(packet.marker);
  CHECK_EQUAL(packet.payloadType, 8);
  CHECK_EQUAL(packet.sequence, 0x1234);
  CHECK_EQUAL(packet.timestamp, 160u);
  CHECK_EQUAL(packet.ssrc, 0xdeadbeefu);
  CHECK_EQUAL(packet.payloadSize, 3u);
  // One contributing source, an extension of one word, payload 7 8, padding 0 0 3.
  const std::vector<uint8_t> full = {0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 5, 5, 5, 5, 7, 8, 0, 0, 3};
  CHECK(parses(full, &packet));
  CHECK_EQUAL(packet.payloadSize, 2u);
  CHECK_EQUAL(packet.payload[0], 7);
}

TEST("RFC 3550 5.1: what is no RTP packet is refused") {
  RtpPacket packet;
  CHECK(!parses({}, &packet));
  CHECK(!parses({0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0}, &packet));
  CHECK(!parses({0x40, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}, &packet));                      // version 1
  CHECK(!parses({0x82, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0}, &packet));          // 2 sources, room for 1
  CHECK(!parses({0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0}, &packet));  // extension too long
  CHECK(!parses({0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0}, &packet));
  CHECK(!parses({0xa0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 0}, &packet));                // padding of 0
  CHECK(!parses({0xa0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 3}, &packet));                // padding of 3 in 2 bytes
}

TEST("RTP header: written and read again") {
  uint8_t bytes[kRtpHeaderSize + 1] = {};
  writeRtpHeader(bytes, 101, true, 65535, 0xfffffff0u, 0x01020304);
  RtpPacket packet;
  CHECK(parseRtp(bytes, sizeof bytes, &packet));
  CHECK(packet.marker && packet.payloadType == 101 && packet.sequence == 65535);
  CHECK(packet.timestamp == 0xfffffff0u && packet.ssrc == 0x01020304);
}

TEST("RFC 3550 6.4: a sender report with one block is written and read again") {
  SenderInfo sender{0x83aa7e8012345678ull, 1234, 50, 8000};
  ReportBlock block{77, 64, -3, 0x10005, 12, 0xaabbccdd, 65536};
  uint8_t bytes[kMaxRtcpSize];
  const size_t size = writeRtcp(bytes, 99, sender, block, "0123456789abcdef", true);
  CHECK(size <= kMaxRtcpSize && size % 4 == 0);
  RtcpCompound compound;
  CHECK(parseRtcp(bytes, size, 77, &compound));
  CHECK_EQUAL(compound.ssrc, 99u);
  CHECK(compound.sender && compound.sender->ntp == sender.ntp && compound.sender->octets == 8000);
  CHECK(compound.report && compound.report->cumulativeLost == -3 && compound.report->fractionLost == 64);
  CHECK(compound.bye);
  // A report about somebody else is not ours.
  CHECK(parseRtcp(bytes, size, 78, &compound) && !compound.report);
  for (size_t cut = 0; cut < size; cut++) {
    // Only a cut at the end of a whole packet leaves a valid compound.
    const bool whole = parseRtcp(bytes, cut, 77, &compound);
    CHECK(whole == (cut == 52 || cut == size - 8));
  }
}

TEST("RFC 3550 6.4.1: the round trip is what is left of the time between two reports") {
  const Nanos toMonotonic = -1'000'000 * kNanosPerSecond;
  const auto realtime = [toMonotonic](Nanos monotonic) { return monotonic - toMonotonic; };
  RtcpSession us(1, 42);
  RtcpSession them(2, 43);
  uint8_t bytes[kMaxRtcpSize];
  RtcpCompound compound;
  const Nanos sent = 100 * kNanosPerSecond;
  size_t size = us.write(bytes, sent, realtime(sent), true, {0, 1, 1, 1}, nullptr, false);
  CHECK(parseRtcp(bytes, size, 2, &compound));
  // 30 ms there, 700 ms until they report, 50 ms back.
  them.onPacket(compound, sent + 30 * kNanosPerMs, toMonotonic);
  const Nanos answered = sent + 730 * kNanosPerMs;
  const ReceptionSummary heard{1, 25, 3, 1000, 80};
  size = them.write(bytes, answered, realtime(answered), false, {}, &heard, false);
  CHECK(parseRtcp(bytes, size, 1, &compound));
  us.onPacket(compound, answered + 50 * kNanosPerMs, toMonotonic);
  CHECK_NEAR(us.roundTripMs(), 80.0, 0.1);
  CHECK_NEAR(us.remoteLoss(), 25.0 / 256, 1e-9);
}

TEST("RFC 3550 6.3.1: reports are 2.05 to 6.16 s apart, and differ") {
  RtcpSession session(1, 7);
  uint8_t bytes[kMaxRtcpSize];
  session.start(0);
  Nanos last = 0;
  double shortest = 1e9;
  double longest = 0;
  int reports = 0;
  for (Nanos now = 0; now < 2000 * kNanosPerSecond; now += kFrameNanos) {
    if (!session.due(now)) continue;
    session.write(bytes, now, now, true, {}, nullptr, false);
    if (reports++ > 0) {
      shortest = std::min(shortest, toMs(now - last));
      longest = std::max(longest, toMs(now - last));
    }
    last = now;
  }
  CHECK(shortest >= 2052 && shortest < 2300);
  CHECK(longest <= 6180 && longest > 5800);
}
