// Any datagram as RTP: the parser stays inside it, and the payload is inside too.
#include <cstdlib>

#include "net/source-guard.hpp"
#include "rtp/rtp-packet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::RtpPacket packet;
  if (!trunkline::parseRtp(data, size, &packet)) return 0;
  if (packet.payload < data + trunkline::kRtpHeaderSize || packet.payload + packet.payloadSize > data + size) std::abort();
  volatile uint8_t sum = 0;
  for (size_t i = 0; i < packet.payloadSize; i++) sum = static_cast<uint8_t>(sum + packet.payload[i]);
  return 0;
}
