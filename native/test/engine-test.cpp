// The engine with real sockets on loopback and a clock of the test's own.
#include "engine/engine.hpp"

#include <unistd.h>

#include <cerrno>
#include <thread>

#include "harness.hpp"

using namespace trunkline;

namespace {

Nanos fakeNow = 1000 * kNanosPerSecond;
Nanos fakeClock() { return fakeNow; }

EngineOptions options(uint16_t first, uint16_t last, int timeoutMs = 0) {
  EngineOptions result;
  Endpoint::parse("127.0.0.1", 0, &result.local);
  result.portMin = first;
  result.portMax = last;
  result.timeoutMs = timeoutMs;
  result.clock = fakeClock;
  result.kernelTimestamps = false;
  return result;
}

// One far end and one call, driven tick by tick.
class Call {
 public:
  explicit Call(uint16_t base, int timeoutMs = 0) : engine(options(base, static_cast<uint16_t>(base + 3), timeoutMs), [] {}) {
    Endpoint::parse("127.0.0.1", static_cast<uint16_t>(base + 100), &far);
    CHECK_EQUAL(socket.open(far), 0);
    CHECK_EQUAL(engine.createSession(&id, &port), 0);
    session = engine.find(id);
    remote.rtp = remote.rtcp = far;
    remote.rtcp.setPort(static_cast<uint16_t>(base + 101));
    remote.codec = Codec::kPcmu;
    remote.payloadType = remote.receivePayloadType = 0;
    remote.telephoneEventPayloadType = remote.receiveTelephoneEventPayloadType = 101;
    engine.configure(session, remote);
    buffers = createReceiveBuffers();
  }
  ~Call() { destroyReceiveBuffers(buffers); }

  void send(uint16_t sequence, uint32_t timestamp, uint8_t payloadType = 0, uint32_t ssrc = 5, int16_t level = 8000) {
    uint8_t packet[kRtpHeaderSize + kFrameSamples];
    writeRtpHeader(packet, payloadType, false, sequence, timestamp, ssrc);
    std::fill(packet + kRtpHeaderSize, packet + sizeof packet, linearToUlaw(level));
    Endpoint to = far;
    to.setPort(port);
    socket.sendTo(packet, sizeof packet, to);
  }

  // One tick; frames and events of it are appended.
  void tick() {
    fakeNow += kFrameNanos;
    engine.step(fakeNow);
    Event taken[64];
    size_t count = 0;
    TickBatch* batch = engine.outbox().take(nullptr, taken, 64, &count);
    events.insert(events.end(), taken, taken + count);
    while (batch != nullptr) {
      lastFrame = *reinterpret_cast<const int16_t*>(batch->memory().get() + TickBatch::samplesOffset(batch->capacity()) + 318);
      batch = engine.outbox().take(batch, taken, 64, &count);
      events.insert(events.end(), taken, taken + count);
    }
    engine.reap();
    receive();
  }

  void receive() {
    Datagram datagrams[kReceiveBatch];
    const int count = socket.receive(buffers, datagrams, 0, fakeNow);
    for (int i = 0; i < count; i++) {
      RtpPacket packet;
      CHECK(parseRtp(datagrams[i].data, datagrams[i].size, &packet));
      heard.push_back(packet);
      firstCode.push_back(packet.payload[0]);
    }
  }

  int count(EventKind kind) const {
    int found = 0;
    for (const Event& event : events) found += event.kind == kind ? 1 : 0;
    return found;
  }

  Engine engine;
  Endpoint far;
  UdpSocket socket;
  ReceiveBuffers* buffers = nullptr;
  uint32_t id = 0;
  uint16_t port = 0;
  Session* session = nullptr;
  RemoteDescription remote;
  std::vector<Event> events;
  std::vector<RtpPacket> heard;
  std::vector<uint8_t> firstCode;
  int16_t lastFrame = 0;
};

}  // namespace

TEST("engine: one packet a tick with continuous numbers and timestamps, silence when nothing is queued") {
  Call call(25000);
  for (int i = 0; i < 20; i++) call.tick();
  CHECK_EQUAL(call.heard.size(), 20u);
  for (size_t i = 1; i < call.heard.size(); i++) {
    CHECK_EQUAL(static_cast<uint16_t>(call.heard[i].sequence - call.heard[i - 1].sequence), 1);
    CHECK_EQUAL(call.heard[i].timestamp - call.heard[i - 1].timestamp, 160u);
    CHECK_EQUAL(call.firstCode[i], 0xff);
  }
  CHECK(call.heard[0].marker && !call.heard[1].marker);
}

