// Opus (RFC 6716) by libopus, one channel of 16000 samples a second, carried as RFC 7587 says.
#pragma once

#include <memory>

#include "codec/speech-codec.hpp"

namespace trunkline {

bool opusAvailable();
// Null where the build has none.
std::unique_ptr<SpeechCodec> createOpus(const CodecParameters& parameters);

}  // namespace trunkline
