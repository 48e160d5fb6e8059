"""Log lines of the form that the other workers write (pino). Speech never stands in one."""

import json
import sys
from datetime import datetime, timezone

LEVELS = {"trace": 10, "debug": 20, "info": 30, "warn": 40, "error": 50, "fatal": 60, "silent": 100}


class Log:
    def __init__(self, level):
        self._least = LEVELS.get(level, 30)

    def info(self, message, **fields):
        self._write("info", message, fields)

    def error(self, message, **fields):
        self._write("error", message, fields)

    def fatal(self, message, **fields):
        self._write("fatal", message, fields)

    def _write(self, level, message, fields):
        if LEVELS[level] < self._least:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"level": LEVELS[level], "time": now, "worker": "ear", **fields, "msg": message}
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)
