#include "net/udp-socket.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace trunkline {

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
