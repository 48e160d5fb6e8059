"""Silero VAD v5 at 8 kHz."""

import numpy
import onnxruntime

from segmenter import PARTS, QUIETEST_DB

WINDOW_SAMPLES = 256
# The model wants the end of the previous window in front of each; without it, it answers nonsense and says nothing.
CONTEXT_SAMPLES = 32
STATE_SHAPE = (2, 1, 128)
RATE = numpy.array(8000, dtype=numpy.int64)


class SileroVad:
    def __init__(self, model_file):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model_file, options, providers=["CPUExecutionProvider"])

    def open(self):
        return VadStream(self._session)


class VadStream:
    """One stream's place in the model."""

    def __init__(self, session):
        self._session = session
        self._state = numpy.zeros(STATE_SHAPE, dtype=numpy.float32)
        self._context = numpy.zeros(CONTEXT_SAMPLES, dtype=numpy.float32)
        self._rest = numpy.zeros(0, dtype=numpy.int16)

    def push(self, samples):
        """Probability and levels (dBFS of each part) of each window that these samples complete."""
        waiting = numpy.concatenate([self._rest, samples])
        count = len(waiting) // WINDOW_SAMPLES
        self._rest = waiting[count * WINDOW_SAMPLES :]
        for index in range(count):
            window = waiting[index * WINDOW_SAMPLES : (index + 1) * WINDOW_SAMPLES].astype(numpy.float32) / 32768
            yield self._probability(window), levels_of(window)

    def _probability(self, window):
        whole = numpy.concatenate([self._context, window])[None, :]
        self._context = window[-CONTEXT_SAMPLES:]
        output, self._state = self._session.run(["output", "stateN"], {"input": whole, "state": self._state, "sr": RATE})
        return float(output[0, 0])


def levels_of(window):
    rms = numpy.sqrt(numpy.mean(numpy.square(window.reshape(PARTS, -1)), axis=1))
    return [float(20 * numpy.log10(one)) if one > 0 else QUIETEST_DB for one in rms]
