"""Events with payloads that moto's services make, in the Runtime Interface Emulator: each finds its function."""

import json

from kit import crates, emulator, peers
from kit.process import run as run_command

# The event, what its function says, and the reply.
CASES = {
    "queue": ('saw a message: "tea" {"color": "red"} Some(1) true', {"batchItemFailures": []}),
    "topic": ('saw news: "words" Some("about") {"color": "red"}', {"batchItemFailures": []}),
    "stream": ('saw a reading: 1 Some("d1") Some("shardId-000000000000")', {"batchItemFailures": []}),
    "event": ('saw an event: shop order.placed "tea"', None),
}


def run(report):
    python = peers.moto() / "python"
    made = run_command([python, peers.ROOT / "tests" / "peers" / "moto_events" / "make.py"], timeout=120)
    events = json.loads(made.strip().splitlines()[-1])
    program = crates.build(crates.app(), "events", "aws")
    with emulator.running(program) as (process, invoke):
        for name, (said, reply) in CASES.items():
            report.equal(f"{name}: the reply", invoke(events[name]), reply)
            report.contains(f"{name}: what the function saw", process.log(), said)

        report.equal("changes: the reply", invoke(events["changes"]), {"batchItemFailures": []})
        item = '"balance": Number(7.5), "gone": Null, "id": String("7"), "more": Object {"list": Array [Number(1), String("x")]}'
        for kind, before, after in (("Inserted", "None", f"Some(Object {{{item}"), ("Updated", f"Some(Object {{{item}", 'Some(Object {"balance": Number(8)'), ("Deleted", 'Some(Object {"balance": Number(8)', "None")):
            line = next((line for line in process.log().splitlines() if f"saw a change: {kind}" in line), "")
            report.that(f"changes: {kind}", line.startswith(f"saw a change: {kind} {before}") and f" → {after}" in line, line)

        # The bucket's test message has no record.
        storage = events["storage"]
        # The upload is the only record of the batch, so the invocation fails.
        report.equal("storage: the reply", invoke(storage).get("errorMessage"), "the first time it fails")
        report.contains("storage: what the function saw", process.log(), 'saw an upload: "2026/a b+ü.jpg" Some(5)')

        refused = invoke({"triggerSource": "PreSignUp_SignUp", "userPoolId": "eu-west-1_x"})
        report.equal("an event of no trigger: its type", refused.get("errorType"), "Runtime.UnsupportedEvent")
        report.contains("an event of no trigger: what came", refused.get("errorMessage", ""), "Cognito user pool")
        report.equal("and the process lives", invoke(events["event"]), None)
