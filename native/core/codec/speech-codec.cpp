#include "codec/speech-codec.hpp"

#ifdef TRUNKLINE_G722
#include <spandsp/telephony.h>
#include <spandsp/g722.h>
#endif

namespace trunkline {

#ifdef TRUNKLINE_G722

namespace {

constexpr int kBitsPerSecond = 64000;

// ITU-T G.722 with its linear side at 8 kHz: the upper band is silent when sent and left
// away when heard. One byte is two samples of 16 kHz, so a packet has as many bytes as
// samples of ours, and RTP counts 8000 a second (RFC 3551 4.5.2).
class G722 : public SpeechCodec {
 public:
  G722()
      : encoder_(g722_encode_init(nullptr, kBitsPerSecond, G722_SAMPLE_RATE_8000)),
        decoder_(g722_decode_init(nullptr, kBitsPerSecond, G722_SAMPLE_RATE_8000)) {}
  ~G722() override {
    if (encoder_ != nullptr) g722_encode_free(encoder_);
    if (decoder_ != nullptr) g722_decode_free(decoder_);
  }
  G722(const G722&) = delete;
  G722& operator=(const G722&) = delete;

  bool ready() const { return encoder_ != nullptr && decoder_ != nullptr; }

  size_t encode(const int16_t* samples, size_t count, uint8_t* payload) override {
    return static_cast<size_t>(g722_encode(encoder_, payload, samples, static_cast<int>(count)));
  }
  size_t decode(const uint8_t* payload, size_t size, int16_t* samples) override {
    return static_cast<size_t>(g722_decode(decoder_, samples, payload, static_cast<int>(size)));
  }
  void resetDecoder() override { g722_decode_init(decoder_, kBitsPerSecond, G722_SAMPLE_RATE_8000); }

 private:
  g722_encode_state_t* encoder_;
  g722_decode_state_t* decoder_;
};

}  // namespace

bool SpeechCodec::available(Codec) { return true; }

std::unique_ptr<SpeechCodec> SpeechCodec::create(Codec codec) {
  if (codec != Codec::kG722) return nullptr;
  auto made = std::make_unique<G722>();
  if (!made->ready()) return nullptr;
  return made;
}

#else

bool SpeechCodec::available(Codec codec) { return codec != Codec::kG722; }

std::unique_ptr<SpeechCodec> SpeechCodec::create(Codec) { return nullptr; }

#endif

}  // namespace trunkline
