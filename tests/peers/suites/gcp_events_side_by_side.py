"""The same function of CloudEvents in omnifn and in Google's own frameworks for Node and Python, sent the same."""

import json
import re

from kit import crates, http
from kit.process import Process, free_port
from kit.report import NotRun
from suites.gcp_side_by_side import node, python

JSON, EVENT, BATCH = "application/json", "application/cloudevents+json", "application/cloudevents-batch+json"
ATTRIBUTES = {"specversion": "1.0", "id": "7", "source": "/shop", "type": "order.placed"}


def binary(content, media_type=JSON, without=(), **more):
    """An event whose attributes are headers."""
    attributes = {name: value for name, value in (ATTRIBUTES | more).items() if name not in without}
    headers = [(f"ce-{name}", value) for name, value in attributes.items()]
    return dict(method="POST", target="/", body=content, headers=[*headers, ("content-type", media_type)])


def structured(event, media_type=EVENT):
    body = event if isinstance(event, str) else json.dumps(event)
    return dict(method="POST", target="/", body=body, headers=[("content-type", media_type)])


# A Pub/Sub event as the first generation of functions had it.
LEGACY = {
    "context": {
        "eventId": "1215011316659232", "timestamp": "2020-05-18T12:13:19Z",
        "eventType": "google.pubsub.topic.publish",
        "resource": {"service": "pubsub.googleapis.com", "name": "projects/p/topics/news",
                     "type": "type.googleapis.com/google.pubsub.v1.PubsubMessage"},
    },
    "data": {"@type": "type.googleapis.com/google.pubsub.v1.PubsubMessage", "attributes": {"a": "b"}, "data": "dGVzdA=="},
}

# What is sent, and whether all are to have seen the same of it. Where one does, its event is compared.
CASES = {
    "binary": binary('{"item": "tea"}'),
    "binary, with a subject and an extension": binary('{"item": "tea"}', subject="orders/7", color="red"),
    "binary, a number as its data": binary("7"),
    "binary, a text of more than ASCII": binary(json.dumps({"item": "grüße"}, ensure_ascii=False).encode()),
    "binary, another media type of JSON": binary('{"item": "tea"}', "application/json; charset=utf-8"),
    "structured": structured({**ATTRIBUTES, "datacontenttype": JSON, "data": {"item": "tea"}}),
    "structured, with a subject and an extension": structured({**ATTRIBUTES, "subject": "s", "color": "red", "data": [1]}),
    "structured, with a charset": structured({**ATTRIBUTES, "data": {"item": "tea"}}, f"{EVENT}; charset=utf-8"),
    "the function fails": binary("{}", type="fail"),
    "binary, without an id": binary("{}", without=("id",)),
    "binary, without a type": binary("{}", without=("type",)),
    "binary, without a source": binary("{}", without=("source",)),
    "structured, cut off": structured('{"specversion": "1.0", "id"'),
    "structured, without an id": structured({name: value for name, value in ATTRIBUTES.items() if name != "id"}),
    "an event of the first generation": structured(LEGACY, JSON),
    "no event at all": structured({"item": "tea"}, JSON),
    "and then": binary('{"item": "last"}'),
}
# Where a framework is not the specification's: what it takes that is no event, and what it does not take that is one.
TAKES = {
    "Node": {"binary, without an id", "binary, without a type", "binary, without a source", "structured, without an id", "no event at all"},
    "Python": set(),
}
REFUSES = {"Node": {"binary, a number as its data"}, "Python": set()}


def run(report):
    program = crates.build(crates.app(), "tell", "gcp")
    with Process("omnifn", [program], env={"PORT": str(ours := free_port()), "FUNCTION_TARGET": "tell"}) as process:
        process.wait_for_port(ours)
        for name, framework in (("Node", node), ("Python", python)):
            try:
                theirs = framework(port := free_port(), "tell", "cloudevent")
            except NotRun as error:
                report.not_run(error)
                continue
            with theirs:
                theirs.wait_for_port(port, timeout=60)
                report.group(f"beside {name}")
                for case, request in CASES.items():
                    found, wanted = view(process, ours, request), view(theirs, port, request)
                    if case in TAKES[name] | REFUSES[name]:
                        is_refused = case in REFUSES[name]
                        words = "takes it, we do not" if not is_refused else "refuses it, we do not"
                        agreed = (found["taken"], wanted["taken"]) == (is_refused, not is_refused)
                        report.that(f"{case}: {name} {words}", agreed, (found, wanted))
                    else:
                        report.equal(case, found, wanted)


def view(process, port, request):
    """What a framework answers, and what its function saw."""
    before = process.log().count("saw {")
    reply = http.send(port, **request)
    taken = 200 <= reply.status < 300
    if taken:
        process.wait_until(lambda: process.log().count("saw {") > before or reply.status == 204, "saw nothing", 10)
    events = re.findall(r"^saw (\{.*\})$", process.log(), re.M)[before:]
    return {"taken": taken, "saw": json.loads(events[0]) if events else None}
