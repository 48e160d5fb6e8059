#include "codec/opus.hpp"

#ifdef TRUNKLINE_OPUS
#include <opus/opus.h>

#include <algorithm>
#include <cmath>

#include "clock.hpp"
#endif

namespace trunkline {

#ifdef TRUNKLINE_OPUS

namespace {

constexpr int kSamplesIn10Ms = kWideSampleRate / 100;
// After this much silence the encoder rests: its state and the decoder's have settled.
constexpr int kSettledSamples = kWideSampleRate / 5;
// The loss that forward error correction prepares for unless a report says more. For less
// than this libopus 1.3 repeats nothing at 24 kbit/s.
constexpr int kExpectedLossPercent = 10;
// Frames that one packet of ours has at most: 50 ms in steps of 10.
constexpr int kMaxFrames = 5;

// Opus has frames of 10, 20, 40 and 60 ms; a packet of 30 or 50 ms has several of 10.
bool isOneFrame(size_t count) {
  const size_t steps = count / kSamplesIn10Ms;
  return steps == 1 || steps == 2 || steps == 4 || steps == 6;
}

class Opus : public SpeechCodec {
 public:
  explicit Opus(const CodecParameters& parameters)
      : encoder_(opus_encoder_create(kWideSampleRate, 1, OPUS_APPLICATION_VOIP, nullptr)),
        decoder_(opus_decoder_create(kWideSampleRate, 1, nullptr)),
        joiner_(opus_repacketizer_create()) {
    if (ready()) set(parameters);
  }
  ~Opus() override {
    if (encoder_ != nullptr) opus_encoder_destroy(encoder_);
    if (decoder_ != nullptr) opus_decoder_destroy(decoder_);
    if (joiner_ != nullptr) opus_repacketizer_destroy(joiner_);
  }
  Opus(const Opus&) = delete;
  Opus& operator=(const Opus&) = delete;

  bool ready() const { return encoder_ != nullptr && decoder_ != nullptr && joiner_ != nullptr; }

  void adapt(const CodecParameters& parameters) override {
    if (!(parameters == parameters_)) set(parameters);
  }

  void onRemoteLoss(double loss) override {
    const int percent = std::clamp(static_cast<int>(std::lround(loss * 100)), kExpectedLossPercent, 30);
    if (percent == lossPercent_) return;
    lossPercent_ = percent;
    opus_encoder_ctl(encoder_, OPUS_SET_PACKET_LOSS_PERC(percent));
  }

  size_t encode(const int16_t* samples, size_t count, uint8_t* payload) override {
    silentSamples_ = 0;
    return run(samples, count, payload);
  }

  size_t encodeSilence(size_t count, uint8_t* payload) override {
    if (silentSamples_ < kSettledSamples) {
      silentSamples_ += static_cast<int>(count);
      const int16_t silence[kMaxPacketSamples] = {};
      return run(silence, count, payload);
    }
    return writeEmpty(count, payload);
  }

  int duration(const uint8_t* payload, size_t size) const override {
    if (size == 0) return 0;
    const int count = opus_packet_get_nb_samples(payload, static_cast<opus_int32>(size), kWideSampleRate);
    return count > 0 && count <= kMaxDecoded ? count : 0;
  }
  int decode(const uint8_t* payload, size_t size, int16_t* samples) override {
    const int count = opus_decode(decoder_, payload, static_cast<opus_int32>(size), samples, kMaxDecoded, 0);
    return std::max(0, count);
  }
  int recover(const uint8_t* payload, size_t size, int16_t* samples, int count) override {
    if (!hasRepetition(payload, size)) return 0;
    return std::max(0, opus_decode(decoder_, payload, static_cast<opus_int32>(size), samples, count, 1));
  }
  int conceal(int16_t* samples, int count) override {
    return std::max(0, opus_decode(decoder_, nullptr, 0, samples, count, 0));
  }
  void resetDecoder() override { opus_decoder_ctl(decoder_, OPUS_RESET_STATE); }

