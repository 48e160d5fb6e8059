// Any datagram as RTCP, and what a session makes of it.
#include <cstdlib>

#include "rtcp/rtcp-packet.hpp"
#include "rtcp/rtcp-session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::RtcpCompound compound;
  if (!trunkline::parseRtcp(data, size, 77, &compound)) return 0;
  trunkline::RtcpSession session(77, 1);
  session.onPacket(compound, 5 * trunkline::kNanosPerSecond, -1'700'000'000 * trunkline::kNanosPerSecond);
  if (session.remoteLoss() > 1 || session.roundTripMs() > 10'000) std::abort();
  return 0;
}
