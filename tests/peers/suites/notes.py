"""The notes that `#[function]` leaves in a binary: kept by every linker, profile and strip that is here, and read by others, too."""

import json
import os
import re
import shutil
import subprocess

from kit import cli, crates, peers
from kit.process import run as run_command

CRATE = peers.ROOT / "cli" / "tests" / "kept"
BUILD = crates.BUILD / "kept"

# The functions of the program in its order, then those that it does not have: of a module that nobody calls, of a library.
NAMES = ["hello", "settle", "never_called", "unused"]

# The toolchain's own linker is lld on some platforms, and the C compiler's on others.
NOT_OWN = "-Clinker-features=-lld"


def run(report):
    shutil.copy2(peers.ROOT / "Cargo.lock", CRATE / "Cargo.lock")
    report.group("each linker, with fat LTO and in one unit, or in many; stripped, or not; for speed, or for size")
    whole = build("release", [])
    holds(report, "the toolchain's own linker, fat LTO, strip = symbols", whole)
    own_is_lld = "LLD" in linker(whole)
    report.note("it is lld" if own_is_lld else f"it is not lld: {linker(whole)}")
    holds(report, "opt-level z", build("size", []))
    holds(report, "no LTO, 16 units, not stripped", build("plain", []))
    bfd = None
    for title, name, flags, mark in (
        ("GNU ld", "ld.bfd", [NOT_OWN, "-Clink-arg=-fuse-ld=bfd"], "GNU ld"),
        ("gold", "ld.gold", [NOT_OWN, "-Clink-arg=-fuse-ld=gold"], None),
        ("mold", "mold", [NOT_OWN, "-Clink-arg=-fuse-ld=mold"], "mold"),
        ("lld", "ld.lld", [NOT_OWN, "-Clink-arg=-fuse-ld=lld"], "LLD"),
    ):
        if title == "lld" and own_is_lld:
            continue
        if shutil.which(name) is None:
            report.note(f"{title} is left out: there is no {name} here")
            continue
        for profile in ("release", "plain"):
            binary = report.raises_nothing(f"{title}, {profile}", lambda: build(profile, flags))
            if binary is None:
                continue
            holds(report, f"{title}, {profile}", binary)
            bfd = binary if title == "GNU ld" else bfd
            if mark == "GNU ld":
                report.that("that was GNU ld", "LLD" not in linker(binary) and "mold" not in linker(binary), linker(binary))
            elif mark:
                report.contains(f"that was {title}", linker(binary), mark)

    report.group("strip -s, afterwards")
    for title, binary in (("the toolchain's own linker", build("plain", [])), ("GNU ld", bfd)):
        if binary is None or shutil.which("strip") is None:
            report.note(f"{title} is left out: it, or strip, is not here")
            continue
        stripped = binary.with_name(f"{binary.name}-stripped")
        run_command(["strip", "-s", "-o", stripped, binary])
        holds(report, title, stripped)

    report.group("in a crate that allows nothing")
    if shutil.which("cargo-clippy"):
        lints = ["cargo", "clippy", "--quiet", "--workspace", "--features", "azure"]
        said = report.raises_nothing("clippy's pedantic lints", lambda: run_command(lints, env=crates.ENV, cwd=CRATE, timeout=580))
        report.equal("clippy's pedantic lints say nothing of what the macros write", said, "")
    else:
        report.note("clippy is not here")

    report.group("read by another")
    if shutil.which("readelf") is None:
        report.not_run("readelf is not here")
        return
    listed = run_command(["readelf", "--notes", "--wide", whole])
    found = [bytes.fromhex(data) for data in re.findall(r"OMNIFN\s.*?description data: ([0-9a-f ]+)", listed, re.S)]
    report.equal("readelf -n lists a note for each, and the program's", len(found), len(NAMES) + 1)
    named = sorted(json.loads(note).get("name", "") for note in found)
    report.equal("they are the same", named, sorted(["", *NAMES]))

    report.group("what runs is what is told")
    command = cli.program()
    told = json.loads(out([command, "omnifn", "manifest", whole, "--json"]))
    report.equal("the program", told["program"]["program"], NAMES[:2])
    report.equal("its version, of its own", told["program"]["version"], "1.2.3")


def holds(report, title, binary):
    told = json.loads(out([cli.program(), "omnifn", "manifest", binary, "--json"]))
    report.equal(title, [function["name"] for function in told["functions"]], NAMES)


def build(profile, flags):
    """The binary of a profile with these flags of rustc, where no later build overwrites it."""
    env = {**crates.ENV, "CARGO_TARGET_DIR": str(BUILD)}
    # The flags are for the program alone: its dependencies are compiled once for all linkers.
    command = ["cargo", "rustc", "--quiet", "--profile", profile, "--features", "azure", "--", *flags]
    run_command(command, env=env, cwd=CRATE, timeout=580)
    kept = peers.HOME / "bin" / f"kept-{profile}-{abs(hash_of(flags))}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(BUILD / profile / "kept", kept)
    return kept


def hash_of(flags):
    return sum(ord(letter) * (i + 1) for i, letter in enumerate(" ".join(flags)))


def linker(binary):
    """What the section .comment says."""
    return " ".join(run_command(["readelf", "-p", ".comment", binary]).split())


def out(command):
    """What a command writes on standard output alone."""
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, env=os.environ, timeout=60).stdout
