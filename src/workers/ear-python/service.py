"""The ear service: the rules of src/workers/ear/service.ts."""

import asyncio

import grpc
import numpy

from listen_stream import ListenStream
from protocol import SERVICE
from recognizer import Recognizer

ENGINE = "whisper"
DEFAULT_PAUSE_MS = 120
# Events that a reader may leave unread; more mean that it has gone.
LONGEST_BACKLOG = 256


class Refused(Exception):
    """INVALID_ARGUMENT."""


class Ear:
    def __init__(self, protocol, vad, model, pool, options, log):
        self._protocol = protocol
        self._vad = vad
        self._model = model
        self._pool = pool
        self._options = options
        self._log = log
        self._open = 0
        self.draining = False

    def handler(self):
        protocol = self._protocol
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Listen": grpc.stream_stream_rpc_method_handler(self._listen, protocol.ListenRequest.FromString, protocol.ListenEvent.SerializeToString),
                "Describe": grpc.unary_unary_rpc_method_handler(self._describe, protocol.DescribeRequest.FromString, protocol.DescribeReply.SerializeToString),
            },
        )

    async def _describe(self, _request, _context):
        reply = self._protocol.DescribeReply(capacity=self._options.capacity, open_streams=self._open)
        reply.engines.add(name=ENGINE, model=self._options.model, languages=list(self._options.languages))
        return reply

    async def _listen(self, requests, context):
        if self.draining:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "The ear worker is closed.")
        if self._open >= self._options.capacity:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "The ear worker is busy.")
        self._open += 1
        try:
            await self._serve(requests, context)
        except Refused as refused:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(refused))
        finally:
            self._open -= 1

    async def _serve(self, requests, context):
        events = asyncio.Queue()
        reading = asyncio.ensure_future(self._read(requests, events))
        reading.add_done_callback(lambda _done: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                await context.write(event)
            await reading
        finally:
            reading.cancel()

    async def _read(self, requests, events):
        """Each message is judged before the next is read, so that a sender who is too fast is slowed down by flow control."""
        stream = None
        rate = 8000
        try:
            async for request in requests:
                kind = request.WhichOneof("kind")
                if kind == "start":
                    if stream is not None:
                        raise Refused("a second start")
                    rate = request.start.sample_rate_hz
                    stream = self._start(request.start, events)
                elif kind == "audio":
                    if stream is None:
                        raise Refused("audio before start")
                    if events.qsize() > LONGEST_BACKLOG:
                        raise Refused("events are not read")
                    stream.push(samples_of(request.audio, rate))
                elif kind == "reset":
                    if stream is not None:
                        stream.reset()
                else:
                    raise Refused("an empty message")
            if stream is not None:
                await stream.finish()
        finally:
            if stream is not None:
                stream.close()

    def _start(self, start, events):
        if start.sample_rate_hz not in (8000, 16000):
            raise Refused("sample_rate_hz must be 8000 or 16000")
        pause_ms = start.pause_ms or DEFAULT_PAUSE_MS
        if not 60 <= pause_ms <= 2000:
            raise Refused("pause_ms must be 60 to 2000")
        if start.engine not in ("", ENGINE):
            raise Refused("unknown engine")
        primary = start.language.split("-")[0].lower()
        if not self._hears(primary):
            raise Refused("no engine for this language")

        def emit(name, **fields):
            events.put_nowait(self._protocol.ListenEvent(**{name: fields}))

        emit("opened", engine=ENGINE, model=self._options.model)
        return ListenStream(self._vad, Recognizer(self._pool, start.sample_rate_hz, start.language), start.sample_rate_hz, pause_ms, self._log, emit)

    def _hears(self, primary):
        languages = self._options.languages
        return ("*" in languages or primary in languages) and self._model.knows(primary)


def samples_of(chunk, rate):
    """10 to 100 ms of 16-bit little-endian samples."""
    ms = len(chunk) / 2 / rate * 1000
    if len(chunk) % 2 != 0 or not 10 <= ms <= 100:
        raise Refused("a chunk must be 10 to 100 ms of whole samples")
    return numpy.frombuffer(chunk, dtype="<i2").astype(numpy.int16)
