#include "engine/engine.hpp"

#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

namespace trunkline {
namespace {

constexpr int kRtcpBatch = 64;

template <typename T>
T randomValue() {
  T value{};
  // Cannot fail for so few bytes once the system is up.
  if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) value = static_cast<T>(monotonicNow());
  return value;
}

}  // namespace

Engine::Engine(const EngineOptions& options, std::function<void()> onTick)
    : options_(options),
      onTick_(std::move(onTick)),
      outbox_(PortAllocator(options.portMin, options.portMax, 0).pairs()),
      ports_(options.portMin, options.portMax, randomValue<uint64_t>()),
      buffers_(createReceiveBuffers()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      recorder_([this](const RecordingNotice& notice) {
        const EventKind kind = notice.stopped ? EventKind::kRecordingStopped : EventKind::kRecordingError;
        outbox_.addEvent({kind, notice.session, static_cast<uint32_t>(notice.error), 0, notice.durationMs});
      }) {}

Engine::~Engine() {
  stop();
  destroyReceiveBuffers(buffers_);
  ::close(epoll_);
}

void Engine::start() {
  thread_.start([this](Nanos now) { return step(now); }, [this] { halfStep(); },
                [this](int64_t missed) { missedTicks_.fetch_add(missed, std::memory_order_relaxed); });
}

void Engine::stop() { thread_.stop(); }

int Engine::createSession(uint32_t* id, uint16_t* port) {
  const Nanos now = options_.clock();
  if (ports_.freePairs() == 0 && closing_ > 0) {
    // A pair is on its way back: a step ends within a few ms.
    runCommandsNow();
    reap();
  }
  // Ports may be held by other programs: every free pair gets one chance.
  for (size_t tries = ports_.freePairs(); tries > 0; tries--) {
    const auto even = ports_.take(now);
    if (!even) break;
    Endpoint local = options_.local;
    UdpSocket rtp;
    UdpSocket rtcp;
    local.setPort(*even);
    int error = rtp.open(local);
    if (error == 0) {
      local.setPort(static_cast<uint16_t>(*even + 1));
      error = rtcp.open(local);
    }
    if (error == 0) {
      const SessionIdentity identity{nextId_++,
                                     *even,
                                     randomValue<uint32_t>(),
                                     randomValue<uint16_t>(),
                                     randomValue<uint32_t>(),
                                     randomValue<uint64_t>()};
      auto session = std::make_unique<Session>(identity, std::move(rtp), std::move(rtcp),
                                               options_.timeoutMs * kNanosPerMs);
      *id = identity.id;
      *port = *even;
      post({Command::Kind::kAdd, session.get(), nullptr, nullptr, nullptr, {}});
      sessions_.emplace(identity.id, std::move(session));
      return 0;
    }
    ports_.postpone(*even, now);
    if (error != EADDRINUSE && error != EACCES) return error;
  }
  return EADDRNOTAVAIL;
}

Session* Engine::find(uint32_t id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

bool Engine::configure(Session* session, const RemoteDescription& remote) {
  SrtpChange keys;
  keys.sends = remote.sendKey != session->sendKey;
  keys.receives = remote.receiveKey != session->receiveKey;
  if (keys.sends) keys.send = SrtpContext::create(remote.sendKey, SrtpContext::Direction::kSend);
  if (keys.receives) keys.receive = SrtpContext::create(remote.receiveKey, SrtpContext::Direction::kReceive);
  if (keys.sends && remote.sendKey.suite != SrtpSuite::kNone && !keys.send) return false;
  if (keys.receives && remote.receiveKey.suite != SrtpSuite::kNone && !keys.receive) return false;
  std::unique_ptr<SpeechCodec> speech;
  if (remote.codec != session->describedCodec) {
    speech = SpeechCodec::create(remote.codec, remote.parameters);
    if (!isG711(remote.codec) && !speech) return false;
  }
  session->describedCodec = remote.codec;
  session->sendKey = remote.sendKey;
  session->receiveKey = remote.receiveKey;
  Command command{Command::Kind::kConfigure, session, nullptr, std::make_unique<RemoteDescription>(remote), nullptr, {}};
  command.keys = std::move(keys);
  command.speech = std::move(speech);
  post(std::move(command));
  return true;
}

int64_t Engine::queuedUnits(const Session* session) const {
  const int64_t gone = std::max(session->spentUnits.load(std::memory_order_relaxed), session->flushedAt);
  return session->queuedUnits - gone;
}

double Engine::queuedMs(const Session* session) const { return static_cast<double>(queuedUnits(session)) / kUnitsPerMs; }

std::vector<int16_t> Engine::toSessionRate(Session* session, const int16_t* samples, size_t count, int rate) {
  const int target = sampleRateOf(session->describedCodec);
  if (rate == target) return std::vector<int16_t>(samples, samples + count);
  const Resampler& resampler = resamplers_.get(rate, target);
  std::vector<int16_t>& tail = session->resampleTail;
  // A piece that follows another of the same voice is filtered as if both were one.
  if (session->resampleRate != rate || session->resampledTo != target || queuedUnits(session) == 0) tail.clear();
  session->resampleRate = rate;
  session->resampledTo = target;
  std::vector<int16_t> converted = resampler.convert(samples, count, tail.data(), tail.size());
  tail.insert(tail.end(), samples + (count - std::min(count, resampler.context())), samples + count);
  if (tail.size() > resampler.context()) {
    tail.erase(tail.begin(), tail.end() - static_cast<std::ptrdiff_t>(resampler.context()));
  }
  return converted;
}

bool Engine::play(Session* session, uint32_t clip, const int16_t* samples, size_t count, int rate, bool replace) {
  const int64_t units = static_cast<int64_t>(count) * kWideSampleRate / rate;
  if ((replace ? 0 : queuedUnits(session)) + units > kMaxQueuedUnits) return false;
  if (replace) flush(session);
  auto piece = std::make_unique<Clip>();
  piece->id = clip;
  piece->samples = toSessionRate(session, samples, count, rate);
  piece->rate = sampleRateOf(session->describedCodec);
  session->queuedUnits += unitsOf(piece->samples.size(), piece->rate);
  post({Command::Kind::kPlay, session, std::move(piece), nullptr, nullptr, {}});
  return true;
}

void Engine::flush(Session* session) {
  session->flushedAt = session->queuedUnits;
  post({Command::Kind::kFlush, session, nullptr, nullptr, nullptr, {}});
}

void Engine::sendDigits(Session* session, const std::string& digits, int durationMs, int gapMs) {
  post({Command::Kind::kDigits, session, nullptr, nullptr, nullptr, digits, durationMs, gapMs});
}

int Engine::startRecording(Session* session, const std::string& path) {
  std::shared_ptr<Recording> recording;
  const int error = Recording::open(path, session->id(), sampleRateOf(session->describedCodec), &recording);
  if (error != 0) return error;
  recorder_.add(recording);
  post({Command::Kind::kRecord, session, nullptr, nullptr, std::move(recording), {}});
  return 0;
}

void Engine::stopRecording(Session* session) {
  post({Command::Kind::kStopRecord, session, nullptr, nullptr, nullptr, {}});
}

void Engine::closeSession(Session* session, SessionStats* last) {
  const auto found = sessions_.find(session->id());
  if (found == sessions_.end()) return;
  post({Command::Kind::kRemove, session, nullptr, nullptr, nullptr, {}});
  graves_.emplace(session, std::move(found->second));
  sessions_.erase(found);
  closing_++;
  runCommandsNow();
  *last = session->stats();
  reap();
}

void Engine::post(Command command) {
  const std::lock_guard<PiMutex> lock(mutex_);
  commands_.push_back(std::move(command));
}

void Engine::reap() {
  std::vector<std::unique_ptr<Clip>> clips;
  std::vector<Session*> removed;
  {
    const std::lock_guard<PiMutex> lock(mutex_);
    clips.swap(spentClips_);
    removed.swap(removed_);
  }
  for (Session* session : removed) {
    ports_.release(session->port(), options_.clock());
    graves_.erase(session);
    closing_--;
  }
}

void Engine::execute(Command& command, Nanos now) {
  Session* session = command.session;
  const SessionOutput output{&events_, &spentNow_};
  switch (command.kind) {
    case Command::Kind::kAdd: {
      active_.push_back(session);
      byRtcpFd_.emplace(session->rtcpFd(), session);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = session->rtcpFd();
      epoll_ctl(epoll_, EPOLL_CTL_ADD, session->rtcpFd(), &event);
      break;
    }
    case Command::Kind::kConfigure:
      session->configure(*command.remote, &command.keys, std::move(command.speech), now);
      break;
    case Command::Kind::kPlay:
      session->play(std::move(command.clip));
      break;
    case Command::Kind::kFlush:
      session->flush(output);
      break;
    case Command::Kind::kDigits:
      for (const char digit : command.digits) session->sendDigit(digit, command.durationMs, command.gapMs);
      break;
    case Command::Kind::kRecord:
      session->startRecording(std::move(command.recording));
      break;
    case Command::Kind::kStopRecord:
      session->stopRecording();
      break;
    case Command::Kind::kRemove:
      byRtcpFd_.erase(session->rtcpFd());
      session->close(output, now);
      active_.erase(std::remove(active_.begin(), active_.end(), session), active_.end());
      removedNow_.push_back(session);
      break;
  }
}

void Engine::runCommands(Nanos now) {
  {
    const std::lock_guard<PiMutex> lock(mutex_);
    executing_.swap(commands_);
  }
  for (Command& command : executing_) execute(command, now);
  executing_.clear();
}

void Engine::handBack() {
  const std::lock_guard<PiMutex> lock(mutex_);
  for (auto& clip : spentNow_) spentClips_.push_back(std::move(clip));
  for (Session* session : removedNow_) removed_.push_back(session);
  spentNow_.clear();
  removedNow_.clear();
}

void Engine::pollRtcp(Nanos realtimeToMonotonic, Nanos now) {
  epoll_event ready[kRtcpBatch];
  const int count = epoll_wait(epoll_, ready, kRtcpBatch, 0);
  for (int i = 0; i < count; i++) {
    const auto found = byRtcpFd_.find(ready[i].data.fd);
    if (found != byRtcpFd_.end()) found->second->receiveRtcp(buffers_, realtimeToMonotonic, now);
  }
}

void Engine::runCommandsNow() {
  const std::lock_guard<PiMutex> lock(stepMutex_);
  runCommands(options_.clock());
  handBack();
}

bool Engine::step(Nanos now) {
  bool betweenTicks = false;
  {
    const std::lock_guard<PiMutex> stepLock(stepMutex_);
    runCommands(now);
    const SessionOutput output{&events_, &spentNow_};
    // Sending comes first: the pace must not depend on how much came in.
    for (Session* session : active_) {
      session->sendFrame(options_.clock, output);
      betweenTicks = betweenTicks || session->sendsBetweenTicks();
    }

    const Nanos arrivalNow = options_.kernelTimestamps ? options_.clock() : now;
    const Nanos toMonotonic = options_.kernelTimestamps ? monotonicNow() - readClock(CLOCK_REALTIME) : 1ll << 62;
    TickBatch* batch = outbox_.begin(arrivalNow);
    ReceiveBudget budget;
    for (Session* session : active_) {
      session->receive(buffers_, toMonotonic, arrivalNow, &budget, output);
      if (!session->configured()) continue;
      int16_t* row = batch->addRow(session->id(), session->sampleRate());
      if (row != nullptr) session->takeFrame(row, now, output);
      session->sendRtcpIfDue(now);
    }
    pollRtcp(toMonotonic, arrivalNow);
    handBack();
    outbox_.publish(batch, &events_);
  }
  onTick_();
  return betweenTicks;
}

void Engine::halfStep() {
  const std::lock_guard<PiMutex> stepLock(stepMutex_);
  // Events and spent clips go to JavaScript with the next tick.
  const SessionOutput output{&events_, &spentNow_};
  for (Session* session : active_) {
    if (session->sendsBetweenTicks()) session->sendBetweenTicks(options_.clock, output);
  }
}

}  // namespace trunkline
