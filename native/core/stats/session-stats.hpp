// The figures of one call that JavaScript reads.
#pragma once

#include <cstdint>

namespace trunkline {

// The order of fields is known to src/media/native/addon.ts; all are float64 there.
struct SessionStats {
  int64_t packetsSent = 0;
  int64_t packetsReceived = 0;
  int64_t packetsLost = 0;
  int64_t packetsLate = 0;
  int64_t packetsDuplicate = 0;
  int64_t packetsRefused = 0;
  double concealedMs = 0;
  double jitterMs = 0;
  double jitterBufferMs = 0;
  // Negative before the first report.
  double roundTripMs = -1;
  double remoteLoss = -1;
  double mos = 4.5;
  // Of the refused: SRTP that the far end did not make, or made before.
  int64_t packetsUnauthenticated = 0;
};
constexpr int kStatsFields = 13;

}  // namespace trunkline
