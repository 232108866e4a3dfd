"""Google's conformance client of the Functions Framework, unmodified, in its HTTP mode."""

import tempfile

from kit import peers
from kit.process import is_free
from kit.report import NotRun


def run(report):
    client = peers.conformance()
    program = peers.build("gcp", "write_http")
    if not is_free(8080):
        raise NotRun("the client knows port 8080 alone, and another program listens there")
    with tempfile.TemporaryDirectory() as folder:
        command = [client, "-buildpacks=false", "-type=http", "-start-delay=1"]
        output = peers.run([*command, f"-cmd=env FUNCTION_TARGET=write_http {program}"], cwd=folder, timeout=120)
    report.contains("http mode", output, "All validation passed")
