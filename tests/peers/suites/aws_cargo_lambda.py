"""`cargo lambda watch` serves a user's crate through its route for Function URLs."""

import os
from pathlib import Path

from kit import http, peers
from kit.process import Process, free_port


def run(report):
    tools = peers.python("cargo-lambda")
    port = free_port()
    command = [tools / "cargo-lambda", "lambda", "watch", "--ignore-changes", "--invoke-port", port, "--invoke-address", "127.0.0.1"]
    command += ["--no-default-features", "--features", "aws"]
    env = {
        "CARGO_TARGET_DIR": str(peers.BUILD),
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
    }
    peers.build("aws", "echo")
    with Process("cargo lambda", command, env=env, cwd=Path(peers.APP)) as process:
        process.wait_for_port(port, timeout=60)

        def send(method, path, **more):
            return http.send(port, method, f"/lambda-url/echo{path}", timeout=120, **more)

        report.equal("a request", send("GET", "/a/b?x=1&x=2").body, b"GET /a/b?x=1&x=2\n\n")
        report.equal("dots stay", send("GET", "/a/../b%2Fc").body, b"GET /a/../b%2Fc\n\n")
        report.equal("a body", send("POST", "/a", body="tea").body, b"POST /a\n746561\n")
        report.equal("binary out", send("GET", "/binary").body, bytes(range(256)))
        report.equal("binary there and back", send("POST", "/same", body=bytes(range(256)), headers=[("content-type", "application/octet-stream")]).body, bytes(range(256)))
        report.equal("several cookies", send("GET", "/cookies").values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])
        report.equal("a redirect", send("GET", "/redirect").value("location"), "/elsewhere?x=1")
        report.equal("an error", send("GET", "/fail").status, 500)
        report.equal("a panic", send("GET", "/panic").status, 500)
        report.equal("and then", send("GET", "/teapot").status, 418)
