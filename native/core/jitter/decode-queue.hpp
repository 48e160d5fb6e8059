// Packets of a codec with a memory, decoded in their order: what was overtaken on the way
// is waited for until its turn to be heard has come.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codec/speech-codec.hpp"
#include "jitter/jitter-buffer.hpp"

namespace trunkline {

class DecodeQueue {
 public:
  void reset();

  // Keeps a packet until its turn; one whose turn is over is forgotten. `position` and
  // `count` as of the jitter buffer. Fewer than kMaxDatagram bytes.
  void push(int64_t sequence, int64_t position, int count, const uint8_t* payload, size_t size);
  // This number carries nothing for the codec (a digit, comfort noise).
  void skip(int64_t sequence) { push(sequence, 0, 0, nullptr, 0); }

  // Decodes what is in order. A packet that is missing though its audio begins before
  // `due` is lost: its place is filled by what the next packet repeats of it, else by
  // the codec's own concealment, else it stays empty.
  void run(SpeechCodec* codec, JitterBuffer* buffer, int64_t due);

 private:
  // More than the jitter buffer holds in packets of 20 ms.
  static constexpr int64_t kSlots = 32;
  // Longer gaps are no matter of concealment.
  static constexpr int kMaxGapSamples = SpeechCodec::kMaxDecoded;

  struct Slot {
    int64_t sequence = -1;
    int64_t position = 0;
    int count = 0;
    std::vector<uint8_t> payload;
  };

  Slot& at(int64_t sequence) { return slots_[static_cast<size_t>(sequence & (kSlots - 1))]; }
  void decode(Slot* slot, SpeechCodec* codec, JitterBuffer* buffer);
  // False if the gap before `later` need not be given up yet.
  bool fillGap(const Slot& later, SpeechCodec* codec, JitterBuffer* buffer, int64_t due);

  std::array<Slot, kSlots> slots_;
  // The number whose turn it is; negative before the first.
  int64_t next_ = -1;
  // One was decoded: there is no way back behind it.
  bool running_ = false;
  int waiting_ = 0;
  // Where the audio of the last packet ended; negative if that is not known.
  int64_t end_ = -1;
};

}  // namespace trunkline
