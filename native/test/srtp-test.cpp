// SRTP as the session uses it. That the packets are right on the wire is the business of
// test/contract/media-srtp.ts, whose far end shares no code with this.
#include "srtp/srtp-context.hpp"

#include <cstring>

#include "harness.hpp"
#include "rtp/rtp-packet.hpp"

using namespace trunkline;

namespace {

SrtpKey keyOf(uint8_t seed, SrtpSuite suite = SrtpSuite::kAesCm128HmacSha1Tag80) {
  SrtpKey key;
  key.suite = suite;
  for (size_t i = 0; i < key.bytes.size(); i++) key.bytes[i] = static_cast<uint8_t>(seed + i);
  return key;
}

struct Packet {
  alignas(8) uint8_t bytes[kRtpHeaderSize + 160 + kSrtpTrailer] = {};
  size_t size = kRtpHeaderSize + 160;

  explicit Packet(uint16_t sequence, uint32_t ssrc = 7) {
    writeRtpHeader(bytes, 0, false, sequence, sequence * 160u, ssrc);
    std::memset(bytes + kRtpHeaderSize, 0x5a, 160);
  }
};

}  // namespace

TEST("srtp: this build has libsrtp2 (apt-get install libsrtp2-dev)") { CHECK(SrtpContext::available()); }

TEST("srtp: sizes of both suites, the payload is hidden and comes back, also where the sequence wraps") {
  for (const SrtpSuite suite : {SrtpSuite::kAesCm128HmacSha1Tag80, SrtpSuite::kAesCm128HmacSha1Tag32}) {
    const auto send = SrtpContext::create(keyOf(1, suite), SrtpContext::Direction::kSend);
    const auto receive = SrtpContext::create(keyOf(1, suite), SrtpContext::Direction::kReceive);
    CHECK(send && receive);
    if (!send || !receive) return;
    for (uint32_t i = 0; i < 20; i++) {
      const Packet plain(static_cast<uint16_t>(65526 + i));
      Packet packet = plain;
      CHECK(send->protect(packet.bytes, &packet.size));
      CHECK_EQUAL(packet.size, plain.size + (suite == SrtpSuite::kAesCm128HmacSha1Tag80 ? 10 : 4));
      CHECK(std::memcmp(packet.bytes + kRtpHeaderSize, plain.bytes + kRtpHeaderSize, 160) != 0);
      CHECK(receive->unprotect(packet.bytes, &packet.size));
      CHECK_EQUAL(packet.size, plain.size);
      CHECK(std::memcmp(packet.bytes, plain.bytes, plain.size) == 0);
    }
  }
}

TEST("srtp: forged, foreign, repeated and short packets are refused and left as they were") {
  const auto send = SrtpContext::create(keyOf(1), SrtpContext::Direction::kSend);
  const auto receive = SrtpContext::create(keyOf(1), SrtpContext::Direction::kReceive);
  const auto foreign = SrtpContext::create(keyOf(2), SrtpContext::Direction::kReceive);
  if (!send || !receive || !foreign) return;
  Packet packet(1);
  CHECK(send->protect(packet.bytes, &packet.size));
  Packet copy = packet;
  CHECK(!foreign->unprotect(copy.bytes, &copy.size));
  CHECK(copy.size == packet.size && std::memcmp(copy.bytes, packet.bytes, packet.size) == 0);
  for (size_t at = 0; at < packet.size; at++) {
    Packet forged = packet;
    forged.bytes[at] ^= 0x01;
    CHECK(!receive->unprotect(forged.bytes, &forged.size));
  }
  for (size_t size = 0; size < packet.size; size++) {
    Packet cut = packet;
    cut.size = size;
    CHECK(!receive->unprotect(cut.bytes, &cut.size));
    cut.size = size;
    CHECK(!receive->unprotectRtcp(cut.bytes, &cut.size));
  }
  CHECK(receive->unprotect(copy.bytes, &copy.size));
  Packet again = packet;
  CHECK(!receive->unprotect(again.bytes, &again.size));
}

TEST("srtp: sources under one key are bounded, those that are known go on") {
  const auto receive = SrtpContext::create(keyOf(1), SrtpContext::Direction::kReceive);
  if (!receive) return;
  int taken = 0;
  for (uint32_t ssrc = 1; ssrc <= 40; ssrc++) {
    const auto send = SrtpContext::create(keyOf(1), SrtpContext::Direction::kSend);
    Packet packet(1, ssrc);
    CHECK(send->protect(packet.bytes, &packet.size));
    taken += receive->unprotect(packet.bytes, &packet.size) ? 1 : 0;
  }
  CHECK_EQUAL(taken, 16);
  const auto send = SrtpContext::create(keyOf(1), SrtpContext::Direction::kSend);
  Packet packet(2, 3);
  CHECK(send->protect(packet.bytes, &packet.size));
  CHECK(receive->unprotect(packet.bytes, &packet.size));
}

TEST("srtp: no suite, no context") {
  CHECK(SrtpContext::create(SrtpKey{}, SrtpContext::Direction::kSend) == nullptr);
}
