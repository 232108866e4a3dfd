"""What `cargo omnifn emit` writes, beside checkov's rules for secure deployments. `cli/tests/emit.rs` holds the texts in `cli/tests/golden`
equal to what is written; `emit_checkov.toml` lists each finding that is accepted, with its reason."""

import collections
import json
import tomllib
from pathlib import Path

from kit import peers
from kit.process import run as run_command

GOLDEN = peers.ROOT / "cli" / "tests" / "golden"
ACCEPTED = Path(__file__).with_suffix(".toml")
# Each framework, with the least number of resources that it has to see: a text that it no longer reads has no findings, either.
FRAMEWORKS = {"bicep": 100, "cloudformation": 200, "dockerfile": 10, "kubernetes": 50, "serverless": 40, "terraform": 400}


def run(report):
    checkov = peers.python("checkov") / "checkov"
    entries = tomllib.loads(ACCEPTED.read_text())
    without = [check for check, entry in entries.items() if entry.keys() != {"on", "why"} or len(entry["why"]) < 20]
    report.equal(f"each of the {len(entries)} entries has a reason", without, [])
    accepted = {(check, on): entry["why"] for check, entry in entries.items() for on in entry["on"]}
    skipped = ",".join(check for check, entry in entries.items() if not entry["on"])
    # Nothing is asked of its vendor's service, and nothing is downloaded.
    command = [checkov, "--directory", GOLDEN, "--framework", *FRAMEWORKS, "--skip-download", "--compact", "--quiet", "--soft-fail"]
    results = json.loads(run_command([*command, "--skip-check", skipped, "--output", "json"], timeout=600))
    found, seen = collections.defaultdict(list), {}
    for of_framework in results:
        framework, summary = of_framework["check_type"], of_framework["summary"]
        seen[framework] = summary
        for finding in of_framework["results"]["failed_checks"]:
            found[finding["check_id"], kind(framework, finding["resource"])].append(finding)
    report.group("what it read")
    for framework, least in FRAMEWORKS.items():
        summary = seen.get(framework, {"resource_count": 0, "parsing_errors": 0, "passed": 0})
        words = f"{framework}: {summary['resource_count']} resources, {summary['passed']} checks passed"
        report.that(words, summary["resource_count"] >= least and not summary["parsing_errors"], summary)
    report.group("findings")
    for (check, on), findings in sorted(found.items()):
        first = findings[0]
        words = f"{check} on {on}: {first['check_name']}"
        place = f"{len(findings)} times, first in {first['file_path'].lstrip('/')}, {first['resource']}: not in {ACCEPTED.name}"
        if report.that(words, (check, on) in accepted, place):
            report.note(f"accepted: {accepted[check, on]}")
    unused = sorted(f"{check} on {on}" for check, on in accepted.keys() - found.keys())
    report.equal("every accepted finding still occurs", unused, [])


def kind(framework, resource):
    """The kind of a resource: `aws_s3_bucket` of `aws_s3_bucket.uploads`, `Microsoft.Web/sites` of `Microsoft.Web/sites.app_http`."""
    if framework == "dockerfile":
        return "Dockerfile"
    if framework == "bicep":
        return resource.rpartition(".")[0]
    return resource.partition(".")[0]
