#include <set>

#include "harness.hpp"
#include "net/port-allocator.hpp"
#include "net/source-guard.hpp"
#include "stats/e-model.hpp"

using namespace trunkline;
using Verdict = SourceGuard::Verdict;

namespace {

Endpoint endpoint(const char* address, uint16_t port) {
  Endpoint result;
  CHECK(Endpoint::parse(address, port, &result));
  return result;
}

}  // namespace

TEST("ports: every even port of the range once, in rotation from the random start, then none") {
  PortAllocator ports(20001, 20011, 3);
  CHECK_EQUAL(ports.pairs(), 5u);
  std::vector<int> taken;
  while (const auto port = ports.take(0)) taken.push_back(*port);
  const std::vector<int> expected = {20008, 20010, 20002, 20004, 20006};
  CHECK(taken == expected);
  CHECK_EQUAL(ports.freePairs(), 0u);
}

TEST("ports: a freed pair rests while others are left, and is the last resort") {
  PortAllocator ports(20000, 20005, 0, 30 * kNanosPerSecond);
  CHECK(ports.take(0) == 20000);
  ports.release(20000, 0);
  CHECK(ports.take(1) == 20002);
  CHECK(ports.take(2) == 20004);
  CHECK(ports.take(3) == 20000);
  CHECK(!ports.take(4));
}

TEST("ports: a range without a pair has none") {
  CHECK_EQUAL(PortAllocator(20001, 20002, 1).pairs(), 0u);
  CHECK_EQUAL(PortAllocator(20000, 20001, 1).pairs(), 1u);
  CHECK(!PortAllocator(20001, 20001, 7).take(0));
  CHECK_EQUAL(PortAllocator(65534, 65535, 7).pairs(), 1u);
}

TEST("source: without NAT only the negotiated address and port are heard") {
  SourceGuard guard;
  guard.negotiate(endpoint("192.0.2.1", 4000), false);
  CHECK(guard.check(endpoint("192.0.2.1", 4000), 1, 1) == Verdict::kAccept);
  for (uint16_t i = 0; i < 100; i++) {
    CHECK(guard.check(endpoint("192.0.2.2", 4000), 1, i) == Verdict::kRefuse);
    CHECK(guard.check(endpoint("192.0.2.1", 4002), 1, i) == Verdict::kRefuse);
  }
  CHECK(guard.remote() == endpoint("192.0.2.1", 4000));
}

TEST("source: with NAT the fifth packet in sequence decides, then nobody else gets in") {
  SourceGuard guard;
  guard.negotiate(endpoint("10.0.0.5", 4000), true);
  const Endpoint far = endpoint("198.51.100.7", 61000);
  for (uint16_t i = 0; i < 4; i++) CHECK(guard.check(far, 9, static_cast<uint16_t>(65534 + i)) == Verdict::kLearning);
  CHECK(guard.check(far, 9, 2) == Verdict::kAccept);
  CHECK(guard.remote() == far);
  for (uint16_t i = 0; i < 100; i++) CHECK(guard.check(endpoint("203.0.113.9", 5000), 9, static_cast<uint16_t>(3 + i)) == Verdict::kRefuse);
  // The same negotiation again (a session refresh) opens nothing; a new address does.
  guard.negotiate(endpoint("10.0.0.5", 4000), true);
  CHECK(guard.check(endpoint("203.0.113.9", 5000), 9, 200) == Verdict::kRefuse);
  CHECK(guard.remote() == far);
  guard.negotiate(endpoint("10.0.0.6", 4000), true);
  CHECK(guard.check(endpoint("203.0.113.9", 5000), 9, 201) == Verdict::kLearning);
}

TEST("source: an attacker that sprays a call being set up does not win against the far end") {
  SourceGuard guard;
  guard.negotiate(endpoint("192.0.2.1", 4000), true);
  const Endpoint far = endpoint("192.0.2.1", 4711);  // NAT changed the port only
  bool accepted = false;
  for (uint16_t i = 0; i < 3; i++) {
    // Ten forged sources for each real packet, each with numbers out of sequence.
    for (uint16_t forged = 0; forged < 3; forged++) {
      CHECK(guard.check(endpoint("203.0.113.1", static_cast<uint16_t>(5000 + forged)), forged, static_cast<uint16_t>(i * 1000)) != Verdict::kAccept);
    }
    accepted = guard.check(far, 77, static_cast<uint16_t>(500 + i)) == Verdict::kAccept;
  }
  CHECK(accepted);
  CHECK(guard.remote() == far);
}

TEST("source: the negotiated address itself is believed at once, even while learning") {
  SourceGuard guard;
  guard.negotiate(endpoint("2001:db8::1", 4000), true);
  CHECK(guard.check(endpoint("2001:db8::2", 4000), 1, 1) == Verdict::kLearning);
  CHECK(guard.check(endpoint("2001:db8::1", 4000), 1, 1) == Verdict::kAccept);
  CHECK(guard.check(endpoint("2001:db8::2", 4000), 1, 2) == Verdict::kRefuse);
}

TEST("endpoint: only numeric addresses") {
  Endpoint result;
  CHECK(!Endpoint::parse("localhost", 1, &result));
  CHECK(!Endpoint::parse("", 1, &result));
  CHECK(Endpoint::parse("0.0.0.0", 1, &result) && result.unspecified());
  CHECK(Endpoint::parse("::", 1, &result) && result.unspecified());
}

TEST("E-model: G.107's default rating is a MOS of 4.4; loss and delay take their share") {
  CHECK_NEAR(meanOpinionScore(93.2), 4.41, 0.005);
  CHECK_NEAR(meanOpinionScore(50), 2.58, 0.005);
  CHECK_EQUAL(meanOpinionScore(0), 1.0);
  CHECK_EQUAL(meanOpinionScore(3), 1.0);
  CHECK_EQUAL(meanOpinionScore(120), 4.5);
  CHECK_NEAR(transmissionRating(0, 0), 93.2, 1e-9);
  // 5 % loss: 95 * 5 / 30.1; 277.3 ms: 0.024 * 277.3 + 11.
  CHECK_NEAR(transmissionRating(0, 0.05), 93.2 - 15.781, 0.001);
  CHECK_NEAR(transmissionRating(277.3, 0), 93.2 - 17.6552, 0.001);
}
