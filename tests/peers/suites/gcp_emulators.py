"""The emulators of Pub/Sub and Firestore, where gcloud and Java are there: they push their own events to our functions."""

import base64
import json
import shutil
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from kit import crates
from kit.process import Process, free_port
from kit.report import NotRun


def run(report):
    platform = folder()
    program = crates.build(crates.app(), "events", "gcp")
    report.group("Pub/Sub")
    with serving(program) as (process, port), pubsub(platform) as emulator:
        messages(report, process, port, emulator)
    report.group("Firestore")
    with serving(program, "on_change") as (process, port), firestore(platform, port) as emulator:
        changes(report, process, emulator)


def folder():
    """Where gcloud keeps its emulators."""
    gcloud = shutil.which("gcloud")
    if gcloud is None or shutil.which("java") is None:
        raise NotRun("gcloud and java are not here")
    platform = Path(gcloud).resolve().parents[1] / "platform"
    if missing := [name for name in ("pubsub-emulator", "cloud-firestore-emulator") if not (platform / name).is_dir()]:
        raise NotRun(f"gcloud is here without its {' and '.join(missing)}")
    return platform


@contextmanager
def serving(program, target=None):
    env = {"PORT": str(port := free_port())} | ({"FUNCTION_TARGET": target} if target else {})
    with Process("omnifn", [program], env=env) as process:
        process.wait_for_port(port)
        yield process, port


@contextmanager
def pubsub(platform):
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        command = [platform / "pubsub-emulator" / "bin" / "cloud-pubsub-emulator", "--host=127.0.0.1", f"--port={port}"]
        with Process("the Pub/Sub emulator", [*command, f"--data-dir={data}"]) as process:
            process.wait_for_port(port, timeout=60)
            yield f"http://127.0.0.1:{port}/v1/projects/p"


@contextmanager
def firestore(platform, functions):
    port, jar = free_port(), platform / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
    command = ["java", "-cp", jar, "com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start"]
    command += ["--host=127.0.0.1", f"--port={port}", f"--functions_emulator=127.0.0.1:{functions}"]
    with Process("the Firestore emulator", command) as process:
        process.wait_for_port(port, timeout=60)
        yield f"http://127.0.0.1:{port}"


def call(method, url, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.loads(reply.read() or b"{}")


def subscribe(emulator, port, topic, function, **more):
    call("PUT", f"{emulator}/topics/{topic}", {})
    push = {"pushEndpoint": f"http://127.0.0.1:{port}/_omnifn/{function}"}
    subscription = {"topic": f"projects/p/topics/{topic}", "pushConfig": push | more}
    # A failed push comes again at once, and not after the time that Pub/Sub takes by itself.
    subscription["retryPolicy"] = {"minimumBackoff": "0.1s", "maximumBackoff": "1s"}
    call("PUT", f"{emulator}/subscriptions/{topic}-push", subscription)


def messages(report, process, port, emulator):
    subscribe(emulator, port, "orders", "on_queue")
    subscribe(emulator, port, "telemetry", "on_stream")
    subscribe(emulator, port, "news", "on_topic")
    subscribe(emulator, port, "unwrapped", "on_queue", noWrapper={"writeMetadata": True})

    def publish(topic, text, **more):
        data = {"data": base64.b64encode(text.encode()).decode(), **more}
        return call("POST", f"{emulator}/topics/{topic}:publish", {"messages": [data]})["messageIds"][0]

    publish("orders", '{"item": "tea"}', attributes={"color": "red"})
    report.contains("a queue's message", saw(process, "saw a message"), 'saw a message: "tea" {"color": "red"}')
    publish("telemetry", '{"t": 1}', attributes={"a": "b"})
    report.contains("a stream's message", saw(process, "saw a reading"), "saw a reading: 1 None")
    publish("news", "words", attributes={"color": "red"})
    report.contains("a topic's message", saw(process, "saw news"), 'saw news: "words" None {"color": "red"}')
    publish("news", "fail once")
    report.that("a message that failed comes again", saw(process, 'saw news: "fail once"', times=2))
    publish("orders", "no JSON")
    said = saw(process, '"class":"reject"', times=2)
    report.contains("what cannot be read is not acknowledged, so it comes again", said, "DecodeError")
    report.that("and is never in the log", "no JSON" not in process.log())
    publish("unwrapped", '{"item": "cake"}', attributes={"color": "red"})
    seen = saw(process, 'saw a message: "cake"', patience=10)
    if seen:
        report.contains("a message without its wrapper", seen, '"cake"')
    else:
        report.note("this emulator wraps every message: none without its wrapper was seen")


def changes(report, process, emulator):
    legacy = {"resource": "projects/p/databases/(default)/documents/accounts/{id}",
              "eventType": "providers/cloud.firestore/eventTypes/document.write", "service": "firestore.googleapis.com"}
    eventarc = {"eventType": "google.cloud.firestore.document.v1.written", "database": "(default)",
                "document": {"value": "users/{id}", "matchType": "PATH_PATTERN"}}
    call("PUT", f"{emulator}/emulator/v1/projects/p/triggers/legacy", {"eventTrigger": legacy})
    call("POST", f"{emulator}/emulator/v1/projects/p/eventarcTrigger?eventarcTriggerId=eventarc", eventarc)
    for form, collection in (("Eventarc", "users"), ("the first generation", "accounts")):
        document, key = f"{emulator}/v1/projects/p/databases/(default)/documents/{collection}/7", f'"{collection}/7"'
        names = {"arrayValue": {"values": [{"stringValue": "a"}]}}
        call("PATCH", document, {"fields": {"balance": {"integerValue": "7"}, "names": names}})
        new = 'Object {"balance": Number(7), "names": Array [String("a")]}'
        report.that(f"{form}: a document that is new", saw(process, f"saw a change: Inserted None → Some({new})", key))
        call("PATCH", document, {"fields": {"balance": {"integerValue": "8"}}})
        newer = 'Object {"balance": Number(8)}'
        report.that(f"{form}: a document that was changed", saw(process, f"saw a change: Updated Some({new}) → Some({newer})", key))
        call("DELETE", document)
        report.that(f"{form}: a document that is gone", saw(process, f"saw a change: Deleted Some({newer}) → None", key))


def saw(process, *words, times=1, patience=20):
    """The last line that holds these words, once there are so many; empty where there are not."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        lines = [line for line in process.log().splitlines() if all(word in line for word in words)]
        if len(lines) >= times:
            return lines[-1]
        time.sleep(0.05)
    return ""
