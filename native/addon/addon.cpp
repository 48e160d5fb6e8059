// The functions that src/media/native/addon.ts mirrors. Arguments were checked
// there; what could still be wrong here is a closed engine or session, which
// answers false, -1 or undefined.
#include <cerrno>
#include <cstring>

#include "arguments.hpp"
#include "engine-binding.hpp"

namespace trunkline::addon {
namespace {

struct Target {
  Engine* engine = nullptr;
  Session* session = nullptr;
};

// Arguments 0 and 1 of most functions: engine and session id.
Target targetOf(Arguments& arguments) {
  auto* binding = arguments.external<EngineBinding>(0);
  const uint32_t id = arguments.unsignedInteger(1);
  Target target;
  if (!arguments.ok() || binding->engine() == nullptr) return target;
  target.engine = binding->engine();
  target.session = target.engine->find(id);
  return target;
}

// (address, portMin, portMax, timeoutMs, onTick) -> engine, or an errno.
napi_value createEngine(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  EngineOptions options;
  const std::string address = arguments.text(0);
  options.portMin = static_cast<uint16_t>(arguments.unsignedInteger(1));
  options.portMax = static_cast<uint16_t>(arguments.unsignedInteger(2));
  options.timeoutMs = arguments.integer(3);
  if (!arguments.ok()) return nullptr;
  if (!Endpoint::parse(address, 0, &options.local)) return makeInteger(env, EINVAL);
  auto* binding = new EngineBinding(env, options, arguments.raw(4));
  napi_value result = nullptr;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<EngineBinding*>(data); };
  if (binding->failed() || napi_create_external(env, binding, finalize, nullptr, &result) != napi_ok) {
    delete binding;
    return makeInteger(env, EINVAL);
  }
  return result;
}

napi_value closeEngine(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  if (arguments.ok()) binding->close();
  return nullptr;
}

// (engine, Float64Array) -> port; the id is written to the Float64Array: [id]. Negative errno on failure.
napi_value createSession(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  size_t count = 0;
  double* out = arguments.doubles(1, &count);
  if (!arguments.ok() || binding->engine() == nullptr || count < 1) return makeInteger(env, -EBADF);
  uint32_t id = 0;
  uint16_t port = 0;
  const int error = binding->engine()->createSession(&id, &port);
  out[0] = id;
  return makeInteger(env, error == 0 ? port : -error);
}

// (engine, id, address, port, rtcpPort, codec, payloadType, receivePayloadType, eventType,
//  receiveEventType, comfortNoiseType, sends, receives, learn, packetMs, rtcpMux, srtpSuite,
//  Uint8Array[60] of our key and the far end's, eventClockRate, bitrate, maxPlaybackRate,
//  forwardErrorCorrection, constantBitrate, complexity) -> taken?
napi_value configure(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  const std::string address = arguments.text(2);
  const auto port = static_cast<uint16_t>(arguments.unsignedInteger(3));
  const auto rtcpPort = static_cast<uint16_t>(arguments.unsignedInteger(4));
  RemoteDescription remote;
  remote.codec = static_cast<Codec>(arguments.unsignedInteger(5));
  remote.payloadType = static_cast<uint8_t>(arguments.unsignedInteger(6));
  remote.receivePayloadType = static_cast<uint8_t>(arguments.unsignedInteger(7));
  remote.telephoneEventPayloadType = arguments.integer(8);
  remote.receiveTelephoneEventPayloadType = arguments.integer(9);
  remote.comfortNoisePayloadType = static_cast<uint8_t>(arguments.unsignedInteger(10));
  remote.sends = arguments.boolean(11);
  remote.receives = arguments.boolean(12);
  remote.learn = arguments.boolean(13);
  remote.packetMs = arguments.integer(14);
  remote.rtcpMux = arguments.boolean(15);
  const uint32_t suite = arguments.unsignedInteger(16);
  size_t keySize = 0;
  const uint8_t* keys = arguments.bytes(17, &keySize);
  remote.telephoneEventClockRate = arguments.integer(18);
  remote.parameters.bitrate = arguments.integer(19);
  remote.parameters.maxPlaybackRate = arguments.integer(20);
  remote.parameters.forwardErrorCorrection = arguments.boolean(21);
  remote.parameters.constantBitrate = arguments.boolean(22);
  remote.parameters.complexity = arguments.integer(23);
  if (!arguments.ok() || target.session == nullptr) return makeBoolean(env, false);
  if (remote.packetMs < 10 || remote.packetMs > kMaxPacketMs || remote.packetMs % 10 != 0) return makeBoolean(env, false);
  if (remote.telephoneEventClockRate != 8000 && remote.telephoneEventClockRate != 48000) return makeBoolean(env, false);
  if (!Endpoint::parse(address, port, &remote.rtp)) return makeBoolean(env, false);
  remote.rtcp = remote.rtp;
  remote.rtcp.setPort(rtcpPort);
  if (suite != 0) {
    if (suite > 2 || keySize != 2 * kSrtpKeySize) return makeBoolean(env, false);
    remote.sendKey.suite = remote.receiveKey.suite = static_cast<SrtpSuite>(suite);
    std::memcpy(remote.sendKey.bytes.data(), keys, kSrtpKeySize);
    std::memcpy(remote.receiveKey.bytes.data(), keys + kSrtpKeySize, kSrtpKeySize);
  }
  return makeBoolean(env, target.engine->configure(target.session, remote));
}

// (engine, id, clip, samples, rate, replace) -> queued?
napi_value play(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  const uint32_t clip = arguments.unsignedInteger(2);
  size_t count = 0;
  const int16_t* samples = arguments.samples(3, &count);
  const int32_t rate = arguments.integer(4);
  const bool replace = arguments.boolean(5);
  if (!arguments.ok() || target.session == nullptr || rate <= 0) return makeBoolean(env, false);
  return makeBoolean(env, target.engine->play(target.session, clip, samples, count, rate, replace));
}

napi_value flush(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  if (target.session != nullptr) target.engine->flush(target.session);
  return nullptr;
}

napi_value queuedMs(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  if (target.session == nullptr) return makeNumber(env, 0);
  return makeNumber(env, target.engine->queuedMs(target.session));
}

// (engine, id, digits, durationMs, gapMs)
napi_value sendDigits(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  const std::string digits = arguments.text(2);
  const int32_t durationMs = arguments.integer(3);
  const int32_t gapMs = arguments.integer(4);
  if (!arguments.ok() || target.session == nullptr) return makeBoolean(env, false);
  target.engine->sendDigits(target.session, digits, durationMs, gapMs);
  return makeBoolean(env, true);
}

// (engine, id, path) -> 0 or errno
napi_value startRecording(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  const std::string path = arguments.text(2);
  if (!arguments.ok() || target.session == nullptr) return makeInteger(env, EBADF);
  return makeInteger(env, target.engine->startRecording(target.session, path));
}

napi_value stopRecording(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  if (target.session != nullptr) target.engine->stopRecording(target.session);
  return nullptr;
}

void writeStats(const SessionStats& s, double* out) {
  const double fields[kStatsFields] = {
      static_cast<double>(s.packetsSent),      static_cast<double>(s.packetsReceived),
      static_cast<double>(s.packetsLost),      static_cast<double>(s.packetsLate),
      static_cast<double>(s.packetsDuplicate), static_cast<double>(s.packetsRefused),
      s.concealedMs,   s.jitterMs,   s.jitterBufferMs,
      s.roundTripMs,   s.remoteLoss, s.mos,
      static_cast<double>(s.packetsUnauthenticated),
  };
  std::memcpy(out, fields, sizeof fields);
}

// (engine, id, Float64Array[kStatsFields])
napi_value stats(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  size_t count = 0;
  double* out = arguments.doubles(2, &count);
  if (!arguments.ok() || target.session == nullptr || count < kStatsFields) return makeBoolean(env, false);
  writeStats(target.session->stats(), out);
  return makeBoolean(env, true);
}

// (engine, id, Float64Array[kStatsFields]): the last figures
napi_value closeSession(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  size_t count = 0;
  double* out = arguments.doubles(2, &count);
  if (!arguments.ok() || target.session == nullptr || count < kStatsFields) return nullptr;
  SessionStats last;
  target.engine->closeSession(target.session, &last);
  writeStats(last, out);
  return nullptr;
}

// (engine, id, packets) -> started?
napi_value startCapture(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  const uint32_t packets = arguments.unsignedInteger(2);
  if (!arguments.ok() || target.session == nullptr || packets > RtpCapture::kMaxPackets) return makeBoolean(env, false);
  target.session->capture.start(packets);
  return makeBoolean(env, true);
}

// (engine, id) -> ArrayBuffer of CapturedPacket
napi_value readCapture(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Target target = targetOf(arguments);
  std::vector<CapturedPacket> packets;
  if (arguments.ok() && target.session != nullptr) packets = target.session->capture.read();
  const size_t size = packets.size() * sizeof(CapturedPacket);
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) return nullptr;
  if (size > 0) std::memcpy(data, packets.data(), size);
  return buffer;
}

