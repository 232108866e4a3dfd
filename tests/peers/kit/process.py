"""Processes that are always ended, with all that they started, and whose output can be read meanwhile."""

import atexit
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

# What says which platform this is: no program gets it from whoever runs the suites.
_PLATFORM = re.compile(r"(PORT|HOST|OMNIFN_.*|AWS_LAMBDA_.*|_HANDLER|_X_AMZN_.*|FUNCTION_.*|FUNCTIONS_.*|K_.*|CLOUD_RUN_.*)$")

_running = []


class Process:
    """A process in a session of its own; `with` ends it."""

    def __init__(self, name, command, env=None, cwd=None):
        """Starts it. `env` is added to this process's environment, without what that says of a platform."""
        self.name, self._family = name, set()
        self.output = tempfile.TemporaryFile()
        base = {key: value for key, value in os.environ.items() if not _PLATFORM.match(key)}
        with _signals_wait():
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env={**base, **(env or {})},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=self.output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            _running.append(self)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.stop()
        if error is not None:
            print(f"      the end of what {self.name} wrote:")
            for line in self.log().splitlines()[-25:]:
                print(f"      | {line[:400]}")

    @property
    def pid(self):
        return self._process.pid

    def exit_code(self):
        """The exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout):
        """Waits for its end and gives the exit code; None where it did not end in time."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def log(self):
        """What it has written so far."""
        return os.pread(self.output.fileno(), 1 << 22, 0).decode(errors="replace")

    def wait_for_port(self, port, host="127.0.0.1", timeout=20):
        """Waits until it listens."""
        self.wait_until(lambda: _listens(host, port), f"does not listen on {host}:{port}", timeout)

    def wait_until(self, ready, why, timeout):
        """Waits until `ready` holds, as long as the process runs."""
        end = time.monotonic() + timeout
        while not ready():
            if self.exit_code() is not None:
                raise RuntimeError(f"{self.name} ended with exit code {self.exit_code()}")
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} {why} within {timeout} s")
            time.sleep(0.025)

    def signal(self, number):
        """Sends a signal to this process alone."""
        self._process.send_signal(number)

    def stop(self):
        """Ends it and all that it started, in whatever session. Cut off by a signal, it begins again when Python ends."""
        if self not in _running:
            return
        for number, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 5)):
            self._family = _family(self.pid, self._family)
            for pid, _ in self._family:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            end = time.monotonic() + patience
            while self._family and time.monotonic() < end:
                self._process.poll()
                time.sleep(0.02)
                self._family = _family(self.pid, self._family)
        self._process.poll()
        _running.remove(self)


def run(command, env=None, cwd=None, timeout=120):
    """Runs a command to its end and gives what it wrote; that is the error where it fails or takes too long."""
    words = " ".join(str(part) for part in command)
    process = Process(words, command, env=env, cwd=cwd)
    try:
        code = process.wait(timeout)
    finally:
        process.stop()
    if code != 0:
        why = f"exit code {code}" if code is not None else f"no end within {timeout} s"
        raise RuntimeError(f"{words}: {why}\n{process.log()[-3000:]}")
    return process.log()


def _family(session, known):
    """The living processes of a session, those that are `known`, and all that they started: each with the time of its start."""
    parents, family = {}, set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if fields[0] in "ZX":
            continue
        one = (int(entry.name), fields[19])
        parents[one] = int(fields[1])
        if fields[3] == str(session) or one in known:
            family.add(one)
    while more := {one for one, parent in parents.items() if parent in {pid for pid, _ in family}} - family:
        family |= more
    return family


def _listens(host, port):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def free_port():
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def is_free(port):
    """Whether this very port can be had, on every address."""
    try:
        with socket.create_server(("", port)):
            return True
    except OSError:
        return False


@atexit.register
def _stop_all():
    for process in list(_running):
        process.stop()


# A signal ends this process by way of `atexit`, so that none of its children stays; but not while one is being started.
_waiting = None


def _told(number, _frame):
    if _waiting is None:
        sys.exit(128 + number)
    _waiting.append(number)


@contextmanager
def _signals_wait():
    global _waiting
    _waiting = []
    try:
        yield
    finally:
        told, _waiting = _waiting, None
    if told:
        sys.exit(128 + told[0])


for _number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, _told)