TEST("engine: a clip begins with the marker, its events carry the time of its first packet") {
  Call call(25200);
  for (int i = 0; i < 3; i++) call.tick();
  const std::vector<int16_t> clip(400, 8000);
  CHECK(call.engine.play(call.session, 1, clip.data(), clip.size(), 8000, false));
  CHECK_EQUAL(call.engine.queuedMs(call.session), 50.0);
  for (int i = 0; i < 4; i++) call.tick();
  CHECK(call.heard[3].marker && !call.heard[4].marker);
  CHECK_EQUAL(call.engine.queuedMs(call.session), 0.0);
  CHECK_EQUAL(call.count(EventKind::kClipStarted), 1);
  CHECK_EQUAL(call.count(EventKind::kClipEnded), 1);
  CHECK_NEAR(call.events[0].x, toMs(fakeNow - 3 * kFrameNanos), 1e-6);
  CHECK_NEAR(call.events[1].x, 50.0, 1e-9);
}

TEST("engine: on hold nothing is sent, and the media clock runs on") {
  Call call(25400);
  for (int i = 0; i < 3; i++) call.tick();
  call.remote.sends = false;
  call.engine.configure(call.session, call.remote);
  for (int i = 0; i < 5; i++) call.tick();
  CHECK_EQUAL(call.heard.size(), 3u);
  call.remote.sends = true;
  call.engine.configure(call.session, call.remote);
  call.tick();
  CHECK_EQUAL(call.heard.size(), 4u);
  CHECK_EQUAL(call.heard[3].timestamp - call.heard[2].timestamp, 6 * 160u);
  CHECK_EQUAL(static_cast<uint16_t>(call.heard[3].sequence - call.heard[2].sequence), 1);
}

TEST("engine: a new SSRC is believed at its second packet, with statistics that go on") {
  Call call(25600);
  for (uint16_t i = 0; i < 50; i++) {
    call.send(static_cast<uint16_t>(65520 + i), i * 160u);
    call.tick();
  }
  CHECK(call.lastFrame > 7000);
  // One stray packet changes nothing.
  call.send(9999, 77, 0, 99, -8000);
  call.send(static_cast<uint16_t>(65520 + 50), 50 * 160u);
  call.tick();
  for (uint16_t i = 0; i < 20; i++) {
    call.send(static_cast<uint16_t>(100 + i), 5'000'000u + i * 160u, 0, 42, -8000);
    call.tick();
  }
  CHECK(call.lastFrame < -7000);
  const SessionStats stats = call.session->stats();
  CHECK_EQUAL(stats.packetsReceived, 51 + 19);
  CHECK_EQUAL(stats.packetsLost, 0);
}

TEST("engine: lost, doubled, unknown and garbage packets are counted apart") {
  Call call(25800);
  for (uint16_t i = 0; i < 100; i++) {
    if (i % 10 != 5) call.send(i, i * 160u);
    if (i == 20) call.send(i, i * 160u);
    if (i == 30) call.send(i, i * 160u, 96);
    if (i == 40) {
      const uint8_t garbage[] = {1, 2, 3};
      Endpoint to = call.far;
      to.setPort(call.port);
      call.socket.sendTo(garbage, sizeof garbage, to);
    }
    call.tick();
  }
  const SessionStats stats = call.session->stats();
  CHECK_EQUAL(stats.packetsReceived, 90);
  CHECK_EQUAL(stats.packetsLost, 10);
  CHECK_EQUAL(stats.packetsDuplicate, 1);
  CHECK_EQUAL(stats.packetsRefused, 2);
  CHECK_NEAR(stats.concealedMs, 200.0, 0.1);
  CHECK(stats.mos > 2.5 && stats.mos < 3.5);
}

TEST("engine: silence of the far end is told once, and again after it spoke") {
  Call call(26000, 200);
  for (int i = 0; i < 30; i++) call.tick();
  CHECK_EQUAL(call.count(EventKind::kTimeout), 1);
  call.send(1, 160);
  for (int i = 0; i < 30; i++) call.tick();
  CHECK_EQUAL(call.count(EventKind::kTimeout), 2);
}

