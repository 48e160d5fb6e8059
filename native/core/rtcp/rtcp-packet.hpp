// RTCP sender and receiver reports, RFC 3550 section 6.4, with SDES CNAME (6.5)
// and BYE (6.6). A sender report:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|    RC   |   PT=SR=200   |             length            |
// |                         SSRC of sender                        |
// |              NTP timestamp, most significant word             |
// |             NTP timestamp, least significant word             |
// |                         RTP timestamp                         |
// |                     sender's packet count                     |
// |                      sender's octet count                     |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |                 SSRC_1 (SSRC of first source)                 |
// | fraction lost |       cumulative number of packets lost       |
// |           extended highest sequence number received           |
// |                      interarrival jitter                      |
// |                         last SR (LSR)                         |
// |                   delay since last SR (DLSR)                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace trunkline {

struct ReportBlock {
  uint32_t ssrc = 0;
  uint8_t fractionLost = 0;
  int32_t cumulativeLost = 0;
  uint32_t highestSequence = 0;
  uint32_t jitter = 0;
  uint32_t lastSenderReport = 0;
  // 1/65536 s.
  uint32_t delaySinceLastSenderReport = 0;
};

struct SenderInfo {
  // NTP, 32.32 fixed point.
  uint64_t ntp = 0;
  uint32_t rtpTimestamp = 0;
  uint32_t packets = 0;
  uint32_t octets = 0;
};

// What matters to us in one compound packet.
struct RtcpCompound {
  uint32_t ssrc = 0;
  std::optional<SenderInfo> sender;
  // The block about our stream.
  std::optional<ReportBlock> report;
  bool bye = false;
};

// False if `data` is not a valid compound packet (RFC 3550 A.2).
bool parseRtcp(const uint8_t* data, size_t size, uint32_t ourSsrc, RtcpCompound* compound);

constexpr size_t kMaxRtcpSize = 128;
// Writes SR (with `sender`) or RR, SDES with `cname` (at most 32 bytes), and BYE if
// asked; returns the size, at most kMaxRtcpSize.
size_t writeRtcp(uint8_t* out, uint32_t ssrc, const std::optional<SenderInfo>& sender,
                 const std::optional<ReportBlock>& report, const char* cname, bool bye);

}  // namespace trunkline
