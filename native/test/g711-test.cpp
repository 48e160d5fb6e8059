#include "codec/g711.hpp"

#include "harness.hpp"

using namespace trunkline;

namespace {

// Decoder output by the formulas of ITU-T G.711 tables 1a and 2a, written out
// independently of the codec: segment bases and steps, in 16-bit units.
int ulawByTable(int code) {
  const int inverted = 255 - code;
  const int segment = inverted / 16 % 8;
  const int interval = inverted % 16;
  // 14-bit decision values: segment s starts at 31 * 2^s - 33 + 2^(s+1) * interval.
  const int value = ((2 * interval + 33) << segment) - 33;
  return (inverted >= 128 ? -value : value) * 4;
}

int alawByTable(int code) {
  const int line = code ^ 0x55;
  const int segment = line / 16 % 8;
  const int interval = line % 16;
  const int value = segment == 0 ? 2 * interval + 1 : (2 * interval + 33) << (segment - 1);
  return (line >= 128 ? value : -value) * 8;
}

// Width of the interval that a code stands for, in 16-bit units.
int ulawStep(uint8_t code) { return 8 << ((255 - code) / 16 % 8); }
int alawStep(uint8_t code) {
  const int segment = (code ^ 0x55) / 16 % 8;
  return segment == 0 ? 16 : 16 << (segment - 1);
}

}  // namespace

TEST("G.711: all 256 codes decode as the tables of the recommendation say") {
  for (int code = 0; code < 256; code++) {
    CHECK_EQUAL(ulawToLinear(static_cast<uint8_t>(code)), ulawByTable(code));
    CHECK_EQUAL(alawToLinear(static_cast<uint8_t>(code)), alawByTable(code));
  }
}

TEST("G.711: decoding and encoding again gives the same code") {
  for (int code = 0; code < 256; code++) {
    // mu-law has two zeros; the encoder uses the positive one.
    const uint8_t ulaw = linearToUlaw(ulawToLinear(static_cast<uint8_t>(code)));
    CHECK_EQUAL(ulaw, code == 0x7f ? 0xff : code);
    CHECK_EQUAL(linearToAlaw(alawToLinear(static_cast<uint8_t>(code))), code);
  }
}

TEST("G.711: every sample becomes a code within half an interval of it, and louder samples louder codes") {
  int lastUlaw = -40000;
  int lastAlaw = -40000;
  for (int sample = -32635; sample <= 32635; sample++) {
    const auto value = static_cast<int16_t>(sample);
    const uint8_t ulaw = linearToUlaw(value);
    const uint8_t alaw = linearToAlaw(value);
    // Decoders give the middle of an interval; mu-law looks at 14 of the 16 bits.
    CHECK(std::abs(ulawToLinear(ulaw) - sample) <= ulawStep(ulaw) / 2 + 3);
    CHECK(std::abs(alawToLinear(alaw) - sample) <= alawStep(alaw) / 2);
    CHECK(ulawToLinear(ulaw) >= lastUlaw && alawToLinear(alaw) >= lastAlaw);
    lastUlaw = ulawToLinear(ulaw);
    lastAlaw = alawToLinear(alaw);
  }
  // Beyond the last interval the codes stay at full scale.
  CHECK_EQUAL(ulawToLinear(linearToUlaw(32767)), 32124);
  CHECK_EQUAL(ulawToLinear(linearToUlaw(-32768)), -32124);
  CHECK_EQUAL(alawToLinear(linearToAlaw(32767)), 32256);
  CHECK_EQUAL(alawToLinear(linearToAlaw(-32768)), -32256);
}

TEST("G.711: silence codes are silence") {
  CHECK_EQUAL(ulawToLinear(silenceCode(Codec::kPcmu)), 0);
  CHECK(std::abs(alawToLinear(silenceCode(Codec::kPcma))) <= 8);
}