 private:
  void set(const CodecParameters& parameters) {
    parameters_ = parameters;
    // RFC 7587 6.1 maxplaybackrate: nothing that the far end cannot play.
    const int rate = parameters.maxPlaybackRate;
    const int band = rate < 12000 ? OPUS_BANDWIDTH_NARROWBAND : rate < 16000 ? OPUS_BANDWIDTH_MEDIUMBAND : OPUS_BANDWIDTH_WIDEBAND;
    opus_encoder_ctl(encoder_, OPUS_SET_MAX_BANDWIDTH(band));
    opus_encoder_ctl(encoder_, OPUS_SET_BITRATE(parameters.bitrate));
    opus_encoder_ctl(encoder_, OPUS_SET_VBR(parameters.constantBitrate ? 0 : 1));
    opus_encoder_ctl(encoder_, OPUS_SET_COMPLEXITY(parameters.complexity));
    opus_encoder_ctl(encoder_, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
    opus_encoder_ctl(encoder_, OPUS_SET_INBAND_FEC(parameters.forwardErrorCorrection ? 1 : 0));
    if (lossPercent_ == 0) onRemoteLoss(0);
  }

  size_t run(const int16_t* samples, size_t count, uint8_t* payload) {
    if (isOneFrame(count)) {
      return static_cast<size_t>(std::max(0, opus_encode(encoder_, samples, static_cast<int>(count), payload, kMaxPayload)));
    }
    uint8_t frames[kMaxFrames][kMaxPayload / kMaxFrames - 2];
    opus_repacketizer_init(joiner_);
    size_t index = 0;
    for (size_t at = 0; at < count; at += kSamplesIn10Ms, index++) {
      if (index == kMaxFrames) return 0;
      const int size = opus_encode(encoder_, samples + at, kSamplesIn10Ms, frames[index], sizeof frames[index]);
      // It keeps pointers to the frames, and refuses one of another kind than the first.
      if (size <= 0 || opus_repacketizer_cat(joiner_, frames[index], size) != OPUS_OK) return 0;
    }
    return static_cast<size_t>(std::max(0, opus_repacketizer_out(joiner_, payload, kMaxPayload)));
  }

  // RFC 6716 3.2.1: a frame of length 0 says that nothing is transmitted; the decoder goes
  // on with what it heard last, which is silence. Tables 2 and 4: SILK, wideband.
  static size_t writeEmpty(size_t count, uint8_t* payload) {
    const size_t steps = count / kSamplesIn10Ms;
    const int config = steps == 2 ? 9 : steps == 4 ? 10 : steps == 6 ? 11 : 8;
    payload[0] = static_cast<uint8_t>(config << 3);
    if (isOneFrame(count)) return 1;
    // Code 3 (3.2.5): several frames of one size, and how many.
    payload[0] |= 3;
    payload[1] = static_cast<uint8_t>(steps);
    return 2;
  }

  // True if the first frame carries LBRR, the repetition (RFC 6716 4.2.3, 4.2.4): the flag
  // follows the VAD flags of the 20 ms parts. Without it libopus would only conceal.
  static bool hasRepetition(const uint8_t* payload, size_t size) {
    const uint8_t* frames[48];
    opus_int16 sizes[48];
    uint8_t toc = 0;
    const int count = opus_packet_parse(payload, static_cast<opus_int32>(size), &toc, frames, sizes, nullptr);
    // CELT alone (configurations 16 to 31, table 2) has none.
    if (count <= 0 || toc >> 3 >= 16 || sizes[0] < 1) return false;
    const int samples = opus_packet_get_samples_per_frame(payload, kWideSampleRate);
    const int parts = std::max(1, samples / (kWideSampleRate / 50));
    return (frames[0][0] >> (7 - parts) & 1) != 0;
  }

  OpusEncoder* encoder_;
  OpusDecoder* decoder_;
  OpusRepacketizer* joiner_;
  CodecParameters parameters_;
  int lossPercent_ = 0;
  int silentSamples_ = 0;
};

}  // namespace

bool opusAvailable() { return true; }

std::unique_ptr<SpeechCodec> createOpus(const CodecParameters& parameters) {
  auto made = std::make_unique<Opus>(parameters);
  if (!made->ready()) return nullptr;
  return made;
}

#else

bool opusAvailable() { return false; }

std::unique_ptr<SpeechCodec> createOpus(const CodecParameters&) { return nullptr; }

#endif

}  // namespace trunkline
