// Packets of a codec with a memory, lost, late, repeated and garbled, on their way through
// queue, decoder and jitter buffer. The first byte chooses the codec; then, again and again:
// a signed step of the number, a step of the clock (of 2.5 ms), a length, and that many
// bytes. Every eighth bit pattern of the length lets a tick pass.
#include <cstdlib>
#include <memory>

#include "jitter/decode-queue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trunkline;
  if (size == 0) return 0;
  const Codec codec = (data[0] & 1) != 0 ? Codec::kOpus : Codec::kG722;
  const auto speech = SpeechCodec::create(codec);
  if (!speech) return 0;
  const int clock = clockRateOf(codec);
  JitterBuffer buffer(kWideSampleRate, clock);
  DecodeQueue queue;
  Nanos now = kNanosPerSecond;
  int64_t sequence = 1000;
  uint32_t timestamp = 0xffff0000u;
  data++;
  size--;
  while (size >= 3) {
    sequence += static_cast<int8_t>(data[0]);
    if (sequence < 0) sequence = 0;
    timestamp += static_cast<uint32_t>(data[1] * clock / 400);
    const size_t length = data[2] < size - 3 ? data[2] : size - 3;
    const bool tick = (data[2] & 7) != 0;
    data += 3;
    size -= 3;
    const int count = speech->duration(data, length);
    if (count < 0 || count > SpeechCodec::kMaxDecoded) std::abort();
    if (count == 0) {
      queue.skip(sequence);
    } else {
      const auto placement = buffer.place(sequence, timestamp, count, now, now);
      if (placement.result == JitterBuffer::Push::kResync) queue.reset();
      queue.push(sequence, placement.position, count, data, length);
    }
    data += length;
    size -= length;
    if (!tick) continue;
    int16_t frame[kMaxFrameSamples];
    queue.run(speech.get(), &buffer, buffer.due());
    buffer.pop(frame, now);
    now += kFrameNanos;
  }
  return 0;
}
