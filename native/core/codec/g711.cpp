#include "codec/g711.hpp"

#include <algorithm>
#include <array>

namespace trunkline {
namespace {

// Position of the highest set bit above `lowest`, 0 to 7: the segment number.
int segmentOf(int magnitude, int lowest) {
  int segment = 0;
  for (int shifted = magnitude >> (lowest + 1); shifted != 0 && segment < 7; shifted >>= 1) segment++;
  return segment;
}

constexpr int kUlawBias = 0x84;
constexpr int kUlawClip = 32635;

// G.711 section 3, table 2a: 14-bit law, here on 16-bit samples (two bits more).
uint8_t computeUlaw(int sample) {
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(sample < 0 ? -sample : sample, kUlawClip) + kUlawBias;
  const int segment = segmentOf(magnitude, 7);
  const int mantissa = (magnitude >> (segment + 3)) & 0x0f;
  return static_cast<uint8_t>(~(sign | (segment << 4) | mantissa));
}

int computeFromUlaw(uint8_t code) {
  const int bits = static_cast<uint8_t>(~code);
  const int segment = (bits >> 4) & 7;
  const int magnitude = ((((bits & 0x0f) << 3) + kUlawBias) << segment) - kUlawBias;
  return (bits & 0x80) != 0 ? -magnitude : magnitude;
}

// G.711 section 3, table 1a: 13-bit law; even bits are inverted on the line.
uint8_t computeAlaw(int sample) {
  const int sign = sample >= 0 ? 0x80 : 0;
  // A-law has no code for zero: negative numbers mirror at -1.
  const int magnitude = std::min(sample < 0 ? -sample - 1 : sample, 32767);
  const int segment = magnitude < 256 ? 0 : segmentOf(magnitude, 7);
  const int mantissa = segment == 0 ? (magnitude >> 4) & 0x0f : (magnitude >> (segment + 3)) & 0x0f;
  return static_cast<uint8_t>((sign | (segment << 4) | mantissa) ^ 0x55);
}

int computeFromAlaw(uint8_t code) {
  const int bits = code ^ 0x55;
  const int segment = (bits >> 4) & 7;
  int magnitude = ((bits & 0x0f) << 4) + 8;
  if (segment >= 1) magnitude = (magnitude + 0x100) << (segment - 1);
  return (bits & 0x80) != 0 ? magnitude : -magnitude;
}

struct Tables {
  std::array<int16_t, 256> fromUlaw;
  std::array<int16_t, 256> fromAlaw;
  // Indexed by the upper 14 bits (mu) and 13 bits (A): neither law looks further down,
  // except for the exact bias edge of mu-law, which needs all 14.
  std::array<uint8_t, 16384> toUlaw;
  std::array<uint8_t, 8192> toAlaw;

  Tables() {
    for (int code = 0; code < 256; code++) {
      fromUlaw[code] = static_cast<int16_t>(computeFromUlaw(static_cast<uint8_t>(code)));
      fromAlaw[code] = static_cast<int16_t>(computeFromAlaw(static_cast<uint8_t>(code)));
    }
    for (int i = 0; i < 16384; i++) {
      const int sample = static_cast<int16_t>(static_cast<uint16_t>(i << 2));
      // Samples between two table steps belong to the step nearer to zero.
      toUlaw[i] = computeUlaw(sample < 0 ? sample + 3 : sample);
    }
    for (int i = 0; i < 8192; i++) {
      toAlaw[i] = computeAlaw(static_cast<int16_t>(static_cast<uint16_t>(i << 3)));
    }
  }
};

const Tables& tables() {
  static const Tables instance;
  return instance;
}

}  // namespace

uint8_t linearToUlaw(int16_t sample) { return tables().toUlaw[static_cast<uint16_t>(sample) >> 2]; }
int16_t ulawToLinear(uint8_t code) { return tables().fromUlaw[code]; }
uint8_t linearToAlaw(int16_t sample) { return tables().toAlaw[static_cast<uint16_t>(sample) >> 3]; }
int16_t alawToLinear(uint8_t code) { return tables().fromAlaw[code]; }

void g711Encode(Codec codec, const int16_t* samples, size_t count, uint8_t* codes) {
  const Tables& t = tables();
  if (codec == Codec::kPcmu) {
    for (size_t i = 0; i < count; i++) codes[i] = t.toUlaw[static_cast<uint16_t>(samples[i]) >> 2];
  } else {
    for (size_t i = 0; i < count; i++) codes[i] = t.toAlaw[static_cast<uint16_t>(samples[i]) >> 3];
  }
}

void g711Decode(Codec codec, const uint8_t* codes, size_t count, int16_t* samples) {
  const auto& table = codec == Codec::kPcmu ? tables().fromUlaw : tables().fromAlaw;
  for (size_t i = 0; i < count; i++) samples[i] = table[codes[i]];
}

}  // namespace trunkline
