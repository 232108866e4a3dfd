"""`cargo lambda watch` serves a user's crate through its route for Function URLs, as docs/deploy/aws.md describes; `invoke` sends an event."""

import json
import os
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

from kit import crates, http, peers
from kit.emulator import fixture
from kit.process import Process, free_port
from kit.process import run as run_command

EVERY_BYTE = bytes(range(256))


def run(report):
    tools = peers.python("cargo-lambda")
    env = {**crates.ENV, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}

    report.group("README's crate by the guide's command")
    guide = (peers.ROOT / "docs" / "deploy" / "aws.md").read_text()
    watch, url = re.search(r"^cargo (lambda watch.*)\ncurl (.*)$", guide, re.M).groups()
    report.that("the guide names cargo lambda's own port", urlsplit(url).port == 9000, url)
    hello = crates.hello()
    crates.build(hello, "hello", "aws")
    with watching(env, hello, watch.split()) as port:
        reply = http.send(port, target=urlsplit(url).path, timeout=120)
        report.equal(url, (reply.status, reply.body), (200, b"Hello, world!"))

    report.group("requests")
    app = crates.app()
    crates.build(app, "echo", "aws")
    with watching(env, app, watch.split()) as port:

        def send(method, path, **more):
            return http.send(port, method, f"/lambda-url/echo{path}", timeout=120, **more)

        def binary(path):
            return send("POST", path, body=EVERY_BYTE, headers=[("content-type", "application/octet-stream")]).body

        report.equal("a request", send("GET", "/a/b?x=1&x=2").body, b"GET /a/b?x=1&x=2\n\n")
        report.equal("dots stay", send("GET", "/a/../b%2Fc").body, b"GET /a/../b%2Fc\n\n")
        report.equal("a header", send("GET", "/a", headers=[("X-Sent", "tea")]).body, b"GET /a\nx-sent: tea\n\n")
        report.equal("a body", send("POST", "/a", body="tea").body, b"POST /a\n746561\n")
        for method in ("PUT", "PATCH", "DELETE"):
            report.equal(method, send(method, "/a").body, f"{method} /a\n\n".encode())
        report.equal("binary in", binary("/a"), b"POST /a\n" + EVERY_BYTE.hex().encode() + b"\n")
        report.equal("binary out", send("GET", "/binary").body, EVERY_BYTE)
        report.equal("binary there and back", binary("/same"), EVERY_BYTE)
        report.equal("several cookies", send("GET", "/cookies").values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])
        redirect = send("GET", "/redirect")
        report.equal("a redirect", (redirect.status, redirect.value("location")), (303, "/elsewhere?x=1"))
        report.equal("an error", send("GET", "/fail").status, 500)
        report.equal("a panic", send("GET", "/panic").status, 500)
        report.equal("and then", send("GET", "/teapot").status, 418)

        event = crates.FOLDER / "event.json"
        event.write_text(json.dumps(fixture("v2_get")))
        invoke = ["cargo", "lambda", "invoke", "echo", "--data-file", event]
        invoke += ["--invoke-port", port, "--invoke-address", "127.0.0.1"]
        said = report.raises_nothing("invoke", lambda: run_command(invoke, env=env, cwd=app, timeout=60))
        if said is not None:
            report.contains("invoke", said, "GET /notes?q=tea&limit=2")

    report.group("events")
    crates.build(app, "events", "aws")
    with watching(env, app, watch.split()) as port:
        folder = peers.ROOT / "adapters" / "aws" / "fixtures" / "events"
        failed = '{"batchItemFailures":[{"itemIdentifier":"2e1424d4-f796-459a-8184-9c92662be6da"},{"itemIdentifier":"3"}]}'
        for case, wanted in (("sqs_partial_failure", failed), ("eventbridge", "null")):
            event.write_text(json.dumps(json.loads((folder / case / "in.json").read_text())["body"]["json"]))
            invoke = ["cargo", "lambda", "invoke", "events", "--data-file", event]
            invoke += ["--invoke-port", port, "--invoke-address", "127.0.0.1"]
            said = report.raises_nothing(f"invoke {case}", lambda: run_command(invoke, env=env, cwd=app, timeout=60))
            if said is not None:
                report.contains(f"{case}: the reply", said, wanted)


@contextmanager
def watching(env, crate, words):
    port = free_port()
    command = ["cargo", *words, "--ignore-changes", "--invoke-port", port, "--invoke-address", "127.0.0.1"]
    with Process("cargo lambda watch", command, env=env, cwd=crate) as process:
        process.wait_for_port(port, timeout=60)
        yield port