napi_value freePorts(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  if (!arguments.ok() || binding->engine() == nullptr) return makeNumber(env, 0);
  return makeNumber(env, static_cast<double>(binding->engine()->freePorts()));
}

// (engine) -> ticks that the thread had to skip because it was kept from running
napi_value missedTicks(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  if (!arguments.ok() || binding->engine() == nullptr) return makeNumber(env, 0);
  return makeNumber(env, static_cast<double>(binding->engine()->missedTicks()));
}

// (engine, previous batch or -1) -> batch or -1; events are in the event buffer.
napi_value take(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  const int32_t previous = arguments.integer(1);
  if (!arguments.ok() || binding->engine() == nullptr) return makeInteger(env, -1);
  return makeInteger(env, binding->take(previous));
}

napi_value batchBuffer(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  const int32_t index = arguments.integer(1);
  if (!arguments.ok() || binding->engine() == nullptr) return nullptr;
  return binding->batchBuffer(env, index);
}

napi_value eventBuffer(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  auto* binding = arguments.external<EngineBinding>(0);
  return arguments.ok() ? binding->eventBuffer(env) : nullptr;
}

// (samples, fromRate, toRate) -> Int16Array
napi_value resample(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  size_t count = 0;
  const int16_t* samples = arguments.samples(0, &count);
  const int32_t from = arguments.integer(1);
  const int32_t to = arguments.integer(2);
  if (!arguments.ok() || from < 1000 || to < 1000 || from > 192000 || to > 192000) return nullptr;
  void* cache = nullptr;
  napi_get_instance_data(env, &cache);
  const auto converted = static_cast<ResamplerCache*>(cache)->get(from, to).convert(samples, count);
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, converted.size() * 2, &data, &buffer) != napi_ok) return nullptr;
  if (!converted.empty()) std::memcpy(data, converted.data(), converted.size() * 2);
  napi_create_typedarray(env, napi_int16_array, converted.size(), buffer, 0, &array);
  return array;
}

