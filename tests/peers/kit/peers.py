"""The peers, each installed when it is first asked for, and the builds of our own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .report import NotRun

ROOT = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("OMNIFN_PEERS") or ROOT / "target" / "peers").resolve()
APP = ROOT / "tests" / "peers" / "app"
BUILD = ROOT / "target" / "peers-build"

VERSIONS = {
    "aws-sam-cli": "1.170.0",
    "cargo-lambda": "1.9.2",
    "functions-framework": "3.10.2",
    "@google-cloud/functions-framework": "5.0.5",
    "conformance": "v1.8.8",
    "lambda_http": "1.3.2",
}
CONFORMANCE = "github.com/GoogleCloudPlatform/functions-framework-conformance/client"


def run(command, env=None, cwd=None, timeout=900):
    """Runs a command to its end; its output is the error where it fails."""
    command = [str(part) for part in command]
    done = subprocess.run(
        command, env={**os.environ, **(env or {})}, cwd=cwd, timeout=timeout, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def _installed(name, marker, install):
    """Runs `install` once for each version. What it cannot have is a peer that is missing."""
    if marker.exists():
        return
    try:
        install()
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        raise NotRun(f"{name} {VERSIONS[name]} cannot be installed: {str(error).strip().splitlines()[-1]}") from None
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()


def python(name):
    """The folder of programs of a virtual environment that holds a package of PyPI."""
    venv = HOME / "python" / name
    marker = venv / f".installed-{VERSIONS[name]}"

    def install():
        run([sys.executable, "-m", "venv", "--clear", venv])
        run([venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", f"{name}=={VERSIONS[name]}"])

    _installed(name, marker, install)
    return venv / "bin"


def emulator():
    """The official Runtime Interface Emulator, a file in the wheel of aws-sam-cli."""
    name = "aws-sam-cli"
    folder = HOME / "rie"
    binary = folder / "samcli" / "local" / "rapid" / "aws-lambda-rie-x86_64"

    def install():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "download", "--quiet", "--no-deps", "--dest", folder, f"{name}=={VERSIONS[name]}"])
        run([sys.executable, "-m", "zipfile", "-e", next(folder.glob("*.whl")), folder])
        binary.chmod(0o755)

    _installed(name, folder / f".installed-{VERSIONS[name]}", install)
    return binary


def node():
    """Node's Functions Framework: the folder of modules."""
    name = "@google-cloud/functions-framework"
    folder = HOME / "node"
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotRun(f"{name}: node and npm are not here")

    def install():
        folder.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder, f"{name}@{VERSIONS[name]}"])

    _installed(name, folder / f".installed-{VERSIONS[name]}", install)
    return folder / "node_modules"


def conformance():
    """The official conformance client of the Functions Framework, unmodified; or the one that is here already."""
    name, folder = "conformance", HOME / "go"
    if given := os.environ.get("OMNIFN_CONFORMANCE_CLIENT"):
        return Path(given)
    if shutil.which("go") is None:
        raise NotRun(f"{name}: go is not here")

    def install():
        folder.mkdir(parents=True, exist_ok=True)
        run(["go", "install", f"{CONFORMANCE}@{VERSIONS[name]}"], env={"GOBIN": str(folder)})

    _installed(name, folder / f".installed-{VERSIONS[name]}", install)
    return folder / "client"


def build(feature, binary, release=False, manifest=APP / "Cargo.toml", target=BUILD):
    """One of our programs, for one provider."""
    env = {"CARGO_PROFILE_DEV_DEBUG": "0"}
    command = ["cargo", "build", "--quiet", "--manifest-path", manifest, "--target-dir", target, "--bin", binary]
    command += ["--no-default-features", *(["--features", feature] if feature else []), *(["--release"] if release else [])]
    run(command, env=env)
    return kept(target / ("release" if release else "debug") / binary, feature)


def kept(binary, feature):
    """A copy that the build of another feature does not overwrite."""
    copy = binary.with_name(f"{binary.name}-{feature or 'none'}")
    shutil.copy2(binary, copy)
    return copy
