"""A package for arm64, made by Rust alone on x86-64: its zip answers in the Runtime Interface Emulator, by way of qemu."""

import stat
import tempfile
from pathlib import Path

from kit import cli, crates, emulator, peers
from kit.process import run as run_command
from suites.packages import MAIN, MANIFEST, unzip

TARGET = "aarch64-unknown-linux-musl"
SETTINGS = '\n[package.metadata.omnifn.aws]\narchitecture = "arm64"\n'
# No dependency may ask for a C compiler for the target: its place is taken by a program that fails.
NO_C = {f"{name}_{TARGET.replace('-', '_')}": "/bin/false" for name in ("CC", "CXX", "AR")} | {"TARGET_CC": "/bin/false"}


def run(report):
    peers.rust_target(TARGET)
    qemu = peers.qemu()
    crate = crates.made("packed-arm64", {"src/main.rs": MAIN}, profile=MANIFEST + SETTINGS)
    target = crates.BUILD / "arm64"

    report.group("packaged without a C compiler for the target")
    made = cli.omnifn("package", "--target", "aws", cwd=crate, env={"CARGO_TARGET_DIR": str(target), **NO_C})
    [artifact] = made["artifacts"]
    report.equal("it is a zip for arm64", (artifact["kind"], artifact["architecture"]), ("zip", "arm64"))

    report.group("the zip in the Runtime Interface Emulator")
    with tempfile.TemporaryDirectory() as folder:
        report.equal("what is in it", unzip(crate / artifact["path"], folder), {"bootstrap": "755"})
        program = Path(folder, "bootstrap")
        text = cli.omnifn("emit", "sam", "--binary", str(program), cwd=crate)["files"][0]["content"]
        report.contains("it is deployed as such", text, "Architectures:\n      - arm64")
        machine = run_command(["readelf", "--file-header", program]) if peers.which("readelf") else None
        if machine is None:
            report.note("readelf is not here")
        else:
            report.contains("it is a program for arm64", machine, "AArch64")
        # The emulator starts one program; that one lets qemu run the other.
        start = Path(folder, "start")
        start.write_text(f'#!/bin/sh\nexec "{qemu}" "{program}"\n')
        start.chmod(start.stat().st_mode | stat.S_IXUSR)
        with emulator.running(start, {"OMNIFN_FUNCTION": "hello"}) as (_, invoke):
            event = emulator.fixture("v2_get") | {"rawPath": "/hello/arm", "rawQueryString": ""}
            event["requestContext"]["http"] |= {"path": "/hello/arm", "method": "GET"}
            report.equal("it answers", invoke(event).get("body"), "Hello, arm!")
        with emulator.running(start, {"OMNIFN_FUNCTION": "count"}) as (_, invoke):
            records = [
                {"messageId": f"m{body}", "body": str(body), "eventSource": "aws:sqs", "attributes": {}, "messageAttributes": {},
                 "eventSourceARN": "arn:aws:sqs:eu-west-1:1:numbers"}
                for body in (1, 100)
            ]
            wanted = {"batchItemFailures": [{"itemIdentifier": "m100"}]}
            report.equal("a batch is answered, too", invoke({"Records": records}), wanted)
