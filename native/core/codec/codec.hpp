// The codecs that calls are carried in, and their two rates: that of the samples and
// that of the RTP clock, which are not the same thing.
#pragma once

#include <cstdint>

namespace trunkline {

// RTP payload types of RFC 3551 table 4; the number of Opus is dynamic, ours is a mark.
// The numbers are known to src/media/native/addon.ts.
enum class Codec : uint8_t { kPcmu = 0, kPcma = 8, kG722 = 9, kOpus = 111 };

constexpr bool isG711(Codec codec) { return codec == Codec::kPcmu || codec == Codec::kPcma; }

// Samples a second inside a session whose call has this codec. Opus has up to 48000;
// recognisers and voices have nothing for us above 16000.
constexpr int sampleRateOf(Codec codec) { return isG711(codec) ? 8000 : 16000; }

// RTP timestamps a second: 8000 for G.722 although it has 16000 samples (RFC 3551 4.5.2),
// 48000 for Opus whatever it carries (RFC 7587 4.1).
constexpr int clockRateOf(Codec codec) { return codec == Codec::kOpus ? 48000 : 8000; }

}  // namespace trunkline
