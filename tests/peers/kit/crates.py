"""The crates that the suites build: outside of the workspace, made of README's section "A program"."""

import os
import re
import shutil
from pathlib import Path

from . import peers
from .process import run

FOLDER = peers.HOME / "crates"
# As in `.ci/run`, whose other steps compile there, too.
BUILD = Path(os.environ.get("CARGO_TARGET_DIR") or peers.HOME / "build").resolve()

# It lies below our own workspace, and is no member of it.
PACKAGE = '[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n\n[workspace]\n\n'
SMALL = '\n[profile.release]\nopt-level = 3\nlto = "fat"\ncodegen-units = 1\nstrip = "symbols"\npanic = "unwind"\n'

# What every call of cargo has in its environment, so that each dependency is compiled once.
ENV = {
    "CARGO_TARGET_DIR": str(BUILD),
    "CARGO_PROFILE_DEV_DEBUG": "0",
    "CARGO_INCREMENTAL": "0",
    "CARGO_TERM_COLOR": "never",
    "CARGO_BUILD_JOBS": os.environ.get("CARGO_BUILD_JOBS", "2"),
}

DEPENDENCY = re.compile(r'^omnifn = \{ path = "\.\./omnifn" \}.*\n', re.M)


def readme(heading="A program"):
    """A section of README.md."""
    sections = (peers.ROOT / "README.md").read_text().split("\n## ")
    return next(section for section in sections if section.startswith(heading))


def block(language, section):
    """The first block of code of a language."""
    return re.search(rf"^```{language}\n(.*?)^```", section, re.S | re.M).group(1)


def made(name, files, dependencies="", profile=""):
    """The folder of a crate with README's manifest, and these files. What is there already stays untouched."""
    here = f'omnifn = {{ path = "{peers.ROOT}" }}\n{dependencies}'
    manifest = PACKAGE.format(name=name) + DEPENDENCY.sub(lambda _: here, block("toml", readme())) + profile
    return written(name, {"Cargo.toml": manifest, **files})


def written(name, files):
    """The folder of a crate of these files."""
    folder = FOLDER / name
    for path, text in files.items():
        path = folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    return folder


def app():
    """The crate of the functions that the peers are given, and those of README beside it: `hello`."""
    sources = sorted((peers.ROOT / "tests" / "peers" / "app").glob("*.rs"))
    dependencies = (
        'axum = { version = "0.8", default-features = false }\n'
        'futures-util = { version = "0.3", default-features = false, features = ["std"] }\n'
        'serde_json = "1"\n'
        'tokio = { version = "1", features = ["time"] }\n'
    )
    return made("peers-app", {f"src/bin/{path.name}": path.read_text() for path in sources}, dependencies)


def hello():
    """README's own crate, its blocks verbatim."""
    return made("hello", {"src/main.rs": block("rust", readme())}, profile=SMALL)


def build(crate, binary, features, release=False):
    """A binary of a crate with these features (an empty text: none, None: the default), where no later build overwrites it."""
    command = ["cargo", "build", "--quiet", "--bin", binary]
    if features is not None:
        command += ["--no-default-features", *(["--features", features] if features else [])]
    run([*command, *(["--release"] if release else [])], env=ENV, cwd=crate, timeout=420)
    binary = BUILD / ("release" if release else "debug") / binary
    kept = peers.HOME / "bin" / f"{binary.name}-{features or 'default'}".replace("/", "-")
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(binary, kept)
    return kept
