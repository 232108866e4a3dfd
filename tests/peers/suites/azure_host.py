"""The Azure Functions host sends the same requests in each of its three ways. It cannot be installed here: `kit/functions_host.py`
is a model of it, over real sockets."""

import json
import re
import signal
import time

from kit import crates, peers
from kit.functions_host import Host

TEXT, BYTES = [("Content-Type", "text/plain")], [("Content-Type", "application/octet-stream")]
EVERY_BYTE = bytes(range(256))
ENVELOPE = json.dumps({"Data": {"req": {"Url": "http://x/cookies", "Method": "GET"}}, "Metadata": {}})

# A request, and what the client gets: status and body; where the three ways differ, for each way.
CASES = {
    "a request": (("GET", "/a/b?x=1"), (200, b"GET /a/b?x=1\n\n")),
    "an encoded path": (("GET", "/a%2Fb/%20c"), (200, b"GET /a%2Fb/%20c\n\n")),
    "a key given twice": (
        ("GET", "/a?x=1&x=2"),
        # The envelope has the URL beside the joined values.
        {"Proxying": (200, b"GET /a?x=1&x=2\n\n"), "Forwarding": (200, b"GET /a?x=1%2C2\n\n"), "": (200, b"GET /a?x=1&x=2\n\n")},
    ),
    "a header given twice": (
        ("GET", "/a", [("X-Sent", "1"), ("X-Sent", "2")]),
        {
            "Proxying": (200, b"GET /a\nx-sent: 1, 2\n\n"),
            "Forwarding": (200, b"GET /a\nx-sent: 1, 2\n\n"),
            "": (200, b"GET /a\nx-sent: 1\nx-sent: 2\n\n"),
        },
    ),
    "a body with its length": (("POST", "/a", TEXT, "tea"), (200, b"POST /a\n746561\n")),
    "a body in chunks": (
        ("POST", "/same", TEXT, None, [b"one", b"two"]),
        # The host's own faults: one way does not call the handler, one leaves the body out.
        {"Proxying": (200, b"onetwo"), "Forwarding": (500, b""), "": (200, b"")},
    ),
    "a body that looks like the host's envelope": (
        ("POST", "/same", [("Content-Type", "application/json")], ENVELOPE),
        (200, ENVELOPE.encode()),
    ),
    "binary in": (("POST", "/a", BYTES, EVERY_BYTE), (200, b"POST /a\n" + EVERY_BYTE.hex().encode() + b"\n")),
    "binary out": (
        ("GET", "/binary"),
        {"Proxying": (200, EVERY_BYTE), "Forwarding": (200, EVERY_BYTE), "": (500, None)},
    ),
    "binary there and back": (
        ("POST", "/same", BYTES, EVERY_BYTE),
        {"Proxying": (200, EVERY_BYTE), "Forwarding": (200, EVERY_BYTE), "": (500, None)},
    ),
    "a stream": (("GET", "/stream"), (200, b"part 0\npart 1\npart 2\n")),
    "a status": (("GET", "/teapot"), (418, b"short and stout\n")),
    "a 404 of the function's": (("GET", "/missing"), (404, b"not here\n")),
    "no content": (("GET", "/nothing"), (204, b"")),
    "DELETE": (("DELETE", "/a"), (200, b"DELETE /a\n\n")),
    "an error": (("GET", "/fail"), (500, None)),
    "a panic": (("GET", "/panic"), (500, None)),
    "and then": (("GET", "/a"), (200, b"GET /a\n\n")),
}


def run(report):
    program = crates.build(crates.app(), "echo", "azure")
    # Of each, where the program learns of host.json from.
    hosts = {
        "proxying, host.json by the variable": dict(mode="Proxying"),
        "proxying, the host.json of docs/azure.md": dict(mode="Proxying", prefix="", host_json=documented()),
        "forwarding, host.json in the working directory": dict(mode="Forwarding", variable=False),
        "data, host.json by the variable": dict(mode=""),
    }
    for title, options in hosts.items():
        report.group(title)
        with Host(program, "echo", **options) as host:
            for _ in range(5):
                answer = host.probe()
            report.equal("the probe", (answer.status, answer.body), (200, b""))
            report.equal("no probe reached the function", host.ask("GET", "/calls").body, b"1")
            same(report, host)
            {"Proxying": proxying, "Forwarding": forwarding, "": data}[host.mode](report, host)
            report.equal("it still answers the probe", host.probe().status, 200)
            host.process.signal(signal.SIGTERM)
            report.equal("SIGTERM ends it with", host.process.wait(10), 0)


def documented():
    text = (peers.ROOT / "docs" / "azure.md").read_text()
    return next(json_ for json_ in re.findall(r"^```json\n(.*?)^```", text, re.S | re.M) if "customHandler" in json_)


def same(report, host):
    for name, (request, wanted) in CASES.items():
        status, body = wanted[host.mode] if isinstance(wanted, dict) else wanted
        reply = report.raises_nothing(name, lambda: host.ask(*request))
        if reply is not None:
            report.equal(name, (reply.status, reply.body if body is not None else None), (status, body))
    redirect = host.ask("GET", "/redirect")
    report.equal("a redirect", (redirect.status, redirect.value("location")), (303, "/elsewhere?x=1"))


def proxying(report, host):
    cookies = host.ask("GET", "/cookies")
    report.equal("several cookies", cookies.values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])


def forwarding(report, host):
    cookies = host.ask("GET", "/cookies")
    report.equal("several cookies leave the handler", cookies.values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])


def data(report, host):
    for path, why in (("/cookies", "several cookies"), ("/binary", "not UTF-8")):
        host.logs.clear()
        report.equal(f"{path} cannot be carried", host.ask("GET", path).status, 500)
        report.that(f"{path}: the host's log says why", any(why in line for line in host.logs), host.logs)
    request = {"Url": "http://app.example/api/fail", "Method": "GET", "Headers": {}, "Query": {}, "Params": {}}
    envelope = {"Data": {"req": request}, "Metadata": {}}
    for name, path, status in (("a status", "/api/teapot", 418), ("an error", "/api/fail", 500), ("a panic", "/api/panic", 500)):
        request["Url"] = f"http://app.example{path}"
        reply = host.post(envelope)
        said = json.loads(reply.body)
        report.equal(f"{name}: 200 around it", (reply.status, said["Outputs"]["res"]["statusCode"]), (200, status))
    report.equal("a whole envelope", sorted(said), ["Logs", "Outputs", "ReturnValue"])
    reply = host.post(envelope, chunks=20)
    report.equal("an envelope in chunks", json.loads(reply.body)["Outputs"]["res"]["statusCode"], 500)
    before = int(host.ask("GET", "/calls").body)
    for name, sent in {
        "an event of a timer": {"Data": {"timer": {"IsPastDue": False}}, "Metadata": {"sys": {}}},
        "an envelope cut short": json.dumps(envelope).encode()[:-3],
        "no envelope": b"[]",
        "nothing": b"",
    }.items():
        started = time.monotonic()
        reply = host.post(sent)
        took = time.monotonic() - started
        # Any status but 2xx is a failure to the host; an empty 2xx would hang.
        report.that(f"{name} fails, at once", reply.status >= 400 and took < 2, (reply, took))
    report.equal("and reaches no function", int(host.ask("GET", "/calls").body), before + 1)
