// ITU-T G.711: PCMU (mu-law) and PCMA (A-law), 8 kHz, one byte a sample.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/codec.hpp"

namespace trunkline {

uint8_t linearToUlaw(int16_t sample);
int16_t ulawToLinear(uint8_t code);
uint8_t linearToAlaw(int16_t sample);
int16_t alawToLinear(uint8_t code);

// `count` samples; the buffers do not overlap.
void g711Encode(Codec codec, const int16_t* samples, size_t count, uint8_t* codes);
void g711Decode(Codec codec, const uint8_t* codes, size_t count, int16_t* samples);

// The code of digital silence.
constexpr uint8_t silenceCode(Codec codec) { return codec == Codec::kPcmu ? 0xff : 0xd5; }

}  // namespace trunkline
