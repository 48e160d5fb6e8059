// ITU-T G.722 at 64 kbit/s by libspandsp.
#pragma once

#include <memory>

#include "codec/speech-codec.hpp"

namespace trunkline {

bool g722Available();
// Null where the build has none.
std::unique_ptr<SpeechCodec> createG722();

}  // namespace trunkline
