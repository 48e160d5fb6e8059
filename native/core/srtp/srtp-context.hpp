// SRTP and SRTCP (RFC 3711) of one direction of a call, by libsrtp2 where the build
// found it. Everything else of the core is the same with and without it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace trunkline {

// RFC 4568 section 6.2. The numbers are known to src/media/native/addon.ts.
enum class SrtpSuite : uint8_t { kNone = 0, kAesCm128HmacSha1Tag80 = 1, kAesCm128HmacSha1Tag32 = 2 };

// RFC 4568 section 6.1: master key of 16 bytes and master salt of 14.
constexpr size_t kSrtpKeySize = 30;
// A tag of 10 bytes, and for SRTCP the index before it (RFC 3711 3.4), rounded up.
constexpr size_t kSrtpTrailer = 16;

struct SrtpKey {
  SrtpSuite suite = SrtpSuite::kNone;
  std::array<uint8_t, kSrtpKeySize> bytes{};

  bool operator==(const SrtpKey& other) const { return suite == other.suite && bytes == other.bytes; }
  bool operator!=(const SrtpKey& other) const { return !(*this == other); }
};

class SrtpContext {
 public:
  enum class Direction : uint8_t { kSend, kReceive };

  // False if this build has no libsrtp2.
  static bool available();
  // Null if this build cannot, or for a key without a suite.
  static std::unique_ptr<SrtpContext> create(const SrtpKey& key, Direction direction);

  virtual ~SrtpContext() = default;
  // In place; `size` is updated. `packet` is aligned to 4 bytes and has kSrtpTrailer
  // bytes of room behind it. False: it must not be sent.
  virtual bool protect(uint8_t* packet, size_t* size) = 0;
  virtual bool protectRtcp(uint8_t* packet, size_t* size) = 0;
  // In place; false if the packet is not authentic or was seen before (3.3.2). What is
  // refused is left as it was.
  virtual bool unprotect(uint8_t* packet, size_t* size) = 0;
  virtual bool unprotectRtcp(uint8_t* packet, size_t* size) = 0;
};

}  // namespace trunkline
