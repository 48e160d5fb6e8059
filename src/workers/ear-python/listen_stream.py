"""One call's hearing: audio in, speech, pauses and words out. The counterpart of src/workers/ear/listen-stream.ts."""

import asyncio
import time

import numpy

from resample import Halver
from segmenter import WINDOW_MS, PauseBegan, Segmenter, SpeechBegan

# So much audio stays readable, so that speech can be fed from before it was recognised as such.
HISTORY_MS = 2000
# Soft consonants before the first window that the VAD is sure of.
BEFORE_SPEECH_MS = 250
# Shorter noises are decoded to words that nobody said.
LEAST_SPEECH_MS = 120


class ListenStream:
    def __init__(self, vad, recognizer, sample_rate, pause_ms, log, emit):
        """`emit` takes a name of ListenEvent's members and its fields."""
        self._vad = vad.open()
        self._recognizer = recognizer
        self._per_ms = sample_rate // 1000
        self._narrow = Halver() if sample_rate == 16000 else None
        self._segmenter = Segmenter(pause_ms)
        self._log = log
        self._emit = emit
        self._history = numpy.zeros(0, dtype=numpy.int16)
        self._received = 0
        # Samples that the recogniser has had, or that were passed over as silence.
        self._fed_to = 0
        # Sample from which the speech that goes on now was fed.
        self._run_from = 0
        self._run_start_ms = 0.0
        # Sample count at a reset that waits for the audio before it.
        self._reset_at = None
        # Begin of the words since the last reset; None while there are none.
        self._turn_start_ms = None
        self._decoding = None

    def push(self, samples):
        self._history = numpy.concatenate([self._history, samples])[-HISTORY_MS * self._per_ms :]
        self._received += len(samples)
        self._judge(samples if self._narrow is None else self._narrow.push(samples))

    def reset(self):
        """Forgets the words so far. Speech that goes on belongs to the next turn."""
        self._reset_at = self._received
        self._reset_if_due()

    async def finish(self):
        """The sender has no more audio: judges what is left, decodes, and returns when the last transcript was emitted."""
        if self._narrow is not None:
            self._judge(self._narrow.flush())
        event = self._segmenter.finish()
        if event is not None:
            self._on_event(event)
        if self._decoding is not None:
            await asyncio.wait([self._decoding])

    def close(self):
        self._stop_decoding()
        self._recognizer.reset(0)

    def _judge(self, narrow):
        for probability, levels in self._vad.push(narrow):
            event = self._segmenter.push(probability, levels)
            if isinstance(event, SpeechBegan):
                self._on_event(event)
            if self._segmenter.speaking or isinstance(event, PauseBegan):
                self._feed_to(self._segmenter.now_ms * self._per_ms)
            if isinstance(event, PauseBegan):
                self._on_event(event)
            self._reset_if_due()

    def _reset_if_due(self):
        if self._reset_at is None or self._reset_at >= (self._segmenter.now_ms + WINDOW_MS) * self._per_ms:
            return
        self._reset_at = None
        self._stop_decoding()
        keeps = self._segmenter.speaking
        self._recognizer.reset(self._fed_to - self._run_from if keeps else 0)
        self._segmenter.forget_speech()
        self._turn_start_ms = self._run_start_ms if keeps else None

    def _on_event(self, event):
        if isinstance(event, SpeechBegan):
            # More words come: whatever is being decoded would be stale, and the next pause decodes it all.
            self._stop_decoding()
            self._fed_to = max(self._fed_to, int((event.at_ms - BEFORE_SPEECH_MS) * self._per_ms))
            self._run_from = self._fed_to
            self._run_start_ms = event.at_ms
            if self._turn_start_ms is None:
                self._turn_start_ms = event.at_ms
            self._emit("speech", at_ms=event.at_ms)
            return
        self._emit("pause", segment=event.segment, last_speech_ms=event.last_speech_ms, detected_ms=event.detected_ms)
        self._decoding = asyncio.ensure_future(self._decode(event.segment, event.last_speech_ms))

    def _stop_decoding(self):
        if self._decoding is not None:
            self._decoding.cancel()
            self._decoding = None
        self._recognizer.give_up()

    def _feed_to(self, end):
        oldest = self._received - len(self._history)
        start = max(self._fed_to, oldest)
        self._fed_to = end
        # A filter's look ahead lets the judgement be a little behind what was received, never ahead of it.
        if end > start:
            self._recognizer.feed(self._history[start - oldest : end - oldest].copy())

    async def _decode(self, segment, end_ms):
        start_ms = end_ms if self._turn_start_ms is None else self._turn_start_ms
        began = time.monotonic()
        text, confidence = "", -1.0
        if self._segmenter.speech_ms >= LEAST_SPEECH_MS:
            try:
                text, confidence = await self._recognizer.recognize()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the call goes on: as if nothing had been understood
                self._log.error("decoding failed", type=type(error).__name__)
        took_ms = (time.monotonic() - began) * 1000
        self._emit("transcript", segment=segment, text=text, confidence=confidence, start_ms=start_ms, end_ms=end_ms, decode_ms=took_ms)