TEST("engine: ports run out with a code, and come back at once when a call is closed") {
  Call call(26200);
  uint32_t id = 0;
  uint16_t port = 0;
  CHECK_EQUAL(call.engine.createSession(&id, &port), 0);
  CHECK_EQUAL(call.engine.freePorts(), 0u);
  uint32_t none = 0;
  CHECK_EQUAL(call.engine.createSession(&none, &port), EADDRNOTAVAIL);
  SessionStats last;
  call.engine.closeSession(call.engine.find(id), &last);
  CHECK_EQUAL(call.engine.freePorts(), 1u);
  CHECK_EQUAL(call.engine.createSession(&id, &port), 0);
}

TEST("engine: closing gives clips, recording and memory back, and says BYE by RTCP") {
  Call call(26400);
  UdpSocket rtcp;
  CHECK_EQUAL(rtcp.open(call.remote.rtcp), 0);
  const std::vector<int16_t> clip(8000, 8000);
  call.engine.play(call.session, 1, clip.data(), clip.size(), 8000, false);
  for (int i = 0; i < 5; i++) call.tick();
  SessionStats last;
  call.engine.closeSession(call.session, &last);
  CHECK(call.engine.find(call.id) == nullptr);
  CHECK_EQUAL(last.packetsSent, 5);
  call.tick();
  CHECK_EQUAL(call.count(EventKind::kClipEnded), 1);
  CHECK_EQUAL(call.count(EventKind::kClosed), 1);
  Datagram datagrams[kReceiveBatch];
  CHECK_EQUAL(rtcp.receive(call.buffers, datagrams, 0, fakeNow), 1);
  RtcpCompound compound;
  CHECK(parseRtcp(datagrams[0].data, datagrams[0].size, 5, &compound) && compound.bye);
}

TEST("engine: while nobody takes the ticks, the oldest are dropped and counted, events are kept") {
  Call call(26600);
  const std::vector<int16_t> clip(160, 1000);
  for (uint32_t i = 0; i < 300; i++) {
    call.engine.play(call.session, i + 1, clip.data(), clip.size(), 8000, false);
    fakeNow += kFrameNanos;
    call.engine.step(fakeNow);
  }
  CHECK_EQUAL(call.engine.outbox().droppedTicks(), 300 - static_cast<int>(Outbox::kMaxTicks));
  int ticks = 0;
  size_t events = 0;
  std::vector<Event> taken(2048);
  TickBatch* batch = nullptr;
  do {
    size_t count = 0;
    batch = call.engine.outbox().take(batch, taken.data(), taken.size(), &count);
    events += count;
    if (batch != nullptr) ticks++;
  } while (batch != nullptr);
  CHECK_EQUAL(ticks, static_cast<int>(Outbox::kMaxTicks));
  CHECK_EQUAL(events, 600u);
}

TEST("engine: its own thread paces while another thread opens, plays, records and closes") {
  EngineOptions live = options(26800, 26899);
  live.clock = monotonicNow;
  live.kernelTimestamps = true;
  std::atomic<int> ticks{0};
  Engine engine(live, [&ticks] { ticks++; });
  engine.start();
  const std::vector<int16_t> clip(1600, 3000);
  const std::string path = "/tmp/trunkline-engine-test-" + std::to_string(getpid()) + ".wav";
  TickBatch* batch = nullptr;
  std::vector<Event> events(2048);
  for (int round = 0; round < 40; round++) {
    uint32_t id = 0;
    uint16_t port = 0;
    CHECK_EQUAL(engine.createSession(&id, &port), 0);
    Session* session = engine.find(id);
    RemoteDescription remote;
    Endpoint::parse("127.0.0.1", port, &remote.rtp);  // to itself
    remote.rtcp = remote.rtp;
    engine.configure(session, remote);
    for (uint32_t i = 0; i < 5; i++) engine.play(session, i + 1, clip.data(), clip.size(), 16000, i == 3);
    if (round % 8 == 0) CHECK_EQUAL(engine.startRecording(session, path), 0);
    for (int i = 0; i < 3; i++) {
      usleep(5000);
      size_t count = 0;
      batch = engine.outbox().take(batch, events.data(), events.size(), &count);
      engine.reap();
      session->stats();
      engine.queuedMs(session);
    }
    SessionStats last;
    if (round % 2 == 0) engine.closeSession(session, &last);
  }
  CHECK(ticks > 10);
  engine.stop();
  unlink(path.c_str());
}
