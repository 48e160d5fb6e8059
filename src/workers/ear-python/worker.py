"""Loads the models, then listens: health says SERVING from the first moment that the socket exists."""

import json
import os

import grpc
import numpy
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from protocol import SERVICE, Protocol
from recognizer import DecodePool
from service import Ear
from vad import SileroVad
from whisper_model import RATE, WhisperModel

SERVER_OPTIONS = (
    # The limits keep a hostile client from eating the memory; audio messages are small.
    ("grpc.max_receive_message_length", 1 << 20),
    ("grpc.max_concurrent_streams", 2048),
    ("grpc.so_reuseport", 0),
    # Our clients ask every 1.5 s whether we live, also while no call is up; by default gRPC's core hangs up on whoever does.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
)


class CannotLoad(Exception):
    pass


class CannotListen(Exception):
    pass


async def serve(options, log, stop_signals):
    """Until a signal comes; then open streams may go on up to the drain limit."""
    vad, model = load(options)
    server = grpc.aio.server(options=SERVER_OPTIONS)
    ear = Ear(Protocol(options.descriptors), vad, model, DecodePool(model, options.recognizer_threads), options, log)
    server.add_generic_rpc_handlers((ear.handler(),))
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for name in ("", SERVICE):
        await servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    address = listen(server, options)
    stop = stop_signals()
    await server.start()
    log.info("worker listens", address=address, pid=os.getpid())
    # For whoever cannot know the port that the system chose.
    print(json.dumps({"address": address}), flush=True)
    await stop.wait()
    ear.draining = True
    await servicer.enter_graceful_shutdown()
    await server.stop(options.drain_ms / 1000)
    log.info("worker ended")


def load(options):
    try:
        vad = SileroVad(options.vad_file)
    except Exception as error:
        raise CannotLoad(options.vad_file) from error
    try:
        model = WhisperModel(options.model_directory, options.recognizer_threads)
        # The first run allocates; let no caller wait for that.
        language = next((one for one in options.languages if one != "*" and model.knows(one)), "en")
        model.transcribe(numpy.zeros(RATE, dtype=numpy.float32), language, lambda: False)
    except Exception as error:
        raise CannotLoad(options.model_directory) from error
    return vad, model


def listen(server, options):
    try:
        if options.tls is None:
            port = server.add_insecure_port(options.listen)
        else:
            port = server.add_secure_port(options.listen, credentials(options.tls))
    except (RuntimeError, OSError) as error:
        raise CannotListen(f"cannot listen on {options.listen}") from error
    if port == 0:
        raise CannotListen(f"cannot listen on {options.listen}")
    return options.listen if options.listen.startswith("unix:") else f"{options.listen.rpartition(':')[0]}:{port}"


def credentials(tls):
    """With an authority given, TLS is mutual: a client without a certificate is refused in the handshake."""

    def read(path):
        with open(path, "rb") as file:
            return file.read()

    authority = None if tls.ca_file is None else read(tls.ca_file)
    return grpc.ssl_server_credentials([(read(tls.key_file), read(tls.cert_file))], authority, authority is not None)
