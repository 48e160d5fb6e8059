"""What the program takes, checked. ValueError names the key that is wrong."""

import re
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Tls:
    cert_file: str
    key_file: str
    ca_file: Optional[str]


@dataclass(frozen=True)
class Options:
    listen: str
    tls: Optional[Tls]
    log_level: str
    tied_to_stdin: bool
    drain_ms: int
    capacity: int
    recognizer_threads: int
    vad_file: str
    model: str
    model_directory: str
    # BCP 47 primary tags; ["*"] is any that the model knows.
    languages: tuple
    # Serialised FileDescriptorProtos of ear.proto, base64, dependencies first.
    descriptors: tuple


def check_options(raw):
    tls = raw.get("tls")
    options = Options(
        listen=_text(raw, "listen"),
        tls=None if tls is None else Tls(_text(tls, "certFile"), _text(tls, "keyFile"), tls.get("caFile")),
        log_level=(raw.get("log") or {}).get("level", "info"),
        tied_to_stdin=raw.get("tiedToStdin") is True,
        drain_ms=_whole(raw, "drainMs", 0, 600_000, 5000),
        capacity=_whole(raw, "capacity", 1, 1000, 4),
        recognizer_threads=_whole(raw, "recognizer_threads", 1, 32, 1),
        vad_file=_text(raw, "vad_file"),
        model=_text(raw, "model"),
        model_directory=_text(raw, "model_directory"),
        languages=_texts(raw, "languages"),
        descriptors=_texts(raw, "descriptors"),
    )
    if options.tls is None and not is_local(options.listen):
        raise ValueError('a worker on a network address needs "tls"')
    return options


def is_local(address):
    """A unix socket or a loopback address: no stranger can connect."""
    return address.startswith("unix:") or re.fullmatch(r"(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost):\d+", address) is not None


def _text(raw, key):
    value = raw.get(key)
    if not isinstance(value, str) or value == "":
        raise ValueError(f'"{key}" must be a text')
    return value


def _texts(raw, key):
    value = raw.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise ValueError(f'"{key}" must be a list of texts')
    return tuple(value)


def _whole(raw, key, least, most, default):
    value = raw.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f'"{key}" must be a whole number from {least} to {most}')
    return value
