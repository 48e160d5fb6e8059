"""The words of one stream, and the threads that decode for all."""

import asyncio
import queue
import threading

import numpy

from resample import doubled

# Words older than this are decoded once and kept as text: the model's window has 30 s.
LONGEST_S = 26
# Of such texts so many are kept, about ten minutes: nobody's single turn is longer.
LONGEST_FRONT = 24
# The cut is made in the quietest 30 ms of this last stretch before the limit.
CUT_STRETCH_S = 4
CUT_S = 0.03
# More waiting decodings than this mean that the machine is too slow; the newest is refused.
LONGEST_QUEUE = 256


class Cancelled(Exception):
    """Speech went on, or the turn was taken: the answer would be stale."""


class DecodePool:
    """Decodings wait in order of arrival; a cancelled one costs nothing, or no more than its first half."""

    def __init__(self, model, threads):
        self._model = model
        self._jobs = queue.Queue(maxsize=LONGEST_QUEUE)
        for index in range(threads):
            threading.Thread(target=self._work, name=f"decode-{index}", daemon=True).start()

    def decode(self, samples, rate, language):
        """A future of (text, confidence). Cancelling the future gives the work up."""
        future = asyncio.get_running_loop().create_future()
        job = (future, samples, rate, language)
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            future.set_exception(RuntimeError("the decoding queue is full"))
        return future

    def _work(self):
        while True:
            future, samples, rate, language = self._jobs.get()
            if future.cancelled():
                continue
            try:
                wide = doubled(samples) if rate == 8000 else samples.astype(numpy.float32) / 32768
                answer, failure = self._model.transcribe(wide, language, future.cancelled), None
            except Exception as error:  # noqa: BLE001 - told to whoever waits
                answer, failure = None, error
            future.get_loop().call_soon_threadsafe(_settle, future, answer, failure)


def _settle(future, answer, failure):
    if future.done():
        return
    if failure is not None:
        future.set_exception(failure)
    elif answer is None:
        future.cancel()
    else:
        future.set_result(answer)


class Recognizer:
    """Fed only what the VAD takes for speech, with a little silence around it, in order."""

    def __init__(self, pool, rate, language):
        self._pool = pool
        self._rate = rate
        self._language = language
        self._pieces = []
        self._length = 0
        # Texts of what was cut off the front, in order.
        self._front = []
        self._rest = None

    def feed(self, samples):
        self._pieces.append(samples)
        self._length += len(samples)
        if self._length >= LONGEST_S * self._rate:
            self._cut_front()

    async def recognize(self):
        """All words since `reset`, and how sure they are. Cancelled if `give_up` comes before."""
        parts = list(self._front)
        if self._length > 0:
            self._rest = self._pool.decode(self._joined(), self._rate, self._language)
            parts.append(self._rest)
        texts = []
        for part in parts:
            texts.append(await asyncio.shield(part) if part is not self._rest else await part)
        said = [(text, sure) for text, sure in texts if text != ""]
        if not said:
            return "", -1.0
        between = "" if self._language.lower().startswith("zh") else " "
        letters = sum(len(text) for text, _ in said)
        return between.join(text for text, _ in said), sum(sure * len(text) for text, sure in said) / letters

    def give_up(self):
        """The decoding of what was said last is stale; that of the front is not."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def reset(self, keep):
        """Forgets all but the last `keep` samples that were fed."""
        self.give_up()
        for future in self._front:
            future.cancel()
        self._front = []
        whole = self._joined()
        kept = whole[max(0, len(whole) - keep) :] if keep > 0 else whole[:0]
        self._pieces, self._length = [kept], len(kept)

    def _joined(self):
        whole = numpy.concatenate(self._pieces) if self._pieces else numpy.zeros(0, dtype=numpy.int16)
        self._pieces = [whole]
        return whole

    def _cut_front(self):
        whole = self._joined()
        cut = quietest(whole, self._length - CUT_STRETCH_S * self._rate, int(CUT_S * self._rate))
        future = self._pool.decode(whole[:cut], self._rate, self._language)
        # It is awaited by the next `recognize`; until then nobody else handles its failure.
        future.add_done_callback(lambda done: None if done.cancelled() else done.exception())
        self._front = [*self._front, future][-LONGEST_FRONT:]
        self._pieces, self._length = [whole[cut:]], len(whole) - cut


def quietest(samples, start, length):
    """Middle of the quietest stretch from `start` on, so that the cut goes through a gap between words."""
    count = (len(samples) - start) // length
    stretches = numpy.abs(samples[start : start + count * length].astype(numpy.int32)).reshape(count, length).sum(axis=1)
    return start + int(stretches.argmin()) * length + length // 2
