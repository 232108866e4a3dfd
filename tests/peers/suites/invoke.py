"""A function that is invoked directly, as a service on Google Cloud and behind the three ways of the Azure Functions host."""

import json

from kit import crates, http
from kit.functions_host import Host
from kit.process import Process, free_port

JSON = [("Content-Type", "application/json")]

# Any JSON is a payload, also one that imitates what the platforms themselves send.
PAYLOADS = {
    "an object": {"message": "hello", "count": 7},
    "a text": "tea",
    "a list": [1, None, "two"],
    "null": None,
    "an envelope of Azure": {"Data": {"req": {"Url": "http://x/", "Method": "GET"}}, "Metadata": {}},
    "a push of Pub/Sub": {"message": {"data": "aGk=", "messageId": "1"}, "subscription": "projects/p/subscriptions/s"},
    "a CloudEvent": {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {}},
}


def run(report):
    program, port = crates.build(crates.app(), "typed", "gcp"), free_port()
    report.group("Google Cloud")
    with Process("omnifn", [program], env={"PORT": str(port), "FUNCTION_TARGET": "typed"}) as process:
        process.wait_for_port(port)
        invoked(report, lambda method, target, headers, body: http.send(port, method, target, headers, body))
        report.equal("another method", http.send(port, "GET", "/").status, 405)
    program = crates.build(crates.app(), "typed", "azure")
    for mode in ("Proxying", "Forwarding", ""):
        report.group(f"Azure, {mode or 'data'}")
        with Host(program, "typed", mode=mode) as host:
            invoked(report, host.ask)


def invoked(report, ask):
    for name, payload in PAYLOADS.items():
        reply = ask("POST", "/typed", JSON, json.dumps(payload))
        report.equal(name, (reply.status, json.loads(reply.body)), (200, {"payload": payload}))
    reply = ask("POST", "/typed", JSON, '{"message": ')
    report.equal("what is not JSON", (reply.status, json.loads(reply.body)["status"]), (400, 400))
    report.equal("nothing", ask("POST", "/typed", JSON, "").status, 400)
