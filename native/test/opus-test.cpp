// Opus by libopus: sizes, silence, and what becomes of lost packets.
#include "codec/speech-codec.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "clock.hpp"
#include "harness.hpp"
#include "jitter/decode-queue.hpp"

using namespace trunkline;

namespace {

constexpr int kPacket = 320;

std::vector<int16_t> voice(size_t count) {
  std::vector<int16_t> samples(count);
  for (size_t i = 0; i < count; i++) {
    const double t = static_cast<double>(i) / kWideSampleRate;
    samples[i] = static_cast<int16_t>(std::lround(5000 * std::sin(2 * M_PI * 220 * t) + 2500 * std::sin(2 * M_PI * 660 * t)));
  }
  return samples;
}

double level(const int16_t* samples, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += static_cast<double>(samples[i]) * samples[i];
  return std::sqrt(sum / static_cast<double>(count));
}

struct Packet {
  uint8_t bytes[kMaxPayload];
  size_t size;
};

std::vector<Packet> encoded(SpeechCodec* codec, int packets, size_t samples = kPacket) {
  const std::vector<int16_t> audio = voice(static_cast<size_t>(packets) * samples);
  std::vector<Packet> result(static_cast<size_t>(packets));
  for (size_t i = 0; i < result.size(); i++) result[i].size = codec->encode(&audio[i * samples], samples, result[i].bytes);
  return result;
}

}  // namespace

TEST("Opus: this build has libopus (apt-get install libopus-dev)") { CHECK(SpeechCodec::available(Codec::kOpus)); }

TEST("Opus: every packet length of ours is understood, and no longer than it may be") {
  for (const size_t ms : {10u, 20u, 30u, 40u, 50u, 60u}) {
    CodecParameters parameters;
    parameters.bitrate = 510000;
    const auto codec = SpeechCodec::create(Codec::kOpus, parameters);
    if (!codec) return;
    int16_t samples[SpeechCodec::kMaxDecoded];
    for (const Packet& packet : encoded(codec.get(), 20, ms * 16)) {
      CHECK(packet.size > 0 && packet.size <= kMaxPayload);
      CHECK_EQUAL(codec->duration(packet.bytes, packet.size), static_cast<int>(ms * 16));
      CHECK_EQUAL(codec->decode(packet.bytes, packet.size, samples), static_cast<int>(ms * 16));
    }
    CHECK_NEAR(level(samples, ms * 16), 3953, 700);
  }
}

TEST("Opus: after 200 ms of silence a packet is one byte or two, the far end stays silent, and speech comes back whole") {
  for (const size_t ms : {10u, 20u, 30u, 40u, 50u, 60u}) {
    const auto codec = SpeechCodec::create(Codec::kOpus);
    if (!codec) return;
    const size_t count = ms * 16;
    uint8_t payload[kMaxPayload];
    int16_t samples[SpeechCodec::kMaxDecoded];
    for (const Packet& packet : encoded(codec.get(), 10, count)) codec->decode(packet.bytes, packet.size, samples);
    size_t size = 0;
    for (int i = 0; i < 50; i++) {
      size = codec->encodeSilence(count, payload);
      CHECK_EQUAL(codec->duration(payload, size), static_cast<int>(count));
      CHECK_EQUAL(codec->decode(payload, size, samples), static_cast<int>(count));
    }
    CHECK(size <= 2);
    CHECK(level(samples, count) < 40);
    for (const Packet& packet : encoded(codec.get(), 10, count)) codec->decode(packet.bytes, packet.size, samples);
    CHECK_NEAR(level(samples, count), 3953, 700);
  }
}

TEST("Opus: the far end's limits are kept (RFC 7587 6.1)") {
  CodecParameters parameters;
  parameters.bitrate = 8000;
  parameters.maxPlaybackRate = 8000;
  const auto codec = SpeechCodec::create(Codec::kOpus, parameters);
  if (!codec) return;
  size_t bytes = 0;
  const std::vector<Packet> packets = encoded(codec.get(), 100);
  for (const Packet& packet : packets) {
    bytes += packet.size;
    // RFC 6716 table 2: configurations 0 to 3 are SILK, narrowband.
    CHECK(packet.bytes[0] >> 3 <= 3);
  }
  // 2 s of 8 kbit/s.
  CHECK_NEAR(static_cast<double>(bytes), 2000.0, 600.0);
}

