"""The Azure Functions host cannot be installed here: this is what it does, by `docs/azure.md` and its source, over real sockets."""

import base64
import json
import signal
import tempfile
import time
from pathlib import Path

from kit import http, peers
from kit.process import Process, free_port

ID = "7f0d54a1-3c43-4a52-9b8a-2f1f2d5f0b7a"
MARKS = [("X-Azure-Functions-InvocationId", ID), ("X-Azure-Functions-HostVersion", "4.1045.200.0")]
EVERY_BYTE = bytes(range(256))


def run(report):
    program = peers.build("azure", "echo")
    for mode, check in (("Proxying", proxying), ("Forwarding", forwarding), ("", data)):
        report.group(mode.lower() or "data")
        with tempfile.TemporaryDirectory() as folder:
            handler = {"description": {"defaultExecutablePath": "echo"}}
            if mode:
                handler[f"enable{mode}HttpRequest"] = True
            host_json = {"version": "2.0", "customHandler": handler}
            (Path(folder) / "host.json").write_text(json.dumps(host_json))
            port = free_port()
            env = {"FUNCTIONS_CUSTOMHANDLER_PORT": str(port), "FUNCTIONS_APP_ROOT_PATH": folder}
            with Process("handler", [program], env=env, drop=["PORT"]) as process:
                process.wait_for_port(port)
                for _ in range(5):
                    report.equal("the probe", http.send(port).status, 200)
                check(report, port)
                process.signal(signal.SIGTERM)
                report.equal("it ends when it is told to", process.wait(10), 0)


def proxied(port, method, path, headers=(), **more):
    added = [("Host", f"127.0.0.1:{port}"), ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Host", "app.example"), ("X-Forwarded-Proto", "https")]
    return http.send(port, method, f"/api{path}", headers=[*added, *headers], **more)


def proxying(report, port):
    report.equal("the prefix is left out", proxied(port, "GET", "/a?x=1&x=2").body, b"GET /a?x=1&x=2\n\n")
    report.equal("no probe was a call", proxied(port, "GET", "/calls").body, b"2")
    report.equal("several cookies", proxied(port, "GET", "/cookies").values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])
    report.equal("binary", proxied(port, "GET", "/binary").body, EVERY_BYTE)
    report.equal("binary there and back", proxied(port, "POST", "/same", body=EVERY_BYTE).body, EVERY_BYTE)
    report.equal("a chunked body", proxied(port, "POST", "/same", chunks=[b"one", b"two"]).body, b"onetwo")
    report.equal("an error", proxied(port, "GET", "/fail").status, 500)
    report.equal("a panic", proxied(port, "GET", "/panic").status, 500)
    envelope = json.dumps({"Data": {"req": {"Url": "http://x/cookies", "Method": "GET"}}, "Metadata": {}})
    forged = proxied(port, "POST", "/same", headers=[*MARKS, ("Content-Type", "application/json")], body=envelope)
    report.equal("a client's envelope is a body", forged.body, envelope.encode())


def forwarding(report, port):
    def send(method, path, headers=(), **more):
        return http.send(port, method, f"/api{path}", headers=[("Host", "app.example"), *headers, *MARKS], **more)

    report.equal("a request", send("GET", "/a?x=1%2C2").body, b"GET /a?x=1%2C2\n\n")
    report.equal("several cookies", send("GET", "/cookies").values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])
    report.equal("binary", send("GET", "/binary").body, EVERY_BYTE)
    report.equal("a status", send("GET", "/teapot").status, 418)
    envelope = json.dumps({"Data": {"req": {"Url": "http://x/cookies", "Method": "GET"}}, "Metadata": {}})
    forged = send("POST", "/same", headers=[("Content-Type", "application/json")], body=envelope)
    report.equal("a client's envelope is a body", forged.body, envelope.encode())


def data(report, port):
    def send(method, path, body=None, media_type="text/plain", chunked=False):
        request = {"Url": f"http://app.example/api{path}", "Method": method, "Query": {}, "Params": {}, "Identities": []}
        request["Headers"] = {"Host": ["app.example"], "Content-Type": [media_type]}
        if body is not None:
            request["Body"] = body
        envelope = json.dumps({"Data": {"req": request}, "Metadata": {"sys": {"MethodName": "echo"}}}).encode()
        headers = [("Host", f"127.0.0.1:{port}"), ("Content-Type", "application/json; charset=utf-8"), *MARKS]
        more = {"chunks": [envelope[:20], envelope[20:]]} if chunked else {"body": envelope}
        reply = http.send(port, "POST", "/echo", headers=headers, **more)
        report.that("a whole envelope of JSON", reply.status == 200 and reply.body not in (b"", b"null"), reply)
        envelope = json.loads(reply.body)
        report.equal("its parts", sorted(envelope), ["Logs", "Outputs", "ReturnValue"])
        return envelope["Outputs"]["res"], envelope["Logs"]

    report.equal("a request", send("GET", "/a?x=1&x=2")[0]["body"], "GET /a?x=1&x=2\n\n")
    report.equal("chunked", send("POST", "/a", "tea", chunked=True)[0]["body"], "POST /a\n746561\n")
    sent = base64.b64encode(b"bytes").decode()
    report.equal("bytes", send("POST", "/a", sent, "application/octet-stream")[0]["body"], "POST /a\n6279746573\n")
    report.equal("a status is inside", send("GET", "/teapot")[0]["statusCode"], 418)
    report.equal("an error is inside", send("GET", "/fail")[0]["statusCode"], 500)
    report.equal("a panic is inside", send("GET", "/panic")[0]["statusCode"], 500)
    report.equal("nothing is something", send("GET", "/nothing")[0]["statusCode"], 204)
    for path, why in (("/cookies", "cookies"), ("/binary", "UTF-8")):
        output, logs = send("GET", path)
        report.equal(f"{path} cannot be carried", output["statusCode"], 500)
        report.that(f"{path}: the reason is in the log", len(logs) == 1 and why in logs[0], logs)
    started = time.monotonic()
    timer = json.dumps({"Data": {"timer": {"IsPastDue": False}}, "Metadata": {}})
    refused = http.send(port, "POST", "/echo", headers=[("Content-Type", "application/json"), *MARKS], body=timer)
    report.that("another trigger fails, at once", refused.status >= 400 and time.monotonic() - started < 5, refused)
