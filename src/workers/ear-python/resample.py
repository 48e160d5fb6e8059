"""Doubles or halves the sample rate, by the filter of src/audio/resample.ts: a Kaiser-windowed sinc."""

import numpy

CROSSINGS = 24
PASSBAND = 0.94
KAISER_BETA = 8.0


def _taps(half, cutoff, shift):
    """Symmetric around `half - 1 + shift`; passes direct current unchanged."""
    distance = numpy.arange(2 * half) - (half - 1) - shift
    weights = cutoff * numpy.sinc(cutoff * distance)
    ratio = distance / half
    window = numpy.where(numpy.abs(ratio) < 1, numpy.i0(KAISER_BETA * numpy.sqrt(numpy.clip(1 - ratio**2, 0, None))), 0)
    weights = weights * window
    return weights / weights.sum()


_UP = [_taps(CROSSINGS, PASSBAND, shift) for shift in (0.0, 0.5)]
_DOWN = _taps(2 * CROSSINGS, PASSBAND / 2, 0.0)


def doubled(samples):
    """A whole clip of 8 kHz, as floats within +-1 at 16 kHz."""
    half = CROSSINGS
    padded = numpy.concatenate([numpy.zeros(half - 1), samples.astype(numpy.float64) / 32768, numpy.zeros(half)])
    result = numpy.empty(2 * len(samples), dtype=numpy.float32)
    for phase, taps in enumerate(_UP):
        result[phase::2] = numpy.correlate(padded, taps, mode="valid")[: len(samples)]
    return result


class Halver:
    """A stream of 16 kHz at 8 kHz; any cutting into pieces gives the same samples, less the filter's look ahead."""

    def __init__(self):
        self._half = len(_DOWN) // 2
        self._pending = numpy.zeros(self._half - 1)

    def push(self, samples):
        whole = numpy.concatenate([self._pending, samples.astype(numpy.float64)])
        count = max(0, (len(whole) - len(_DOWN)) // 2 + 1) if len(whole) >= len(_DOWN) else 0
        self._pending = whole[2 * count :]
        if count == 0:
            return numpy.zeros(0, dtype=numpy.int16)
        out = numpy.correlate(whole[: 2 * (count - 1) + len(_DOWN)], _DOWN, mode="valid")[::2]
        return numpy.clip(numpy.rint(out), -32768, 32767).astype(numpy.int16)

    def flush(self):
        return self.push(numpy.zeros(self._half, dtype=numpy.int16))
