#include "rtp/rtp-packet.hpp"

namespace trunkline {

bool parseRtp(const uint8_t* data, size_t size, RtpPacket* packet) {
  if (size < kRtpHeaderSize || data[0] >> 6 != 2) return false;
  const bool padding = (data[0] & 0x20) != 0;
  const bool extension = (data[0] & 0x10) != 0;
  size_t offset = kRtpHeaderSize + 4u * (data[0] & 0x0f);
  if (offset > size) return false;
  if (extension) {
    // RFC 3550 5.3.1: 16 bits for the profile, then the length in 32-bit words.
    if (offset + 4 > size) return false;
    offset += 4 + 4u * readUint16(data + offset + 2);
    if (offset > size) return false;
  }
  size_t end = size;
  if (padding) {
    // The last byte counts all padding, itself included.
    const size_t count = data[size - 1];
    if (count == 0 || count > end - offset) return false;
    end -= count;
  }
  packet->marker = (data[1] & 0x80) != 0;
  packet->payloadType = data[1] & 0x7f;
  packet->sequence = readUint16(data + 2);
  packet->timestamp = readUint32(data + 4);
  packet->ssrc = readUint32(data + 8);
  packet->payload = data + offset;
  packet->payloadSize = end - offset;
  return true;
}

void writeRtpHeader(uint8_t* out, uint8_t payloadType, bool marker, uint16_t sequence, uint32_t timestamp,
                    uint32_t ssrc) {
  out[0] = 0x80;
  out[1] = static_cast<uint8_t>((marker ? 0x80 : 0) | payloadType);
  writeUint16(out + 2, sequence);
  writeUint32(out + 4, timestamp);
  writeUint32(out + 8, ssrc);
}

}  // namespace trunkline
