// A stream of telephone events: 10 bytes each are timestamp, payload and a step of
// the clock. A digit is never reported more often than there were packets.
#include <cstdlib>

#include "rtp/rtp-packet.hpp"
#include "rtp/telephone-event.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trunkline;
  TelephoneEventReceiver receiver;
  Nanos now = 0;
  int packets = 0;
  int digits = 0;
  for (; size >= 10; data += 10, size -= 10) {
    TelephoneEvent event;
    if (!parseTelephoneEvent(data + 4, 4, &event)) std::abort();
    now += readUint16(data + 8) * kNanosPerMs;
    packets++;
    const auto reported = receiver.onPacket(event, readUint32(data), (data[0] & 1) != 0 ? 8000 : 48000, now);
    const auto waiting = receiver.poll(now);
    for (const auto& digit : {reported, waiting}) {
      if (!digit) continue;
      digits++;
      if (!eventOfDigit(digit->digit) || digit->durationMs < 0 || digit->durationMs > 8192) std::abort();
    }
  }
  if (digits > packets) std::abort();
  return 0;
}
