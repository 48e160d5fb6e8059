#include "net/udp-socket.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace trunkline {
namespace {

constexpr int kReceiveBufferBytes = 512 * 1024;

}  // namespace

class ReceiveBuffers {
 public:
  ReceiveBuffers() {
    for (int i = 0; i < kReceiveBatch; i++) {
      vectors[i] = {data[i], kMaxDatagram};
      msghdr& header = messages[i].msg_hdr;
      header = {};
      header.msg_iov = &vectors[i];
      header.msg_iovlen = 1;
      header.msg_name = sources[i].data();
      header.msg_control = control[i];
    }
  }

  mmsghdr messages[kReceiveBatch];
  iovec vectors[kReceiveBatch];
  Endpoint sources[kReceiveBatch];
  alignas(cmsghdr) uint8_t control[kReceiveBatch][CMSG_SPACE(sizeof(timespec))];
  uint8_t data[kReceiveBatch][kMaxDatagram];
};

ReceiveBuffers* createReceiveBuffers() { return new ReceiveBuffers; }
void destroyReceiveBuffers(ReceiveBuffers* buffers) { delete buffers; }

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

int UdpSocket::open(const Endpoint& local) {
  close();
  fd_ = ::socket(local.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return errno;
  // Arrival times come from the kernel: the sockets are read once a tick, and
  // RFC 3550 jitter must not measure our own ticks.
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  // Expedited forwarding (RFC 3246) for voice; refused by some kernels, which is harmless.
  const int expedited = 0xb8;
  if (local.family() == AF_INET) {
    setsockopt(fd_, IPPROTO_IP, IP_TOS, &expedited, sizeof expedited);
  } else {
    setsockopt(fd_, IPPROTO_IPV6, IPV6_TCLASS, &expedited, sizeof expedited);
  }
  // Room for a burst until the next tick; the system's limit (net.core.rmem_max) rules.
  const int buffer = kReceiveBufferBytes;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (::bind(fd_, local.data(), local.length()) != 0) {
    const int error = errno;
    close();
    return error;
  }
  return 0;
}

void UdpSocket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool UdpSocket::acceptOnly(const Endpoint& source) {
  uint8_t address[16];
  source.copyAddress(address);
  const bool v4 = source.family() == AF_INET;
  // An IPv4 peer of a socket of both families has an IPv4 header, which the below is not for.
  if (!v4 && std::memcmp(address, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0) return false;
  // Source address: bytes 12 to 15 of an IPv4 header, 8 to 23 of IPv6. The filter itself
  // begins at the UDP header, whose first 16 bits are the source port.
  const int words = v4 ? 1 : 4;
  sock_filter code[12];
  int count = 0;
  const auto expect = [&](uint32_t value) {
    // Each comparison that fails jumps to the last instruction.
    const int last = 2 * (words + 1) + 1;
    code[count] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, static_cast<uint8_t>(last - count - 1));
    count++;
  };
  for (int i = 0; i < words; i++) {
    uint32_t word;
    std::memcpy(&word, address + 4 * i, sizeof word);
    code[count++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_NET_OFF + (v4 ? 12 : 8) + 4 * i));
    expect(ntohl(word));
  }
  code[count++] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0);
  expect(source.port());
  code[count++] = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
  code[count++] = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{static_cast<unsigned short>(count), code};
  return setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void UdpSocket::acceptAll() {
  const int unused = 0;
  setsockopt(fd_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
}

uint32_t UdpSocket::drops() const {
  uint32_t values[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof values;
  return getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, values, &size) == 0 ? values[SK_MEMINFO_DROPS] : 0;
}

bool UdpSocket::sendTo(const uint8_t* data, size_t size, const Endpoint& destination) {
  const ssize_t sent =
      ::sendto(fd_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, destination.data(), destination.length());
  if (sent >= 0) return true;
  // An ICMP error of an earlier packet is delivered here once (the far end is not
  // listening yet); this packet was not sent, so send it again.
  if (errno == ECONNREFUSED || errno == EHOSTUNREACH) {
    return ::sendto(fd_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, destination.data(), destination.length()) >= 0;
  }
  return false;
}

namespace {

Nanos arrivalOf(const msghdr& header, Nanos realtimeToMonotonic, Nanos now) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr;
       item = CMSG_NXTHDR(const_cast<msghdr*>(&header), item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp;
      std::memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
      const Nanos realtime = static_cast<Nanos>(stamp.tv_sec) * kNanosPerSecond + stamp.tv_nsec;
      return std::min(realtime + realtimeToMonotonic, now);
    }
  }
  return now;
}

}  // namespace

int UdpSocket::receive(ReceiveBuffers* buffers, Datagram* out, Nanos realtimeToMonotonic, Nanos now) {
  for (int i = 0; i < kReceiveBatch; i++) {
    msghdr& header = buffers->messages[i].msg_hdr;
    header.msg_namelen = Endpoint::capacity();
    header.msg_controllen = sizeof buffers->control[i];
  }
  const int count = ::recvmmsg(fd_, buffers->messages, kReceiveBatch, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < count; i++) {
    const msghdr& header = buffers->messages[i].msg_hdr;
    out[i].data = buffers->data[i];
    out[i].size = buffers->messages[i].msg_len;
    out[i].source = &buffers->sources[i];
    out[i].arrival = arrivalOf(header, realtimeToMonotonic, now);
    out[i].truncated = (header.msg_flags & MSG_TRUNC) != 0;
  }
  return std::max(count, 0);
}

}  // namespace trunkline
