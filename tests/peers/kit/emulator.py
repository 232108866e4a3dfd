"""AWS Lambda's Runtime Interface Emulator around a program."""

import json
from contextlib import contextmanager

from . import http, peers
from .process import Process, free_port

FIXTURES = peers.ROOT / "adapters" / "aws" / "fixtures" / "http"


def fixture(case, part="in"):
    """The event of a golden vector (`in`), or what else belongs to it."""
    found = json.loads((FIXTURES / case / f"{part}.json").read_text())
    return found if part == "call" else found["body"]["json"]


@contextmanager
def running(program, env=None):
    """Runs a program in the emulator, with more in its environment: gives the process and `invoke(event, headers)`, which is the reply of JSON."""
    binary, port = peers.emulator(), free_port()
    command = [binary, "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += ["--runtime-api-address", f"127.0.0.1:{free_port()}", program]
    env = {"AWS_LAMBDA_FUNCTION_TIMEOUT": "30", **(env or {})}
    with Process("the emulator", command, env=env) as process:
        process.wait_for_port(port)

        def invoke(event, headers=()):
            body = event if isinstance(event, bytes) else json.dumps(event)
            target = "/2015-03-31/functions/function/invocations"
            return json.loads(http.send(port, "POST", target, headers=headers, body=body, timeout=40).body)

        yield process, invoke
