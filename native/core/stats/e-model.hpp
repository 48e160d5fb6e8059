// Speech quality by the E-model, ITU-T G.107, with its defaults for everything
// that a packet network does not change: R = 93.2 - Id - Ie,eff.
#pragma once

#include <algorithm>

namespace trunkline {

// `oneWayDelayMs` mouth to ear; `loss` 0 to 1, of packets not heard (lost or late).
// Id: the two-line approximation of G.107's delay impairment (Cole and Rosenbluth,
// 2001) for an echo-free path. Ie,eff: G.107 equation 7-29 for random loss
// (BurstR = 1), with Ie = 0 and Bpl = 25.1 of G.711 with concealment (G.113
// appendix I, table I.4).
inline double transmissionRating(double oneWayDelayMs, double loss) {
  double delayImpairment = 0.024 * oneWayDelayMs;
  if (oneWayDelayMs > 177.3) delayImpairment += 0.11 * (oneWayDelayMs - 177.3);
  const double lossPercent = std::clamp(loss, 0.0, 1.0) * 100;
  const double lossImpairment = 95 * lossPercent / (lossPercent + 25.1);
  return 93.2 - delayImpairment - lossImpairment;
}

// G.107 annex B: mean opinion score from R, 1 to 4.5.
inline double meanOpinionScore(double rating) {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  // Between 0 and 6.5 the formula dips below 1, where the scale ends.
  return std::max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

}  // namespace trunkline