// () -> bits of what this build can do: 1 SRTP, 2 G.722, 4 Opus
napi_value features(napi_env env, napi_callback_info) {
  return makeInteger(env, (SrtpContext::available() ? 1 : 0) | (SpeechCodec::available(Codec::kG722) ? 2 : 0) |
                              (SpeechCodec::available(Codec::kOpus) ? 4 : 0));
}

napi_value initialize(napi_env env, napi_value exports) {
  napi_set_instance_data(
      env, new ResamplerCache, [](napi_env, void* data, void*) { delete static_cast<ResamplerCache*>(data); }, nullptr);
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"createEngine", createEngine},   {"closeEngine", closeEngine},       {"createSession", createSession},
      {"configure", configure},         {"play", play},                     {"flush", flush},
      {"queuedMs", queuedMs}, {"sendDigits", sendDigits},         {"startRecording", startRecording},
      {"stopRecording", stopRecording}, {"stats", stats},                   {"closeSession", closeSession},
      {"startCapture", startCapture},   {"readCapture", readCapture},
      {"freePorts", freePorts},         {"missedTicks", missedTicks},       {"take", take},
      {"batchBuffer", batchBuffer},     {"eventBuffer", eventBuffer},       {"resample", resample},
      {"features", features},
  };
  for (const auto& entry : functions) {
    napi_value value = nullptr;
    napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function, nullptr, &value);
    napi_set_named_property(env, exports, entry.name, value);
  }
  return exports;
}

}  // namespace
}  // namespace trunkline::addon

NAPI_MODULE_INIT() { return trunkline::addon::initialize(env, exports); }
