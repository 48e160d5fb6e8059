#include "srtp/srtp-context.hpp"

#ifdef TRUNKLINE_SRTP
#include <srtp2/srtp.h>

#include <cstring>
#include <mutex>

#include "rtp/rtp-packet.hpp"
#include "srtp/x86-kernels.hpp"
#endif

namespace trunkline {

#ifdef TRUNKLINE_SRTP

namespace {

// Packets behind the newest that are still taken (RFC 3711 3.3.2 asks for 64 at least).
constexpr unsigned long kReplayWindow = 128;
// The library keeps a state for each SSRC that it has authenticated under one key. A
// call has one or two; a far end that wears out more is not heard under the rest.
constexpr size_t kMaxSources = 16;

bool initialise() {
  static std::once_flag once;
  static bool ready = false;
  std::call_once(once, [] {
    ready = srtp_init() == srtp_err_status_ok;
    if (ready) useProcessorKernels();
  });
  return ready;
}

class LibSrtpContext : public SrtpContext {
 public:
  LibSrtpContext() = default;
  ~LibSrtpContext() override {
    if (session_ != nullptr) srtp_dealloc(session_);
  }
  LibSrtpContext(const LibSrtpContext&) = delete;
  LibSrtpContext& operator=(const LibSrtpContext&) = delete;

  bool open(const SrtpKey& key, Direction direction) {
    srtp_policy_t policy;
    std::memset(&policy, 0, sizeof policy);
    if (key.suite == SrtpSuite::kAesCm128HmacSha1Tag32) {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
    } else {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    }
    // RFC 4568 6.2.2: the short tag is for RTP alone.
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    policy.ssrc.type = direction == Direction::kSend ? ssrc_any_outbound : ssrc_any_inbound;
    policy.window_size = kReplayWindow;
    std::array<uint8_t, kSrtpKeySize> bytes = key.bytes;
    policy.key = bytes.data();
    return srtp_create(&session_, &policy) == srtp_err_status_ok;
  }

  bool protect(uint8_t* packet, size_t* size) override { return apply(srtp_protect, packet, size); }
  bool protectRtcp(uint8_t* packet, size_t* size) override { return apply(srtp_protect_rtcp, packet, size); }

  bool unprotect(uint8_t* packet, size_t* size) override {
    if (*size < kRtpHeaderSize) return false;
    return fromKnown(readUint32(packet + 8), srtp_unprotect, packet, size);
  }

  bool unprotectRtcp(uint8_t* packet, size_t* size) override {
    if (*size < 8) return false;
    return fromKnown(readUint32(packet + 4), srtp_unprotect_rtcp, packet, size);
  }

 private:
  using Function = srtp_err_status_t (*)(srtp_t, void*, int*);

  bool apply(Function function, uint8_t* packet, size_t* size) {
    int length = static_cast<int>(*size);
    if (function(session_, packet, &length) != srtp_err_status_ok) return false;
    *size = static_cast<size_t>(length);
    return true;
  }

  bool fromKnown(uint32_t ssrc, Function function, uint8_t* packet, size_t* size) {
    bool known = false;
    for (size_t i = 0; i < sources_ && !known; i++) known = source_[i] == ssrc;
    if (!known && sources_ == kMaxSources) return false;
    if (!apply(function, packet, size)) return false;
    if (!known) source_[sources_++] = ssrc;
    return true;
  }

  srtp_t session_ = nullptr;
  uint32_t source_[kMaxSources] = {};
  size_t sources_ = 0;
};

}  // namespace

bool SrtpContext::available() { return initialise(); }

std::unique_ptr<SrtpContext> SrtpContext::create(const SrtpKey& key, Direction direction) {
  if (key.suite == SrtpSuite::kNone || !initialise()) return nullptr;
  auto context = std::make_unique<LibSrtpContext>();
  if (!context->open(key, direction)) return nullptr;
  return context;
}

#else

bool SrtpContext::available() { return false; }

std::unique_ptr<SrtpContext> SrtpContext::create(const SrtpKey&, Direction) { return nullptr; }

#endif

}  // namespace trunkline
