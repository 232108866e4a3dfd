"""What `cargo omnifn emit` writes for AWS, beside the tools of those who read it. `cli/tests/emit.rs` holds the texts in `cli/tests/golden`
equal to what is written."""

import json
import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from kit import peers
from kit.process import run as run_command

GOLDEN = peers.ROOT / "cli" / "tests" / "golden"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    # No account is asked; the tools want to see that there are some.
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "SAM_CLI_TELEMETRY": "0",
    "SLS_TELEMETRY_DISABLED": "1",
    "SLS_NOTIFICATIONS_MODE": "off",
}
# I3510: the resource of a statement is one that its actions can be done to. W3005 is how osls writes; W3002 is that code is a path,
# until `aws cloudformation package` has sent it to a bucket.
LINT = ["--include-checks", "I3510", "--ignore-checks", "W3002", "W3005", "--non-zero-exit-code", "informational"]

# The policy templates of SAM that say the same as a trigger or a grant.
TEMPLATES = [
    "SQSPollerPolicy", "SQSSendMessagePolicy", "KinesisStreamReadPolicy", "KinesisCrudPolicy", "DynamoDBStreamReadPolicy",
    "DynamoDBReadPolicy", "DynamoDBCrudPolicy", "S3ReadPolicy", "S3CrudPolicy", "SNSPublishMessagePolicy", "LambdaInvokePolicy",
]
# What SAM gives in another way, or not at all.
BESIDE = {
    "logs:CreateLogStream": "SAM attaches AWSLambdaBasicExecutionRole, for every log group",
    "logs:PutLogEvents": "the same",
    "kinesis:ListShards": "SAM attaches AWSLambdaKinesisExecutionRole, for every stream",
    "s3:AbortMultipartUpload": "SAM's S3CrudPolicy leaves the parts of an upload that fails",
}
# IAM has no resource for it.
EVERYWHERE = {"dynamodb:ListStreams"}


def run(report):
    lint = peers.python("cfn-lint") / "cfn-lint"
    sam = peers.python("aws-sam-cli") / "sam"
    report.group("cfn-lint")
    for path in texts("cloudformation") + texts("sam"):
        said = report.raises_nothing(name(path), lambda: lints(lint, path))
        if said is not None:
            report.equal(f"{name(path)} has no error, no warning, and no statement that allows nothing", said, "")
    report.group("sam validate --lint")
    for path in texts("sam"):
        command = [sam, "validate", "--lint", "--template", path]
        said = report.raises_nothing(name(path), lambda: run_command(command, ENVIRONMENT, timeout=120))
        if said is not None:
            report.contains(f"{name(path)} is valid", said, "is a valid SAM Template")
    report.group("the actions in the roles, beside SAM's own policy templates")
    known = sam_actions(sam.parent.parent)
    for path in texts("cloudformation"):
        roles(report, path, known)
    report.group("osls package")
    osls = peers.node("osls") / ".bin" / "osls"
    for path in texts("serverless"):
        packaged(report, osls, lint, path)


def texts(form):
    """The texts of a format: of every example, and of some with settings."""
    return sorted(path for path in (GOLDEN / form).glob("*/*") if path.is_file())


def name(path):
    return str(path.relative_to(GOLDEN))


def lints(lint, path):
    """What cfn-lint finds: nothing, where all is well."""
    try:
        return run_command([lint, *LINT, "--format", "parseable", "--", path], ENVIRONMENT, timeout=120).strip()
    except RuntimeError as error:
        return str(error)


def sam_actions(venv):
    """Every action that SAM's own policies of these kinds allow, without what stands for many: `sqs:SendMessage*`."""
    (path,) = venv.glob("lib/python*/site-packages/samtranslator/policy_templates_data/policy_templates.json")
    templates = json.loads(path.read_text())["Templates"]
    actions = set()
    for template in TEMPLATES:
        for statement in templates[template]["Definition"]["Statement"]:
            actions.update(action.rstrip("*") for action in statement["Action"])
    return actions


def roles(report, path, known):
    """Checks each role of a text of CloudFormation, which is read line by line: no parser of YAML is at hand."""
    actions, resource, wrong, found = [], None, [], 0
    for line in path.read_text().splitlines():
        if match := re.match(r"\s+- ([a-z0-9]+:[A-Z]\w+)$", line):
            actions.append(match[1])
        elif actions and (match := re.match(r"\s+(?:Resource|Fn::Sub): (.+)$", line)):
            found += len(actions)
            resource = match[1].strip('"')
            wrong += [action for action in actions if action not in known and action not in BESIDE]
            wrong += [f"{action} on {resource}" for action in actions if not fits(action, resource)]
            actions = []
    report.equal(f"{name(path)}: {found} actions, each in a policy of SAM, each on one resource", wrong, [])
    report.that(f"{name(path)}: there are some", found > 0)


def fits(action, resource):
    """Whether it is on one thing of its own service; what is behind the name may be below that thing."""
    if resource == "*":
        return action in EVERYWHERE
    service = action.partition(":")[0]
    thing = resource.partition(f"arn:${{AWS::Partition}}:{service}:")[2]
    below = re.sub(r"(/\*|/(index|stream)/\*|:\*)$", "", thing)
    return bool(thing) and "*" not in below


def packaged(report, osls, lint, path):
    """Lets the framework make its packages and its own template, and lints that."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        text = path.read_text()
        shutil.copy(path, folder / "serverless.yml")
        for package in sorted(set(re.findall(r"artifact: (\S+)", text))):
            os.makedirs((folder / package).parent, exist_ok=True)
            with zipfile.ZipFile(folder / package, "w") as archive:
                archive.writestr("bootstrap", "#!/bin/sh\n")
        said = report.raises_nothing(name(path), lambda: run_command([osls, "package"], ENVIRONMENT, folder, 120))
        if said is None:
            return
        report.contains(f"{name(path)} is packaged", said, "Service packaged")
        template = folder / ".serverless" / "cloudformation-template-update-stack.json"
        report.equal(f"{name(path)}: the framework's own template has no error", lints(lint, template), "")
        resources = json.loads(template.read_text())["Resources"]
        functions = [body for body in resources.values() if body["Type"] == "AWS::Lambda::Function"]
        own = {f"{key}" for key, body in resources.items() if body["Type"] == "AWS::IAM::Role"}
        used = [body["Properties"]["Role"]["Fn::GetAtt"][0] for body in functions]
        report.that(f"{name(path)}: each function has a role of its own", len(set(used)) == len(functions) and set(used) <= own, used)
