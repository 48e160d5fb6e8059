#include "capture/rtp-capture.hpp"

#include <cstring>
#include <thread>

#include "harness.hpp"
#include "rtp/rtp-packet.hpp"

using namespace trunkline;

namespace {

Endpoint farEnd(const char* address) {
  Endpoint endpoint;
  CHECK(Endpoint::parse(address, 4000, &endpoint));
  return endpoint;
}

void add(RtpCapture& capture, uint16_t sequence, const Endpoint& from) {
  uint8_t packet[kRtpHeaderSize + 160] = {};
  writeRtpHeader(packet, 8, false, sequence, 160u * sequence, 7);
  std::memset(packet + kRtpHeaderSize, 0x55, 160);
  capture.received(packet, sizeof packet, from, sequence * kFrameNanos);
}

}  // namespace

TEST("nothing is captured before it is wanted, nor what is no RTP") {
  RtpCapture capture;
  const Endpoint far = farEnd("192.0.2.7");
  add(capture, 1, far);
  CHECK(capture.read().empty());
  capture.start(4);
  const uint8_t tiny[] = {0x80, 8, 0};
  capture.received(tiny, sizeof tiny, far, 0);
  CHECK(capture.read().empty());
  capture.start(0);
  add(capture, 1, far);
  CHECK(capture.read().empty());
}

TEST("the newest headers stay, oldest first, without their audio") {
  RtpCapture capture;
  capture.start(3);
  const Endpoint far = farEnd("2001:db8::7");
  for (uint16_t sequence = 1; sequence <= 5; sequence++) add(capture, sequence, far);
  const auto packets = capture.read();
  CHECK_EQUAL(packets.size(), 3u);
  for (size_t i = 0; i < packets.size(); i++) {
    CHECK_EQUAL(readUint16(packets[i].header + 2), 3 + i);
    CHECK_EQUAL(packets[i].length, 172u);
    CHECK_EQUAL(packets[i].family, 6);
    CHECK_EQUAL(packets[i].remotePort, 4000);
    CHECK_EQUAL(packets[i].sent, 0);
    CHECK_EQUAL(packets[i].remoteAddress[15], 7);
    CHECK_EQUAL(packets[i].atMs, 20.0 * static_cast<double>(3 + i));
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(packets.data());
  for (size_t i = 0; i < packets.size() * sizeof(CapturedPacket); i++) CHECK(bytes[i] != 0x55);
}

TEST("a reader and the I/O thread do not disturb each other") {
  RtpCapture capture;
  capture.start(64);
  const Endpoint far = farEnd("192.0.2.7");
  std::thread writer([&] {
    for (int i = 0; i < 20000; i++) add(capture, static_cast<uint16_t>(i), far);
  });
  for (int i = 0; i < 200; i++) {
    const auto packets = capture.read();
    for (size_t j = 1; j < packets.size(); j++) {
      CHECK_EQUAL(static_cast<uint16_t>(readUint16(packets[j].header + 2) - readUint16(packets[j - 1].header + 2)), 1);
    }
    if (i == 100) capture.start(32);
  }
  writer.join();
  CHECK_EQUAL(capture.read().size(), 32u);
}
