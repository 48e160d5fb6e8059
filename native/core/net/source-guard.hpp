// Symmetric RTP with strict sources: who may speak on a call's port.
#pragma once

#include <array>
#include <cstdint>

#include "net/endpoint.hpp"

namespace trunkline {

// Without NAT only the address and port that signalling negotiated are accepted.
// With NAT the source is learned from packets and then locked; only signalling
// (`negotiate`) opens it again, so nobody can take a running call over by
// sending to its port.
class SourceGuard {
 public:
  enum class Verdict : uint8_t { kAccept, kLearning, kRefuse };

  // A stranger needs this many packets in sequence before it is believed.
  static constexpr int kPacketsToLearn = 5;
  // From the negotiated address (another port): NAT rewrote the port only.
  static constexpr int kPacketsToLearnSameAddress = 3;

  void negotiate(const Endpoint& remote, bool learn);

  // For a well-formed RTP packet with a negotiated payload type.
  Verdict check(const Endpoint& source, uint32_t ssrc, uint16_t sequence);

  // False if `check` would refuse whatever the packet is: the cheap question first.
  bool mayAccept(const Endpoint& source) const { return !locked_ || source == remote_; }

  // RTCP comes from the same host, any port.
  bool acceptsAddress(const Endpoint& source) const { return source.sameAddress(remote_); }

  // Where our packets go: negotiated, or learned.
  const Endpoint& remote() const { return remote_; }
  bool locked() const { return locked_; }

 private:
  struct Candidate {
    Endpoint source;
    uint32_t ssrc = 0;
    uint16_t sequence = 0;
    int packets = 0;
  };

  // What signalling said last.
  Endpoint negotiated_;
  Endpoint remote_;
  bool locked_ = false;
  // Several strangers may try at once; none of them may restart another's count.
  std::array<Candidate, 4> candidates_{};
  size_t nextCandidate_ = 0;
};

}  // namespace trunkline
