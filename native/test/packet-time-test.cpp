// Packets of other lengths than the tick, on the wire.
#include "engine/engine.hpp"
#include "harness.hpp"
#include "record/recorder.hpp"

using namespace trunkline;

namespace {

Nanos fakeNow = 1000 * kNanosPerSecond;
Nanos fakeClock() { return fakeNow; }

struct Sent {
  Nanos at;
  RtpPacket packet;
  std::vector<uint8_t> payload;
};

EngineOptions loopback(uint16_t first) {
  EngineOptions result;
  Endpoint::parse("127.0.0.1", 0, &result.local);
  result.portMin = first;
  result.portMax = static_cast<uint16_t>(first + 1);
  result.clock = fakeClock;
  result.kernelTimestamps = false;
  return result;
}

// A call whose far end takes packets of `packetMs`; half ticks run where they are asked for.
class Call {
 public:
  Call(uint16_t base, int packetMs) : engine(loopback(base), [] {}), buffers(createReceiveBuffers()) {
    Endpoint far;
    Endpoint::parse("127.0.0.1", static_cast<uint16_t>(base + 10), &far);
    CHECK_EQUAL(socket.open(far), 0);
    uint32_t id = 0;
    uint16_t port = 0;
    CHECK_EQUAL(engine.createSession(&id, &port), 0);
    session = engine.find(id);
    remote.rtp = remote.rtcp = far;
    remote.rtcpMux = true;
    remote.codec = Codec::kPcmu;
    remote.payloadType = remote.receivePayloadType = 0;
    remote.telephoneEventPayloadType = 101;
    remote.packetMs = packetMs;
    engine.configure(session, remote);
  }
  ~Call() { destroyReceiveBuffers(buffers); }

  void tick() {
    fakeNow += kFrameNanos;
    const bool half = engine.step(fakeNow);
    drain(fakeNow);
    halfTicks += half ? 1 : 0;
    if (!half) return;
    engine.halfStep();
    drain(fakeNow + kFrameNanos / 2);
  }

  void drain(Nanos at) {
    Datagram datagrams[kReceiveBatch];
    int count;
    while ((count = socket.receive(buffers, datagrams, 0, fakeNow)) > 0) {
      for (int i = 0; i < count; i++) {
        Sent one{at, {}, {}};
        if (looksLikeRtcp(datagrams[i].data, datagrams[i].size)) {
          reports++;
          continue;
        }
        CHECK(parseRtp(datagrams[i].data, datagrams[i].size, &one.packet));
        one.payload.assign(one.packet.payload, one.packet.payload + one.packet.payloadSize);
        sent.push_back(one);
      }
    }
  }

  Engine engine;
  ReceiveBuffers* buffers;
  UdpSocket socket;
  Session* session = nullptr;
  RemoteDescription remote;
  std::vector<Sent> sent;
  int reports = 0;
  int halfTicks = 0;
};

}  // namespace

TEST("packet time: packets of 10 to 60 ms leave on their own grid, continuous and whole") {
  uint16_t base = 24000;
  for (const int packetMs : {10, 20, 30, 40, 50, 60}) {
    Call call(base, packetMs);
    base = static_cast<uint16_t>(base + 20);
    std::vector<int16_t> clip(4800);
    for (size_t i = 0; i < clip.size(); i++) clip[i] = static_cast<int16_t>(1000 + i * 6);
    CHECK(call.engine.play(call.session, 1, clip.data(), clip.size(), 8000, false));
    for (int i = 0; i < 30; i++) call.tick();
    const auto samples = static_cast<size_t>(packetMs * kSamplesPerMs);
    CHECK_EQUAL(call.sent.size(), static_cast<size_t>(600 / packetMs));
    std::vector<uint8_t> heard;
    for (size_t i = 0; i < call.sent.size(); i++) {
      const Sent& one = call.sent[i];
      CHECK_EQUAL(one.payload.size(), samples);
      CHECK_EQUAL(one.packet.marker, i == 0);
      heard.insert(heard.end(), one.payload.begin(), one.payload.end());
      if (i == 0) continue;
      CHECK_EQUAL(one.packet.timestamp - call.sent[i - 1].packet.timestamp, static_cast<uint32_t>(samples));
      CHECK_EQUAL(one.at - call.sent[i - 1].at, packetMs * kNanosPerMs);
    }
    std::vector<uint8_t> expected(clip.size());
    g711Encode(Codec::kPcmu, clip.data(), clip.size(), expected.data());
    CHECK(heard == expected);
    CHECK_EQUAL(call.halfTicks, packetMs % 20 == 0 ? 0 : 30);
    CHECK_EQUAL(call.engine.queuedMs(call.session), 0.0);
  }
}

TEST("packet time: a digit waits for the packet that is out, and audio goes on behind it without an overlap") {
  uint16_t base = 24200;
  for (const int packetMs : {10, 30, 40}) {
    Call call(base, packetMs);
    base = static_cast<uint16_t>(base + 20);
    call.tick();
    call.engine.sendDigits(call.session, "5", 100, 40);
    for (int i = 0; i < 30; i++) call.tick();
    size_t events = 0;
    uint32_t until = call.sent[0].packet.timestamp;
    for (const Sent& one : call.sent) {
      const bool event = one.packet.payloadType == 101;
      events += event ? 1 : 0;
      if (event) {
        CHECK(static_cast<int32_t>(one.packet.timestamp - until) >= 0 || events > 1);
        continue;
      }
      CHECK(static_cast<int32_t>(one.packet.timestamp - until) >= 0);
      until = one.packet.timestamp + static_cast<uint32_t>(one.payload.size());
    }
    CHECK_EQUAL(events, 7u);
  }
}

TEST("packet time: the far end may change it within the call") {
  Call call(24300, 20);
  for (int i = 0; i < 3; i++) call.tick();
  call.remote.packetMs = 40;
  call.engine.configure(call.session, call.remote);
  for (int i = 0; i < 6; i++) call.tick();
  CHECK_EQUAL(call.sent.size(), 6u);
  CHECK_EQUAL(call.sent[3].payload.size(), 320u);
  CHECK_EQUAL(call.sent[3].packet.timestamp - call.sent[2].packet.timestamp, 160u);
}

TEST("sent audio: frames of the recording are whole for packets of any length") {
  for (const int packetMs : {10, 20, 30, 40, 50, 60}) {
    SentAudio sent;
    sent.start(packetMs % kFrameMs != 0, kSampleRate);
    std::vector<int16_t> heard;
    int16_t next = 1;
    for (int unit = 0; unit < 120; unit++) {
      if (unit * 10 % packetMs == 0) {
        int16_t packet[kMaxPacketSamples];
        for (int i = 0; i < packetMs * kSamplesPerMs; i++) packet[i] = next++;
        sent.push(packet, static_cast<size_t>(packetMs * kSamplesPerMs));
      }
      if (unit % 2 != 0) continue;
      int16_t frame[kFrameSamples];
      sent.pop(frame);
      heard.insert(heard.end(), frame, frame + kFrameSamples);
    }
    size_t first = 0;
    while (heard[first] == 0) first++;
    CHECK(first <= kFrameSamples / 2);
    for (size_t i = first; i < heard.size(); i++) CHECK_EQUAL(heard[i], static_cast<int16_t>(i - first + 1));
  }
}

TEST("RFC 5761: on a shared port reports leave from the RTP port to the RTP port") {
  Call call(24320, 20);
  for (int i = 0; i < 300; i++) call.tick();
  CHECK(call.reports >= 1);
  CHECK_EQUAL(call.sent.size(), 300u);
}
