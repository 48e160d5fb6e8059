// A port under fire: whose audio is heard, and who pays for it.
#include "engine/engine.hpp"
#include "harness.hpp"

using namespace trunkline;

namespace {

Nanos fakeNow = 1000 * kNanosPerSecond;
Nanos fakeClock() { return fakeNow; }
// 20,000 a second.
constexpr int kStrangersPerTick = 400;

EngineOptions options() {
  EngineOptions result;
  Endpoint::parse("127.0.0.1", 0, &result.local);
  result.portMin = 24900;
  result.portMax = 24903;
  result.clock = fakeClock;
  result.kernelTimestamps = false;
  return result;
}

struct Line {
  Line(Engine* engine, uint16_t farPort) {
    Endpoint::parse("127.0.0.1", farPort, &far);
    CHECK_EQUAL(socket.open(far), 0);
    uint32_t id = 0;
    CHECK_EQUAL(engine->createSession(&id, &port), 0);
    session = engine->find(id);
    RemoteDescription remote;
    remote.rtp = remote.rtcp = far;
    remote.rtcpMux = true;
    remote.codec = Codec::kPcmu;
    remote.payloadType = remote.receivePayloadType = 0;
    engine->configure(session, remote);
  }

  void send(UdpSocket* from, uint16_t sequence) const {
    uint8_t packet[kRtpHeaderSize + kFrameSamples];
    writeRtpHeader(packet, 0, false, sequence, static_cast<uint32_t>(sequence) * kFrameSamples, 5);
    std::fill(packet + kRtpHeaderSize, packet + sizeof packet, linearToUlaw(8000));
    Endpoint to = far;
    to.setPort(port);
    from->sendTo(packet, sizeof packet, to);
  }

  UdpSocket socket;
  Endpoint far;
  uint16_t port = 0;
  Session* session = nullptr;
};

}  // namespace

TEST("flood: 20,000 packets a second from a wrong source cost neither that call nor another one packet") {
  Engine engine(options(), [] {});
  Line victim(&engine, 24910);
  Line other(&engine, 24912);
  UdpSocket stranger;
  Endpoint from;
  Endpoint::parse("127.0.0.1", 24914, &from);
  CHECK_EQUAL(stranger.open(from), 0);
  Event events[64];
  size_t count = 0;
  TickBatch* batch = nullptr;
  uint16_t sequence = 0;
  const auto tick = [&](int strangers) {
    for (int i = 0; i < strangers; i++) victim.send(&stranger, static_cast<uint16_t>(i));
    victim.send(&victim.socket, sequence);
    other.send(&other.socket, sequence++);
    fakeNow += kFrameNanos;
    engine.step(fakeNow);
    batch = engine.outbox().take(batch, events, 64, &count);
  };
  const int ticks = 150;
  for (int i = 0; i < ticks; i++) tick(kStrangersPerTick);
  CHECK_EQUAL(victim.session->stats().packetsReceived, ticks);
  CHECK_EQUAL(other.session->stats().packetsReceived, ticks);
  CHECK_EQUAL(victim.session->stats().packetsLost, 0);
  // Two seconds without them: they are counted, and the kernel lets others in again.
  for (int i = 0; i < 101; i++) tick(0);
  CHECK_EQUAL(victim.session->stats().packetsRefused, ticks * kStrangersPerTick);
  tick(10);
  CHECK_EQUAL(victim.session->stats().packetsRefused, ticks * kStrangersPerTick + 10);
}

TEST("flood: a far end that moves by signalling is heard, also while strangers are shut out") {
  Engine engine(options(), [] {});
  Line line(&engine, 24910);
  UdpSocket moved;
  Endpoint there;
  Endpoint::parse("127.0.0.1", 24916, &there);
  CHECK_EQUAL(moved.open(there), 0);
  uint16_t sequence = 0;
  for (int i = 0; i < 5; i++) {
    for (int k = 0; k < kStrangersPerTick; k++) line.send(&moved, static_cast<uint16_t>(k));
    line.send(&line.socket, sequence++);
    fakeNow += kFrameNanos;
    engine.step(fakeNow);
  }
  CHECK_EQUAL(line.session->stats().packetsReceived, 5);
  RemoteDescription remote;
  remote.rtp = remote.rtcp = there;
  remote.codec = Codec::kPcmu;
  remote.payloadType = remote.receivePayloadType = 0;
  engine.configure(line.session, remote);
  fakeNow += kFrameNanos;
  engine.step(fakeNow);
  for (int i = 0; i < 5; i++) {
    line.send(&moved, sequence++);
    fakeNow += kFrameNanos;
    engine.step(fakeNow);
  }
  CHECK_EQUAL(line.session->stats().packetsReceived, 10);
}

TEST("udp: the kernel drops strangers where it is told to, and counts them, for IPv4 and IPv6") {
  for (const char* address : {"127.0.0.1", "::1"}) {
    Endpoint local;
    CHECK(Endpoint::parse(address, 24810, &local));
    UdpSocket socket;
    UdpSocket friendly;
    UdpSocket stranger;
    CHECK_EQUAL(socket.open(local), 0);
    Endpoint known = local;
    known.setPort(24812);
    CHECK_EQUAL(friendly.open(known), 0);
    Endpoint other = local;
    other.setPort(24813);
    CHECK_EQUAL(stranger.open(other), 0);
    ReceiveBuffers* buffers = createReceiveBuffers();
    Datagram datagrams[kReceiveBatch];
    const uint8_t byte = 1;
    const auto heard = [&] {
      stranger.sendTo(&byte, 1, local);
      friendly.sendTo(&byte, 1, local);
      return socket.receive(buffers, datagrams, 0, 0);
    };
    CHECK_EQUAL(heard(), 2);
    CHECK(socket.acceptOnly(known));
    const uint32_t before = socket.drops();
    CHECK_EQUAL(heard(), 1);
    CHECK(*datagrams[0].source == known);
    CHECK_EQUAL(socket.drops() - before, 1u);
    socket.acceptAll();
    CHECK_EQUAL(heard(), 2);
    destroyReceiveBuffers(buffers);
  }
}
