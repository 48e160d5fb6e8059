// An IP address and UDP port, IPv4 or IPv6.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace trunkline {

class Endpoint {
 public:
  Endpoint() { std::memset(&storage_, 0, sizeof storage_); }

  // Numeric addresses only: names are the business of signalling.
  static bool parse(const std::string& address, uint16_t port, Endpoint* result) {
    Endpoint endpoint;
    if (inet_pton(AF_INET, address.c_str(), &endpoint.storage_.v4.sin_addr) == 1) {
      endpoint.storage_.v4.sin_family = AF_INET;
      endpoint.storage_.v4.sin_port = htons(port);
    } else if (inet_pton(AF_INET6, address.c_str(), &endpoint.storage_.v6.sin6_addr) == 1) {
      endpoint.storage_.v6.sin6_family = AF_INET6;
      endpoint.storage_.v6.sin6_port = htons(port);
    } else {
      return false;
    }
    *result = endpoint;
    return true;
  }

  bool valid() const { return family() != AF_UNSPEC; }
  int family() const { return storage_.any.sa_family; }

  uint16_t port() const {
    return ntohs(family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
  }

  void setPort(uint16_t port) {
    (family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port) = htons(port);
  }

  bool sameAddress(const Endpoint& other) const {
    if (family() != other.family()) return false;
    if (family() == AF_INET) return storage_.v4.sin_addr.s_addr == other.storage_.v4.sin_addr.s_addr;
    return std::memcmp(&storage_.v6.sin6_addr, &other.storage_.v6.sin6_addr, sizeof(in6_addr)) == 0;
  }

  bool operator==(const Endpoint& other) const { return sameAddress(other) && port() == other.port(); }
  bool operator!=(const Endpoint& other) const { return !(*this == other); }

  // 4 or 16 bytes in network order; `out` has room for 16.
  void copyAddress(uint8_t* out) const {
    if (family() == AF_INET6) std::memcpy(out, &storage_.v6.sin6_addr, 16);
    else std::memcpy(out, &storage_.v4.sin_addr, 4);
  }

  // 0.0.0.0 or ::, which RFC 2543 used for hold.
  bool unspecified() const {
    if (family() == AF_INET) return storage_.v4.sin_addr.s_addr == 0;
    return family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&storage_.v6.sin6_addr);
  }

  sockaddr* data() { return &storage_.any; }
  const sockaddr* data() const { return &storage_.any; }
  socklen_t length() const { return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  static constexpr socklen_t capacity() { return sizeof(sockaddr_in6); }

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_;
};

}  // namespace trunkline
