#include "codec/g722.hpp"

#ifdef TRUNKLINE_G722
#include <spandsp/telephony.h>
#include <spandsp/g722.h>

#include "clock.hpp"
#endif

namespace trunkline {

#ifdef TRUNKLINE_G722

namespace {

constexpr int kBitsPerSecond = 64000;

// One byte is two samples, one of each band; RTP counts bytes (RFC 3551 4.5.2).
class G722 : public SpeechCodec {
 public:
  G722() : encoder_(g722_encode_init(nullptr, kBitsPerSecond, 0)), decoder_(g722_decode_init(nullptr, kBitsPerSecond, 0)) {}
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
  size_t encodeSilence(size_t count, uint8_t* payload) override {
    // A codec with a memory must hear the silence too.
    const int16_t silence[kMaxPacketSamples] = {};
    return encode(silence, count, payload);
  }
  int duration(const uint8_t*, size_t size) const override {
    return size == 0 || 2 * size > kMaxDecoded ? 0 : static_cast<int>(2 * size);
  }
  int decode(const uint8_t* payload, size_t size, int16_t* samples) override {
    return g722_decode(decoder_, samples, payload, static_cast<int>(size));
  }
  void resetDecoder() override { g722_decode_init(decoder_, kBitsPerSecond, 0); }

 private:
  g722_encode_state_t* encoder_;
  g722_decode_state_t* decoder_;
};

}  // namespace

bool g722Available() { return true; }

std::unique_ptr<SpeechCodec> createG722() {
  auto made = std::make_unique<G722>();
  if (!made->ready()) return nullptr;
  return made;
}

#else

bool g722Available() { return false; }

std::unique_ptr<SpeechCodec> createG722() { return nullptr; }

#endif

}  // namespace trunkline
