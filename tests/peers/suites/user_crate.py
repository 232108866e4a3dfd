"""A fresh crate outside of the workspace, of README's own blocks, on every provider."""

import json
import os
import re
import tempfile
from pathlib import Path

from kit import http, peers
from kit.process import Process, free_port
from suites import aws_rie


def run(report):
    readme = (peers.ROOT / "README.md").read_text()
    section = next(part for part in readme.split("\n## ") if part.startswith("Your own function"))
    toml, rust = (re.search(rf"```{language}\n(.*?)```", section, re.S).group(1) for language in ("toml", "rust"))
    report.contains("README's crate depends on omnifn", toml, 'omnifn = { path = "../omnifn" }')
    with tempfile.TemporaryDirectory() as folder:
        crate = Path(folder) / "hello"
        (crate / "src").mkdir(parents=True)
        os.symlink(peers.ROOT, Path(folder) / "omnifn")
        package = '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2024"\n\n'
        (crate / "Cargo.toml").write_text(package + toml)
        (crate / "src" / "main.rs").write_text(rust)

        def build(feature):
            return peers.build(feature, "hello", manifest=crate / "Cargo.toml")

        serves(report, build("local"), "local", "PORT")
        serves(report, build("gcp"), "gcp", "PORT")
        serves(report, build("azure"), "azure", "FUNCTIONS_CUSTOMHANDLER_PORT")
        lambda_answers(report, build("aws"))
        try:
            build("")
            report.that("without a provider it is not built", False)
        except RuntimeError as error:
            for feature in ("local", "aws", "gcp", "azure"):
                report.contains("without a provider, the error names them", str(error), f"`{feature}`")


def serves(report, program, name, variable):
    port = free_port()
    with Process(name, [program], env={variable: str(port)}, drop=["PORT", "HOST"]) as process:
        process.wait_for_port(port)
        report.equal(name, http.send(port, target="/hello/world").body, b"Hello, world!")


def lambda_answers(report, program):
    emulator, port = peers.emulator(), free_port()
    command = [emulator, "--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{free_port()}", program]
    with Process("emulator", command) as process:
        process.wait_for_port(port)
        event = json.loads((aws_rie.FIXTURES / "v2_get" / "in.json").read_text())["body"]["json"]
        event |= {"rawPath": "/hello/world", "rawQueryString": ""}
        event["requestContext"]["stage"] = "$default"
        reply = http.send(port, "POST", "/2015-03-31/functions/function/invocations", body=json.dumps(event))
        report.equal("aws", json.loads(reply.body).get("body"), "Hello, world!")
