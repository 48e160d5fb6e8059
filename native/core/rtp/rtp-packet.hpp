// RTP data packet, RFC 3550 section 5.1:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           timestamp                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           synchronization source (SSRC) identifier            |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |            contributing source (CSRC) identifiers             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <cstddef>
#include <cstdint>

namespace trunkline {

constexpr size_t kRtpHeaderSize = 12;

inline uint16_t readUint16(const uint8_t* bytes) { return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]); }
inline uint32_t readUint32(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}
inline void writeUint16(uint8_t* bytes, uint16_t value) {
  bytes[0] = static_cast<uint8_t>(value >> 8);
  bytes[1] = static_cast<uint8_t>(value);
}
inline void writeUint32(uint8_t* bytes, uint32_t value) {
  writeUint16(bytes, static_cast<uint16_t>(value >> 16));
  writeUint16(bytes + 2, static_cast<uint16_t>(value));
}

struct RtpPacket {
  bool marker = false;
  uint8_t payloadType = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  // Points into the datagram; padding and extension are already taken off.
  const uint8_t* payload = nullptr;
  size_t payloadSize = 0;
};

// False if `data` is not a valid RTP packet; `packet` is then unspecified.
bool parseRtp(const uint8_t* data, size_t size, RtpPacket* packet);

// RFC 5761 section 4: packet types 192 to 223 in the second byte are RTCP where
// both share a port.
inline bool looksLikeRtcp(const uint8_t* data, size_t size) {
  return size >= 2 && data[0] >> 6 == 2 && data[1] >= 192 && data[1] <= 223;
}

// Writes kRtpHeaderSize bytes.
void writeRtpHeader(uint8_t* out, uint8_t payloadType, bool marker, uint16_t sequence, uint32_t timestamp,
                    uint32_t ssrc);

}  // namespace trunkline
