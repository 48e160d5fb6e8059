// A nonblocking UDP socket that says when the kernel received each datagram.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock.hpp"
#include "net/endpoint.hpp"

namespace trunkline {

// The largest datagram that is looked at; longer ones are truncated and refused.
constexpr size_t kMaxDatagram = 1500;
// Datagrams taken with one system call.
constexpr int kReceiveBatch = 8;

struct Datagram {
  const uint8_t* data;
  size_t size;
  const Endpoint* source;
  // CLOCK_MONOTONIC.
  Nanos arrival;
  bool truncated;
};

// Buffers for one recvmmsg call; one per I/O thread, too large for each socket.
class ReceiveBuffers;
ReceiveBuffers* createReceiveBuffers();
void destroyReceiveBuffers(ReceiveBuffers* buffers);

class UdpSocket {
 public:
  UdpSocket() = default;
  ~UdpSocket() { close(); }
  UdpSocket(UdpSocket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  UdpSocket& operator=(UdpSocket&& other) noexcept;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // 0, or the errno of the step that failed.
  int open(const Endpoint& local);
  void close();
  bool isOpen() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  // False if the kernel did not take the datagram.
  bool sendTo(const uint8_t* data, size_t size, const Endpoint& destination);

  // From now on the kernel drops what comes from elsewhere, before it takes a place in
  // the socket's buffer. A filter and not `connect`: that would bind the socket to one
  // local address, and bring ICMP errors with every send. False if the kernel has none.
  bool acceptOnly(const Endpoint& source);
  void acceptAll();
  // Datagrams that the kernel dropped on this socket since it was opened; it wraps.
  uint32_t drops() const;

  // Up to kReceiveBatch waiting datagrams; `out` points into `buffers` until the
  // next call. `realtimeToMonotonic` is added to the kernel's (realtime) stamps;
  // `now` stands in where the kernel gave none.
  int receive(ReceiveBuffers* buffers, Datagram* out, Nanos realtimeToMonotonic, Nanos now);

 private:
  int fd_ = -1;
};

}  // namespace trunkline
