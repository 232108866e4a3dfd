"""Google's conformance client of the Functions Framework, unmodified, for HTTP functions and for those of CloudEvents."""

import tempfile

from kit import crates, peers
from kit.process import is_free, run as run_command
from kit.report import NotRun

# The function, and what the client is told of it.
MODES = {
    "http": ("write_http", []),
    "http, without mapping": ("write_http", ["-validate-mapping=false"]),
    "http, ten requests at once": ("write_slowly", ["-validate-mapping=false", "-validate-concurrency=true"]),
    "cloudevent": ("write_event", ["-type=cloudevent", "-validate-mapping=false"]),
    "cloudevent, older events mapped": ("write_event", ["-type=cloudevent", "-validate-mapping=true"]),
    "cloudevent, ten at once": ("write_event", ["-type=cloudevent", "-validate-mapping=false", "-validate-concurrency=true"]),
    "typed": ("typed", ["-declarative-type=typed", "-validate-mapping=false"]),
}


def run(report):
    client = peers.conformance()
    if not is_free(8080):
        raise NotRun("the client knows port 8080 alone, and another program listens there")
    for mode, (function, options) in MODES.items():
        program = crates.build(crates.app(), function, "gcp")
        with tempfile.TemporaryDirectory() as folder:
            kind = [] if "-type=cloudevent" in options else ["-type=http"]
            command = [client, "-buildpacks=false", *kind, "-start-delay=1", *options]
            slowly = "SLOWLY=1 " if "-validate-concurrency=true" in options else ""
            command.append(f"-cmd=env {slowly}FUNCTION_TARGET={function} {program}")
            said = report.raises_nothing(mode, lambda: run_command(command, {"TMPDIR": folder}, folder, 60))
        if said is not None:
            report.contains(mode, said, "All validation passed!")
            if "-validate-concurrency=true" in options:
                report.contains(f"{mode}: checked", said, "Concurrency validation passed!")
    report.that("port 8080 is free again", is_free(8080))
