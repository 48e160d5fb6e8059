#include "net/source-guard.hpp"

namespace trunkline {

void SourceGuard::negotiate(const Endpoint& remote, bool learn) {
  // A re-INVITE that changes nothing must not open a locked session again.
  if (locked_ && learn && negotiated_ == remote) return;
  negotiated_ = remote;
  remote_ = remote;
  locked_ = !learn;
  candidates_ = {};
}

SourceGuard::Verdict SourceGuard::check(const Endpoint& source, uint32_t ssrc, uint16_t sequence) {
  if (locked_) return source == remote_ ? Verdict::kAccept : Verdict::kRefuse;
  // The negotiated source itself needs no proof.
  if (source == remote_) {
    locked_ = true;
    return Verdict::kAccept;
  }
  Candidate* candidate = nullptr;
  for (Candidate& known : candidates_) {
    if (known.packets > 0 && known.source == source && known.ssrc == ssrc) candidate = &known;
  }
  if (candidate == nullptr) {
    candidate = &candidates_[nextCandidate_];
    nextCandidate_ = (nextCandidate_ + 1) % candidates_.size();
    *candidate = {source, ssrc, sequence, 1};
    return Verdict::kLearning;
  }
  // In sequence, with room for a few lost ones (RFC 3550 A.1 asks the same of a new source).
  const uint16_t step = static_cast<uint16_t>(sequence - candidate->sequence);
  candidate->packets = step >= 1 && step <= 3 ? candidate->packets + 1 : 1;
  candidate->sequence = sequence;
  const int needed = source.sameAddress(remote_) ? kPacketsToLearnSameAddress : kPacketsToLearn;
  if (candidate->packets < needed) return Verdict::kLearning;
  remote_ = source;
  locked_ = true;
  return Verdict::kAccept;
}

}  // namespace trunkline
