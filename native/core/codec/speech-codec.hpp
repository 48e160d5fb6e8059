// Codecs with a memory, one object for each call: G.722 by libspandsp where the build
// found it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "codec/g711.hpp"

namespace trunkline {

class SpeechCodec {
 public:
  // True if this build can; G.711 always can, and needs no object.
  static bool available(Codec codec);
  // Null for G.711, and where the build cannot.
  static std::unique_ptr<SpeechCodec> create(Codec codec);

  virtual ~SpeechCodec() = default;
  // `count` samples at 8 kHz, an even number; the bytes written, at most `count`.
  virtual size_t encode(const int16_t* samples, size_t count, uint8_t* payload) = 0;
  // Samples at 8 kHz written, at most `size`.
  virtual size_t decode(const uint8_t* payload, size_t size, int16_t* samples) = 0;
  // Another source begins.
  virtual void resetDecoder() = 0;
};

}  // namespace trunkline
