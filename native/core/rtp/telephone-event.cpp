#include "rtp/telephone-event.hpp"

#include <algorithm>
#include <cstring>

#include "rtp/rtp-packet.hpp"

namespace trunkline {
namespace {

constexpr char kDigits[] = "0123456789*#ABCD";
// -10 dBm0, a usual level of phones (the field is the power without its sign).
constexpr uint8_t kVolume = 10;
constexpr int kEndPackets = 3;

}  // namespace

bool parseTelephoneEvent(const uint8_t* payload, size_t size, TelephoneEvent* event) {
  if (size < 4) return false;
  event->event = payload[0];
  event->end = (payload[1] & 0x80) != 0;
  event->volume = payload[1] & 0x3f;
  event->duration = readUint16(payload + 2);
  return true;
}

void writeTelephoneEvent(uint8_t* out, const TelephoneEvent& event) {
  out[0] = event.event;
  out[1] = static_cast<uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3f));
  writeUint16(out + 2, event.duration);
}

std::optional<uint8_t> eventOfDigit(char digit) {
  const char* found = digit == '\0' ? nullptr : std::strchr(kDigits, digit);
  if (found == nullptr) return std::nullopt;
  return static_cast<uint8_t>(found - kDigits);
}

std::optional<char> digitOfEvent(uint8_t event) {
  if (event > 15) return std::nullopt;
  return kDigits[event];
}

std::optional<DtmfReceived> TelephoneEventReceiver::complete() {
  active_ = false;
  haveReported_ = true;
  reported_ = timestamp_;
  const auto digit = digitOfEvent(current_.event);
  if (!digit) return std::nullopt;
  return DtmfReceived{*digit, current_.duration * 1000 / clockRate_};
}

std::optional<DtmfReceived> TelephoneEventReceiver::onPacket(const TelephoneEvent& event, uint32_t timestamp,
                                                             int clockRate, Nanos now) {
  clockRate_ = clockRate;
  // Section 2.5.1.2: all packets of one event carry the timestamp of its start, so
  // repetitions of an end, and anything older, are known by it.
  if (haveReported_ && static_cast<int32_t>(timestamp - reported_) <= 0) return std::nullopt;
  if (active_ && static_cast<int32_t>(timestamp - timestamp_) < 0) return std::nullopt;
  std::optional<DtmfReceived> lostEnd;
  if (active_ && timestamp != timestamp_) lostEnd = complete();
  if (!active_) {
    active_ = true;
    current_ = event;
    timestamp_ = timestamp;
  } else {
    // Packets may come out of order; a duration never shrinks.
    current_.duration = std::max(current_.duration, event.duration);
  }
  lastPacket_ = now;
  if (!event.end) return lostEnd;
  const auto ended = complete();
  if (!lostEnd) return ended;
  waiting_ = ended;
  return lostEnd;
}

std::optional<DtmfReceived> TelephoneEventReceiver::poll(Nanos now) {
  if (waiting_) {
    const auto digit = waiting_;
    waiting_.reset();
    return digit;
  }
  if (active_ && now - lastPacket_ >= kLostEnd) return complete();
  return std::nullopt;
}

void TelephoneEventReceiver::reset() { *this = TelephoneEventReceiver(); }

void TelephoneEventSender::enqueue(char digit, int durationMs, int gapMs) {
  const auto event = eventOfDigit(digit);
  if (!event) return;
  const int frames = std::max((durationMs + kFrameMs - 1) / kFrameMs, 2);
  const int gap = std::max(0, (gapMs + kFrameMs - 1) / kFrameMs);
  queue_.push_back({*event, frames, gap});
}

std::optional<TelephoneEventOut> TelephoneEventSender::next(uint32_t timestamp) {
  if (phase_ == Phase::kIdle) {
    if (queue_.empty()) return std::nullopt;
    current_ = queue_.front();
    queue_.pop_front();
    unitsPerFrame_ = clockRate_ * kFrameMs / 1000;
    // The 16-bit duration would wrap; longer tones are cut (section 2.5.1.3).
    current_.frames = std::min(current_.frames, 0xffff / unitsPerFrame_);
    phase_ = Phase::kTone;
    frame_ = 0;
    start_ = timestamp;
  }
  frame_++;
  switch (phase_) {
    case Phase::kTone: {
      // The first packet of an event has the marker (2.3.5 keeps M for its start)
      // and every packet says how long the tone has lasted until its own end.
      const auto duration = static_cast<uint16_t>(frame_ * unitsPerFrame_);
      const bool last = frame_ == current_.frames;
      const TelephoneEventOut out{{current_.event, last, kVolume, duration}, frame_ == 1, start_};
      if (last) {
        phase_ = Phase::kEnd;
        frame_ = 1;
      }
      return out;
    }
    case Phase::kEnd: {
      const auto duration = static_cast<uint16_t>(current_.frames * unitsPerFrame_);
      if (frame_ >= kEndPackets) {
        finished_++;
        // The repetitions already took this much of the gap.
        current_.gapFrames -= kEndPackets - 1;
        phase_ = current_.gapFrames > 0 ? Phase::kGap : Phase::kIdle;
        frame_ = 0;
      }
      return TelephoneEventOut{{current_.event, true, kVolume, duration}, false, start_};
    }
    case Phase::kGap:
      if (frame_ >= current_.gapFrames) phase_ = Phase::kIdle;
      return std::nullopt;
    case Phase::kIdle:
      break;
  }
  return std::nullopt;
}

void TelephoneEventSender::clear() {
  queue_.clear();
  phase_ = Phase::kIdle;
}

}  // namespace trunkline
