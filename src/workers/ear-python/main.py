"""The ear worker in Python: Whisper behind the same ear.proto as the worker in TypeScript.

    python3 -I -S main.py '<JSON options>'

The options are those of src/workers/ear/options.ts, with what this program cannot find
by itself: where its packages lie, and the descriptors of ear.proto. Exit codes stand in
src/workers/exit-codes.ts.
"""

import asyncio
import json
import os
import signal
import sys
import threading

EXIT_OK, EXIT_USAGE, EXIT_MODEL, EXIT_LISTEN, EXIT_ORPHAN, EXIT_CRASH = 0, 64, 65, 66, 67, 70


def tie_to_stdin():
    """The pipe closes even when the parent is killed; a thread, because the loop may be busy then."""

    def watch():
        while os.read(0, 4096):
            pass
        os._exit(EXIT_ORPHAN)

    threading.Thread(target=watch, daemon=True).start()


def read_options():
    options = json.loads(sys.argv[1])
    if not isinstance(options, dict):
        raise ValueError("the first argument is not a JSON object")
    # The environment that `models pull` made, and nothing else: -I -S leave out the system's packages.
    sys.path.insert(0, options["packages_directory"])
    # Its libraries would otherwise start a thread a core, which only wait for each other.
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["GRPC_VERBOSITY"] = "ERROR"
    return options


def main():
    # -I leaves out this program's own directory, too.
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    try:
        raw = read_options()
        from options import check_options

        options = check_options(raw)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        print(json.dumps({"level": 60, "worker": "ear", "msg": f"options are not valid: {error}"}), file=sys.stderr)
        return EXIT_USAGE
    if options.tied_to_stdin:
        tie_to_stdin()
    from log import Log

    log = Log(options.log_level)
    try:
        from worker import CannotListen, CannotLoad, serve
    except ImportError as error:
        log.fatal("the Python environment is not whole", package=str(error.name))
        return EXIT_MODEL
    try:
        asyncio.run(serve(options, log, stop_signals()))
    except CannotLoad as error:
        log.fatal("a model cannot be loaded", file=str(error))
        return EXIT_MODEL
    except CannotListen as error:
        log.fatal("worker could not start", reason=str(error))
        return EXIT_LISTEN
    except Exception as error:  # noqa: BLE001 - the last word of a process that ends
        log.fatal("worker crashed", type=type(error).__name__, reason=str(error))
        return EXIT_CRASH
    return EXIT_OK


def stop_signals():
    """Called inside the loop: an event that SIGTERM and SIGINT set."""

    def install():
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return stop

    return install


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Threads of the libraries have nothing to save, and their clean-up may wait for a decoding.
    os._exit(code)
