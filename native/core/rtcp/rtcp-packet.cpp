#include "rtcp/rtcp-packet.hpp"

#include <algorithm>
#include <cstring>

#include "rtp/rtp-packet.hpp"

namespace trunkline {
namespace {

constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kSourceDescription = 202;
constexpr uint8_t kBye = 203;
constexpr size_t kSenderInfoSize = 20;
constexpr size_t kBlockSize = 24;

ReportBlock readBlock(const uint8_t* data) {
  ReportBlock block;
  block.ssrc = readUint32(data);
  block.fractionLost = data[4];
  // 24 bits with a sign: duplicates make it negative.
  block.cumulativeLost = static_cast<int32_t>(readUint32(data + 4) << 8) >> 8;
  block.highestSequence = readUint32(data + 8);
  block.jitter = readUint32(data + 12);
  block.lastSenderReport = readUint32(data + 16);
  block.delaySinceLastSenderReport = readUint32(data + 20);
  return block;
}

// One SR or RR; `data` without the common header.
bool readReport(const uint8_t* data, size_t size, bool isSender, int count, uint32_t ourSsrc,
                RtcpCompound* compound) {
  const size_t fixed = 4 + (isSender ? kSenderInfoSize : 0);
  if (size < fixed + kBlockSize * static_cast<size_t>(count)) return false;
  compound->ssrc = readUint32(data);
  if (isSender) {
    SenderInfo info;
    info.ntp = static_cast<uint64_t>(readUint32(data + 4)) << 32 | readUint32(data + 8);
    info.rtpTimestamp = readUint32(data + 12);
    info.packets = readUint32(data + 16);
    info.octets = readUint32(data + 20);
    compound->sender = info;
  }
  for (int i = 0; i < count; i++) {
    const ReportBlock block = readBlock(data + fixed + kBlockSize * static_cast<size_t>(i));
    if (block.ssrc == ourSsrc) compound->report = block;
  }
  return true;
}

void writeHeader(uint8_t* out, int count, uint8_t type, size_t size) {
  out[0] = static_cast<uint8_t>(0x80 | count);
  out[1] = type;
  writeUint16(out + 2, static_cast<uint16_t>(size / 4 - 1));
}

}  // namespace

bool parseRtcp(const uint8_t* data, size_t size, uint32_t ourSsrc, RtcpCompound* compound) {
  *compound = RtcpCompound();
  // RFC 3550 A.2: version 2, no padding in the first packet, which is SR or RR, and
  // the lengths add up to the datagram's.
  if (size < 8 || size % 4 != 0 || (data[0] & 0xe0) != 0x80) return false;
  if (data[1] != kSenderReport && data[1] != kReceiverReport) return false;
  size_t offset = 0;
  while (offset < size) {
    if (size - offset < 4 || data[offset] >> 6 != 2) return false;
    const size_t length = 4 * (static_cast<size_t>(readUint16(data + offset + 2)) + 1);
    if (length > size - offset) return false;
    const uint8_t* body = data + offset + 4;
    const uint8_t type = data[offset + 1];
    const int count = data[offset] & 0x1f;
    if (type == kSenderReport || type == kReceiverReport) {
      if (!readReport(body, length - 4, type == kSenderReport, count, ourSsrc, compound)) return false;
    } else if (type == kBye) {
      compound->bye = true;
    }
    offset += length;
  }
  return true;
}

size_t writeRtcp(uint8_t* out, uint32_t ssrc, const std::optional<SenderInfo>& sender,
                 const std::optional<ReportBlock>& report, const char* cname, bool bye) {
  size_t size = 8;
  writeUint32(out + 4, ssrc);
  if (sender) {
    writeUint32(out + size, static_cast<uint32_t>(sender->ntp >> 32));
    writeUint32(out + size + 4, static_cast<uint32_t>(sender->ntp));
    writeUint32(out + size + 8, sender->rtpTimestamp);
    writeUint32(out + size + 12, sender->packets);
    writeUint32(out + size + 16, sender->octets);
    size += kSenderInfoSize;
  }
  if (report) {
    writeUint32(out + size, report->ssrc);
    // RFC 3550 A.3: the cumulative number is clamped to 24 bits.
    const int32_t lost = std::clamp(report->cumulativeLost, -0x800000, 0x7fffff);
    writeUint32(out + size + 4, static_cast<uint32_t>(report->fractionLost) << 24 | (lost & 0xffffff));
    writeUint32(out + size + 8, report->highestSequence);
    writeUint32(out + size + 12, report->jitter);
    writeUint32(out + size + 16, report->lastSenderReport);
    writeUint32(out + size + 20, report->delaySinceLastSenderReport);
    size += kBlockSize;
  }
  writeHeader(out, report ? 1 : 0, sender ? kSenderReport : kReceiverReport, size);

  // RFC 3550 6.5: every compound packet has a CNAME; items end with zeros up to the
  // next 32-bit border, at least one.
  const size_t nameLength = std::min<size_t>(std::strlen(cname), 32);
  uint8_t* description = out + size;
  size_t length = 8;
  writeUint32(description + 4, ssrc);
  description[length++] = 1;
  description[length++] = static_cast<uint8_t>(nameLength);
  std::memcpy(description + length, cname, nameLength);
  length += nameLength;
  do {
    description[length++] = 0;
  } while (length % 4 != 0);
  writeHeader(description, 1, kSourceDescription, length);
  size += length;

  if (bye) {
    writeHeader(out + size, 1, kBye, 8);
    writeUint32(out + size + 4, ssrc);
    size += 8;
  }
  return size;
}

}  // namespace trunkline
