// Codecs with a memory: a tone through them and back.
#include "codec/speech-codec.hpp"

#include <cmath>
#include <vector>

#include "harness.hpp"

using namespace trunkline;

namespace {

std::vector<int16_t> tone(double hertz, size_t count) {
  std::vector<int16_t> samples(count);
  for (size_t i = 0; i < count; i++) {
    samples[i] = static_cast<int16_t>(std::lround(8000 * std::sin(2 * 3.14159265358979 * hertz * static_cast<double>(i) / 16000)));
  }
  return samples;
}

}  // namespace

TEST("G.722: this build has libspandsp (apt-get install libspandsp-dev)") {
  CHECK(SpeechCodec::available(Codec::kG722));
  CHECK(SpeechCodec::create(Codec::kPcma) == nullptr);
}

TEST("G.722: a byte for two samples, and a tone comes back with more than 20 dB over the noise, whatever the packets") {
  for (const size_t packet : {160u, 320u, 480u, 640u, 960u}) {
    const auto codec = SpeechCodec::create(Codec::kG722);
    if (!codec) return;
    const std::vector<int16_t> in = tone(1000, 9600);
    std::vector<int16_t> out;
    for (size_t at = 0; at < in.size(); at += packet) {
      uint8_t payload[480];
      int16_t samples[SpeechCodec::kMaxDecoded];
      CHECK_EQUAL(codec->encode(in.data() + at, packet, payload), packet / 2);
      CHECK_EQUAL(codec->duration(payload, packet / 2), static_cast<int>(packet));
      CHECK_EQUAL(codec->decode(payload, packet / 2, samples), static_cast<int>(packet));
      out.insert(out.end(), samples, samples + packet);
    }
    // The delay of the codec is not known here: the best of some.
    double best = 0;
    for (size_t delay = 0; delay < 40; delay++) {
      double signal = 0;
      double noise = 1;
      for (size_t i = 1600; i + delay < out.size(); i++) {
        signal += static_cast<double>(in[i]) * in[i];
        noise += std::pow(static_cast<double>(out[i + delay] - in[i]), 2);
      }
      best = std::max(best, 10 * std::log10(signal / noise));
    }
    CHECK(best > 20);
  }
}

TEST("G.722: any bytes give samples, and a decoder that starts anew forgets them") {
  const auto codec = SpeechCodec::create(Codec::kG722);
  const auto fresh = SpeechCodec::create(Codec::kG722);
  if (!codec || !fresh) return;
  uint32_t random = 1;
  uint8_t noise[160];
  int16_t samples[320];
  int16_t expected[320];
  for (int round = 0; round < 200; round++) {
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>((random = random * 1664525 + 1013904223) >> 24);
    CHECK_EQUAL(codec->decode(noise, sizeof noise, samples), 320);
  }
  codec->resetDecoder();
  codec->decode(noise, sizeof noise, samples);
  fresh->decode(noise, sizeof noise, expected);
  for (int i = 0; i < 320; i++) CHECK_EQUAL(samples[i], expected[i]);
}
