"""The rules of src/workers/ear/segmenter.ts, which the contract suite holds both to.

Pure: time is the number of windows seen, so the same audio gives the same events
however late it comes.
"""

from dataclasses import dataclass
from typing import Optional, Union

WINDOW_MS = 32
# A window is measured in this many parts, so that the end of speech is known better than to a window.
PARTS = 4
# A window begins speech from here.
ON = 0.5
# Speech goes on down to here, as long as it is loud enough.
OFF = 0.15
# Speech of two windows is more than a click; one window is not.
MIN_WINDOWS = 2
# The model is sure one window after a soft onset.
ONSET_LAG_MS = WINDOW_MS
# So far below the loudest part is room or line, whatever the model still believes.
BELOW_PEAK_DB = 36.0
# How fast the loudest part is forgotten, dB a window.
PEAK_DECAY_DB = 0.1
QUIETEST_DB = -96.0


@dataclass(frozen=True)
class SpeechBegan:
    at_ms: float


@dataclass(frozen=True)
class PauseBegan:
    segment: int
    last_speech_ms: float
    detected_ms: float


SegmentEvent = Union[SpeechBegan, PauseBegan]


class Segmenter:
    def __init__(self, pause_ms):
        self._pause_ms = pause_ms
        self._windows = 0
        self._segment = 0
        self._peak_db = QUIETEST_DB
        self._state = "silence"
        self._candidate_ms = 0.0
        self._last_speech_ms = 0.0
        self._speech_windows = 0
        # Those of the speech that goes on now, or may begin now.
        self._run_windows = 0

    @property
    def now_ms(self) -> int:
        """Audio time that was judged so far."""
        return self._windows * WINDOW_MS

    @property
    def speaking(self) -> bool:
        return self._state == "speech"

    @property
    def speech_ms(self) -> int:
        """How long speech was heard since the last `forget_speech`."""
        return self._speech_windows * WINDOW_MS

    def forget_speech(self):
        """Counts from here; speech that goes on now still counts from its own beginning."""
        self._speech_windows = self._run_windows

    def push(self, probability, levels) -> Optional[SegmentEvent]:
        start_ms = self.now_ms
        self._windows += 1
        loud = self._loud_parts(probability, levels)
        heard = loud > 0 and probability >= (OFF if self.speaking else ON)
        if heard:
            self._speech_windows += 1
            self._run_windows += 1
            self._last_speech_ms = start_ms + loud * WINDOW_MS / PARTS
        if self.speaking:
            return None if heard else self._on_silence()
        return self._on_onset(start_ms) if heard else self._on_nothing(probability)

    def finish(self) -> Optional[SegmentEvent]:
        """The stream ends: speech that goes on ends with it."""
        return self._pause() if self.speaking else None

    def _loud_parts(self, probability, levels) -> int:
        loudest = max(levels) if probability >= ON else QUIETEST_DB
        self._peak_db = max(self._peak_db - PEAK_DECAY_DB, loudest)
        loud = [index for index, level in enumerate(levels) if level >= self._peak_db - BELOW_PEAK_DB]
        return loud[-1] + 1 if loud else 0

    def _on_onset(self, start_ms) -> Optional[SegmentEvent]:
        if self._state == "silence":
            self._state = "maybe"
            self._candidate_ms = max(0, start_ms - ONSET_LAG_MS)
        if self._run_windows < MIN_WINDOWS:
            return None
        self._state = "speech"
        return SpeechBegan(self._candidate_ms)

    def _on_nothing(self, probability) -> None:
        # Between two windows of a soft onset the model may waver; below OFF it was a click.
        if self._state == "maybe" and probability < OFF:
            self._state = "silence"
            self._speech_windows = max(0, self._speech_windows - self._run_windows)
            self._run_windows = 0

    def _on_silence(self) -> Optional[SegmentEvent]:
        return self._pause() if self.now_ms - self._last_speech_ms >= self._pause_ms else None

    def _pause(self) -> SegmentEvent:
        self._state = "silence"
        self._run_windows = 0
        self._segment += 1
        return PauseBegan(self._segment, self._last_speech_ms, self.now_ms)
