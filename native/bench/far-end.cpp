// The far end of the RTP bench: a separate program, so that neither its speed nor
// its garbage collection is measured. One line of JSON on standard output.
//
//   trunkline_far_end ADDRESS LOCAL_PORT CALLS MS CODEC [KEY]  < lines "port" or, with a KEY, "port their-key"
//
// Keys are 60 hexadecimal digits; with them all packets are SRTP with tags of 80 bits.
// Sends 20 ms of CODEC (PCMU, G722 or OPUS) on every call each tick, and judges what comes back by the
// kernel's receive stamps: how far each packet is from the 20 ms grid of its call.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "clock.hpp"
#include "codec/speech-codec.hpp"
#include "net/udp-socket.hpp"
#include "rtp/rtp-packet.hpp"
#include "srtp/srtp-context.hpp"

namespace trunkline {
namespace {

struct Arrival {
  Nanos at;
  uint32_t timestamp;
};

struct Call {
  UdpSocket socket;
  Endpoint remote;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  std::vector<Arrival> arrivals;
  std::vector<bool> seen = std::vector<bool>(65536);
  uint16_t lowest = 0;
  uint16_t highest = 0;
  int64_t lost = 0;
  std::unique_ptr<SrtpContext> send;
  std::unique_ptr<SrtpContext> receive;
};

std::unique_ptr<SrtpContext> contextOf(const char* hex, SrtpContext::Direction direction) {
  SrtpKey key;
  key.suite = SrtpSuite::kAesCm128HmacSha1Tag80;
  for (size_t i = 0; i < kSrtpKeySize; i++) {
    unsigned int byte = 0;
    if (std::sscanf(hex + 2 * i, "%2x", &byte) != 1) return nullptr;
    key.bytes[i] = static_cast<uint8_t>(byte);
  }
  return SrtpContext::create(key, direction);
}

void sleepUntil(Nanos when) {
  const timespec target{static_cast<time_t>(when / kNanosPerSecond), static_cast<long>(when % kNanosPerSecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, nullptr) != 0) {
  }
}

// What every call says, over and over.
struct Talk {
  uint8_t payloadType = 0;
  uint32_t clockPerMs = 8;
  std::vector<std::vector<uint8_t>> payloads;
};

constexpr int kTalkPackets = 250;

// Something like speech: harmonics of a voice that rises and falls, in syllables.
std::vector<int16_t> hum(size_t count) {
  std::vector<int16_t> samples(count);
  double phase = 0;
  for (size_t i = 0; i < count; i++) {
    const double seconds = static_cast<double>(i) / kWideSampleRate;
    phase += 2 * M_PI * (130 + 40 * std::sin(seconds * 3)) / kWideSampleRate;
    double sum = 0;
    for (int k = 1; k <= 20; k++) sum += std::sin(k * phase) / k;
    samples[i] = static_cast<int16_t>(4000 * sum * std::max(0.0, std::sin(seconds * 14)));
  }
  return samples;
}

// No payloads if this build has not the codec.
Talk talkIn(const std::string& name) {
  Talk talk;
  if (name == "PCMU") {
    for (int p = 0; p < kTalkPackets; p++) {
      std::vector<uint8_t> payload(kFrameSamples);
      for (int i = 0; i < kFrameSamples; i++) payload[static_cast<size_t>(i)] = static_cast<uint8_t>(p + i);
      talk.payloads.push_back(payload);
    }
    return talk;
  }
  const Codec codec = name == "OPUS" ? Codec::kOpus : Codec::kG722;
  talk.payloadType = name == "OPUS" ? 96 : 9;
  talk.clockPerMs = static_cast<uint32_t>(clockRateOf(codec) / 1000);
  const auto encoder = SpeechCodec::create(codec);
  const std::vector<int16_t> samples = hum(static_cast<size_t>(kTalkPackets) * kMaxFrameSamples);
  for (int p = 0; p < kTalkPackets && encoder; p++) {
    uint8_t payload[kMaxPayload];
    const size_t size = encoder->encode(&samples[static_cast<size_t>(p) * kMaxFrameSamples], kMaxFrameSamples, payload);
    talk.payloads.emplace_back(payload, payload + size);
  }
  return talk;
}

void sendAll(std::vector<Call>& calls, const Talk& talk) {
  alignas(8) uint8_t packet[kRtpHeaderSize + kMaxPayload + kSrtpTrailer];
  for (Call& call : calls) {
    const std::vector<uint8_t>& payload = talk.payloads[call.sequence % talk.payloads.size()];
    writeRtpHeader(packet, talk.payloadType, call.timestamp == 0, call.sequence++, call.timestamp, 0x1000);
    std::memcpy(packet + kRtpHeaderSize, payload.data(), payload.size());
    call.timestamp += kFrameMs * talk.clockPerMs;
    size_t size = kRtpHeaderSize + payload.size();
    if (call.send && !call.send->protect(packet, &size)) continue;
    call.socket.sendTo(packet, size, call.remote);
  }
}

void receiveAll(std::vector<Call>& calls, ReceiveBuffers* buffers) {
  const Nanos toMonotonic = monotonicNow() - readClock(CLOCK_REALTIME);
  Datagram datagrams[kReceiveBatch];
  for (Call& call : calls) {
    int count;
    do {
      count = call.socket.receive(buffers, datagrams, toMonotonic, monotonicNow());
      for (int i = 0; i < count; i++) {
        alignas(8) uint8_t bytes[kMaxDatagram];
        size_t size = datagrams[i].size;
        std::memcpy(bytes, datagrams[i].data, size);
        if (call.receive && !call.receive->unprotect(bytes, &size)) continue;
        RtpPacket packet;
        if (!parseRtp(bytes, size, &packet)) continue;
        if (call.arrivals.empty()) call.lowest = call.highest = packet.sequence;
        const auto ahead = static_cast<int16_t>(packet.sequence - call.highest);
        if (ahead > 0) call.highest = packet.sequence;
        call.seen[packet.sequence] = true;
        call.arrivals.push_back({datagrams[i].arrival, packet.timestamp});
      }
    } while (count == kReceiveBatch);
  }
}

// The grid of a call is the median of (arrival - timestamp): a late packet must not
// move the grid that it is judged by.
void judge(std::vector<Call>& calls, double clockPerMs, double skipMs, std::vector<double>* deviations, int64_t* lost) {
  for (Call& call : calls) {
    if (call.arrivals.empty()) continue;
    for (uint16_t s = call.lowest; s != call.highest; s++) *lost += call.seen[s] ? 0 : 1;
    std::vector<double> offsets;
    for (const Arrival& arrival : call.arrivals) {
      const double nominalMs = static_cast<int32_t>(arrival.timestamp - call.arrivals[0].timestamp) / clockPerMs;
      if (nominalMs < skipMs) continue;
      offsets.push_back(toMs(arrival.at - call.arrivals[0].at) - nominalMs);
    }
    if (offsets.empty()) continue;
    std::vector<double> sorted = offsets;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const double median = sorted[sorted.size() / 2];
    for (const double offset : offsets) deviations->push_back(std::abs(offset - median));
  }
}

int run(int argc, char** argv) {
  if (argc != 6 && argc != 7) {
    std::fprintf(stderr, "usage: trunkline_far_end ADDRESS FIRST_PORT COUNT MS CODEC [SRTP_KEY]; our ports come on standard input\n");
    return 2;
  }
  const Talk talk = talkIn(argv[5]);
  if (talk.payloads.empty()) return 2;
  const char* ourKey = argc == 7 ? argv[6] : nullptr;
  const int firstPort = std::atoi(argv[2]);
  const int count = std::atoi(argv[3]);
  const int durationMs = std::atoi(argv[4]);
  std::vector<Call> calls(static_cast<size_t>(count));
  for (int i = 0; i < count; i++) {
    Call& call = calls[static_cast<size_t>(i)];
    int remotePort = 0;
    if (std::scanf("%d", &remotePort) != 1) return 2;
    if (ourKey != nullptr) {
      char theirKey[2 * kSrtpKeySize + 1];
      if (std::scanf("%60s", theirKey) != 1) return 2;
      call.send = contextOf(ourKey, SrtpContext::Direction::kSend);
      call.receive = contextOf(theirKey, SrtpContext::Direction::kReceive);
      if (!call.send || !call.receive) return 2;
    }
    Endpoint local;
    Endpoint::parse(argv[1], static_cast<uint16_t>(firstPort + 2 * i), &local);
    Endpoint::parse(argv[1], static_cast<uint16_t>(remotePort), &call.remote);
    call.arrivals.reserve(static_cast<size_t>(durationMs / kFrameMs + 100));
    if (const int error = call.socket.open(local); error != 0) {
      std::fprintf(stderr, "port %d: errno %d\n", firstPort + 2 * i, error);
      return 1;
    }
  }
  sched_param priority{};
  priority.sched_priority = 5;
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
  ReceiveBuffers* buffers = createReceiveBuffers();
  std::printf("ready\n");
  std::fflush(stdout);
  Nanos next = monotonicNow() + kFrameNanos;
  int64_t ticks = durationMs / kFrameMs;
  // Half a tick between sending and receiving keeps both bursts short.
  for (int64_t tick = 0; tick < ticks; tick++) {
    sleepUntil(next);
    sendAll(calls, talk);
    sleepUntil(next + kFrameNanos / 2);
    receiveAll(calls, buffers);
    next += kFrameNanos;
  }
  sleepUntil(next + 10 * kFrameNanos);
  receiveAll(calls, buffers);
  destroyReceiveBuffers(buffers);

  std::vector<double> deviations;
  int64_t lost = 0;
  judge(calls, talk.clockPerMs, 1000, &deviations, &lost);
  std::sort(deviations.begin(), deviations.end());
  size_t packets = 0;
  for (const Call& call : calls) packets += call.arrivals.size();
  const double p99 = deviations.empty() ? -1 : deviations[deviations.size() * 99 / 100];
  const double max = deviations.empty() ? -1 : deviations.back();
  std::printf("{\"packets\":%zu,\"lost\":%lld,\"p99\":%.3f,\"max\":%.3f}\n", packets, static_cast<long long>(lost), p99,
              max);
  return 0;
}

}  // namespace
}  // namespace trunkline

int main(int argc, char** argv) { return trunkline::run(argc, argv); }