TEST("Opus: a lost packet is taken from the next one where that repeats it, else made up; the count says which") {
  int64_t concealed[2] = {0, 0};
  for (const bool repeats : {true, false}) {
    CodecParameters parameters;
    parameters.forwardErrorCorrection = repeats;
    const auto codec = SpeechCodec::create(Codec::kOpus, parameters);
    if (!codec) return;
    // Syllables: what never changes is no speech to the encoder, and is not repeated.
    std::vector<int16_t> audio = voice(60 * kPacket);
    for (size_t i = 0; i < audio.size(); i++) {
      const double gain = 0.6 + 0.4 * std::sin(2 * M_PI * 5 * static_cast<double>(i) / kWideSampleRate);
      audio[i] = static_cast<int16_t>(audio[i] * gain);
    }
    std::vector<Packet> packets(60);
    for (size_t i = 0; i < 60; i++) packets[i].size = codec->encode(&audio[i * kPacket], kPacket, packets[i].bytes);
    JitterBuffer buffer(kWideSampleRate, 48000);
    DecodeQueue queue;
    Nanos now = kNanosPerSecond;
    double quietest = 1e9;
    for (int i = 0; i < 60; i++, now += kFrameNanos) {
      if (i % 7 != 5) {
        const Packet& packet = packets[static_cast<size_t>(i)];
        const auto placement = buffer.place(i, static_cast<uint32_t>(i) * 960, kPacket, now, now);
        queue.push(i, placement.position, kPacket, packet.bytes, packet.size);
      }
      int16_t frame[kMaxFrameSamples];
      queue.run(codec.get(), &buffer, buffer.due());
      buffer.pop(frame, now);
      if (i > 10) quietest = std::min(quietest, level(frame, kPacket));
    }
    CHECK(quietest > 400);
    concealed[repeats ? 1 : 0] = buffer.concealedSamples();
  }
  CHECK_EQUAL(concealed[0], 8 * kPacket);
  // The encoder repeats what it takes for active speech, about two packets in three here.
  CHECK(concealed[1] <= 5 * kPacket);
}

TEST("Opus: packets that overtook each other are decoded in order, as if they had not") {
  const auto codec = SpeechCodec::create(Codec::kOpus);
  if (!codec) return;
  const std::vector<Packet> packets = encoded(codec.get(), 40);
  std::vector<int16_t> heard[2];
  for (const int swapped : {0, 1}) {
    codec->resetDecoder();
    JitterBuffer buffer(kWideSampleRate, 48000);
    DecodeQueue queue;
    Nanos now = kNanosPerSecond;
    for (int i = 0; i < 40; i += 2) {
      for (const int k : {swapped, 1 - swapped}) {
        // Both come at the same moment, in one order or the other.
        const Packet& packet = packets[static_cast<size_t>(i + k)];
        const Nanos arrival = kNanosPerSecond + (i + 1) * kFrameNanos;
        const auto placement = buffer.place(i + k, static_cast<uint32_t>(i + k) * 960, kPacket, arrival, now);
        queue.push(i + k, placement.position, kPacket, packet.bytes, packet.size);
      }
      for (int k = 0; k < 2; k++, now += kFrameNanos) {
        int16_t frame[kMaxFrameSamples];
        queue.run(codec.get(), &buffer, buffer.due());
        buffer.pop(frame, now);
        heard[swapped].insert(heard[swapped].end(), frame, frame + kPacket);
      }
    }
    CHECK_EQUAL(buffer.concealedSamples(), 0);
  }
  const auto piece = heard[0].begin() + 20 * kPacket;
  CHECK(level(&*piece, 10 * kPacket) > 3000);
  CHECK(std::search(heard[1].begin(), heard[1].end(), piece, piece + 5 * kPacket) != heard[1].end());
}

TEST("decode queue: late, repeated and far packets neither block it nor come out twice") {
  const auto codec = SpeechCodec::create(Codec::kG722);
  if (!codec) return;
  JitterBuffer buffer(kWideSampleRate, 8000);
  DecodeQueue queue;
  const uint8_t payload[160] = {};
  const Nanos now = kNanosPerSecond;
  const auto push = [&](int64_t sequence) {
    const auto placement = buffer.place(sequence, static_cast<uint32_t>(sequence) * 160, kPacket, now, now);
    queue.push(sequence, placement.position, kPacket, payload, sizeof payload);
    queue.run(codec.get(), &buffer, buffer.due());
  };
  push(100);
  push(100);
  push(99);
  push(102);
  queue.skip(101);
  queue.run(codec.get(), &buffer, buffer.due());
  push(103);
  push(103 + 1000);
  push(104 + 1000);
  push(103);
  int16_t frame[kMaxFrameSamples];
  for (int i = 0; i < 100; i++) buffer.pop(frame, now + i * kFrameNanos);
  CHECK_EQUAL(level(frame, kPacket), 0.0);
}
