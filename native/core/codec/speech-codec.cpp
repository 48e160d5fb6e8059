#include "codec/speech-codec.hpp"

#include "codec/g722.hpp"
#include "codec/opus.hpp"

namespace trunkline {

bool SpeechCodec::available(Codec codec) {
  if (codec == Codec::kG722) return g722Available();
  if (codec == Codec::kOpus) return opusAvailable();
  return true;
}

std::unique_ptr<SpeechCodec> SpeechCodec::create(Codec codec, const CodecParameters& parameters) {
  if (codec == Codec::kG722) return createG722();
  if (codec == Codec::kOpus) return createOpus(parameters);
  return nullptr;
}

}  // namespace trunkline
