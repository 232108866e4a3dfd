"""A fresh crate outside of the workspace, of README's own blocks, run as README says and on every provider."""

import re
import shutil
from urllib.parse import urlsplit

from kit import crates, emulator, http
from kit.functions_host import Host
from kit.process import Process, free_port, is_free
from kit.process import run as run_command

ANSWER = "Hello, world!"
PROVIDERS = ("local", "aws", "gcp", "azure")


def run(report):
    section = crates.readme()
    report.that("README's crate depends on omnifn by its path", crates.DEPENDENCY.search(crates.block("toml", section)), section)
    url = re.search(r"^curl (http://127\.0\.0\.1:8080/\S*)", section, re.M)
    report.that("README shows how to call it", url, section)
    path = urlsplit(url.group(1)).path
    crate = crates.hello()

    report.group("as README says")
    crates.build(crate, "hello", None)
    # README's own port, unless another program has it.
    port = 8080 if is_free(8080) else free_port()
    env = crates.ENV if port == 8080 else {**crates.ENV, "PORT": str(port)}
    with Process("cargo run", ["cargo", "run", "--quiet"], env=env, cwd=crate) as process:
        process.wait_for_port(port, timeout=60)
        address = url.group(1).replace(":8080", f":{port}")
        report.equal(f"cargo run, then {address}", ask(port, address), ANSWER)
        report.equal("another path is a 404", http.send(port, target="/hello").status, 404)
        report.equal("another method is a 405", http.send(port, "POST", path).status, 405)

    report.group("on each provider alone")
    for name, check in (("aws", aws), ("gcp", gcp), ("azure", azure)):
        program = crates.build(crate, "hello", name)
        report.raises_nothing(name, lambda: check(report, program, path))

    report.group("without a provider")
    try:
        crates.build(crate, "hello", "")
        report.that("it is not built", False)
    except RuntimeError as error:
        said = re.search(r"^error: (.*\n.*)", str(error), re.M)
        said = said.group(1) if said else str(error)
        report.contains("the compiler says what is missing", said, "no provider is enabled")
        for name in PROVIDERS:
            report.contains(f"it names the feature {name}", said, f"`{name}`")
        report.equal("that is the one error", len(re.findall(r"^error: (?!could not compile)", str(error), re.M)), 1)


def ask(port, address):
    """By curl, as README says, where it is here."""
    if shutil.which("curl"):
        return run_command(["curl", "--silent", "--max-time", "10", address])
    return http.send(port, target=urlsplit(address).path).body.decode()


def aws(report, program, path):
    with emulator.running(program) as (_, invoke):
        reply = invoke(emulator.fixture("v2_get") | {"rawPath": path, "rawQueryString": ""})
        report.equal("aws", (reply.get("statusCode"), reply.get("body")), (200, ANSWER))


def gcp(report, program, path):
    for title, more in {"gcp": {}, "gcp, FUNCTION_TARGET=hello": {"FUNCTION_TARGET": "hello"}}.items():
        port = free_port()
        with Process("hello", [program], env={"PORT": str(port), **more}) as process:
            process.wait_for_port(port)
            reply = http.send(port, target=path)
            report.equal(title, (reply.status, reply.body.decode()), (200, ANSWER))
    with Process("hello", [program], env={"PORT": str(port), "FUNCTION_TARGET": "nobody"}) as process:
        report.that("gcp, a target that is not there: it does not start", process.wait(10) not in (None, 0), process.log())
        report.contains("gcp, and says which", process.log(), "nobody")


def azure(report, program, path):
    for mode in ("Proxying", "Forwarding", ""):
        with Host(program, "hello", mode) as host:
            reply = host.ask("GET", path)
            report.equal(f"azure, {mode.lower() or 'data'}", (reply.status, reply.body.decode()), (200, ANSWER))
