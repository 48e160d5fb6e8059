// Codecs with a memory, one object for each call: G.722 by libspandsp and Opus by libopus
// where the build found them. All of them have 16000 samples a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "codec/codec.hpp"

namespace trunkline {

// The longest payload that is written, for the longest packet.
constexpr size_t kMaxPayload = 960;

// What the far end asked for (RFC 7587 6.1), and what this machine can afford. Means
// nothing to G.722.
struct CodecParameters {
  // Bits a second.
  int bitrate = 24000;
  // Samples a second of its loudspeaker: more would be wasted on it.
  int maxPlaybackRate = 48000;
  // Each packet repeats the one before in less bits.
  bool forwardErrorCorrection = false;
  bool constantBitrate = false;
  // 0 to 10, of libopus: CPU against quality.
  int complexity = 5;

  bool operator==(const CodecParameters& other) const {
    return bitrate == other.bitrate && maxPlaybackRate == other.maxPlaybackRate &&
           forwardErrorCorrection == other.forwardErrorCorrection && constantBitrate == other.constantBitrate &&
           complexity == other.complexity;
  }
};

class SpeechCodec {
 public:
  // The longest packet that is decoded, 120 ms (RFC 6716 R5), in samples.
  static constexpr int kMaxDecoded = 120 * 16;

  // True if this build can; G.711 always can, and needs no object.
  static bool available(Codec codec);
  // Null for G.711, and where the build cannot.
  static std::unique_ptr<SpeechCodec> create(Codec codec, const CodecParameters& parameters = {});

  virtual ~SpeechCodec() = default;
  virtual void adapt(const CodecParameters&) {}
  // How much of what we send is lost, 0 to 1, as the far end sees it.
  virtual void onRemoteLoss(double) {}

  // `count` samples, whole steps of 10 ms up to kMaxPacketSamples; the bytes written, at
  // most kMaxPayload. 0 if nothing could be encoded.
  virtual size_t encode(const int16_t* samples, size_t count, uint8_t* payload) = 0;
  // The same for digital silence.
  virtual size_t encodeSilence(size_t count, uint8_t* payload) = 0;

  // Samples that a payload holds, 1 to kMaxDecoded; 0 if it is malformed.
  virtual int duration(const uint8_t* payload, size_t size) const = 0;
  // Samples written, as many as `duration` says; 0 if it failed.
  virtual int decode(const uint8_t* payload, size_t size, int16_t* samples) = 0;
  // The `count` samples before this payload, as it repeats them; 0 if it does not.
  virtual int recover(const uint8_t*, size_t, int16_t*, int) { return 0; }
  // `count` samples, at most kMaxDecoded, for lost ones; 0 if the codec has no way.
  virtual int conceal(int16_t*, int) { return 0; }
  // Another source begins.
  virtual void resetDecoder() = 0;
};

}  // namespace trunkline
