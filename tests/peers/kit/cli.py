"""`cargo omnifn`, as it is built here."""

import json

from . import crates, peers
from .process import run

_built = None


def program():
    """The program, built once."""
    global _built
    if _built is None:
        command = ["cargo", "build", "--quiet", "--locked", "-p", "cargo-omnifn"]
        run(command, env=crates.ENV, cwd=peers.ROOT, timeout=900)
        _built = crates.BUILD / "debug" / "cargo-omnifn"
    return _built


def omnifn(*arguments, cwd, env=None, timeout=1500):
    """Runs `cargo omnifn …` with `--json` in a crate's folder, and gives the result."""
    environment = {**crates.ENV, **(env or {})}
    said = run([program(), "omnifn", *arguments, "--json", "--quiet"], env=environment, cwd=cwd, timeout=timeout)
    # Cargo's own words stand before it.
    return json.loads(said[said.index("\n{") if not said.startswith("{") else 0 :])
