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
# W3005 is how osls writes; W3002 is that code is a path, until `aws cloudformation package` has sent it to a bucket.
LINT = ["--ignore-checks", "W3002", "W3005", "--format", "parseable"]

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

def run(report):
    lint = peers.python("cfn-lint") / "cfn-lint"
    sam = peers.python("aws-sam-cli") / "sam"
    report.group("cfn-lint")
    for form in ("cloudformation", "sam"):
        paths = texts(form)
        report.equal(f"{form}: {len(paths)} texts have no error and no warning", lints(lint, *paths), "")
        report.that(f"{form}: there are some", paths)
    report.group("sam validate --lint")
    for path in texts("sam"):
        command = [sam, "validate", "--lint", "--template", path]
        said = report.raises_nothing(name(path), lambda: run_command(command, ENVIRONMENT, timeout=120))
        if said is not None:
            report.contains(f"{name(path)} is valid", said, "is a valid SAM Template")
    report.group("the actions in the roles, beside SAM's own policy templates and cfn-lint's table of what each can be done to")
    known, things = sam_actions(sam.parent.parent), things_of_actions(lint.parent.parent)
    for path in texts("cloudformation"):
        roles(report, path, known, things)
    report.group("osls package")
    osls = peers.node("osls") / ".bin" / "osls"
    for path in texts("serverless"):
        packaged(report, osls, lint, path)


def texts(form):
    """The texts of a format: of every example, and of some with settings."""
    return sorted(path for path in (GOLDEN / form).glob("*/*") if path.is_file())


def name(path):
    return str(path.relative_to(GOLDEN))


def lints(lint, *paths):
    """What cfn-lint finds: nothing, where all is well."""
    try:
        return run_command([lint, *LINT, "--", *paths], ENVIRONMENT, timeout=300).strip()
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


def things_of_actions(venv):
    """For each service and action, the patterns of the ARNs that it can be done to; none, where it cannot be narrowed."""
    (path,) = venv.glob("lib/python*/site-packages/cfnlint/data/AdditionalSpecs/Policies.json")
    things = {}
    for service, said in json.loads(path.read_text()).items():
        arns = {kind: of.get("ARNFormats", []) for kind, of in said.get("Resources", {}).items()}
        for action, of in said.get("Actions", {}).items():
            things[service, action] = [arn for kind in of.get("Resources", []) for arn in arns.get(kind, [])]
    return things


def roles(report, path, known, things):
    """Checks each role of a text of CloudFormation, which is read line by line: no parser of YAML is at hand."""
    actions, wrong, found = [], [], 0
    for line in path.read_text().splitlines():
        if match := re.match(r"\s+- ([a-z0-9]+:[A-Z]\w+)$", line):
            actions.append(match[1])
        elif actions and (match := re.match(r"\s+(?:Resource|Fn::Sub): (.+)$", line)):
            resource = match[1].strip('"')
            found += len(actions)
            wrong += [action for action in actions if action not in known and action not in BESIDE]
            wrong += [f"{action} on {resource}" for action in actions if not fits(action, resource, things)]
            actions = []
    report.equal(f"{name(path)}: {found} actions, each in a policy of SAM, each on one thing that it can be done to", wrong, [])
    report.that(f"{name(path)}: there are some", found > 0 and not actions)


def fits(action, resource, things):
    """Whether it is on one thing of a kind that the action can be done to: only what is below that thing may be many."""
    service, _, verb = action.partition(":")
    patterns = things.get((service, verb.lower()))
    if not patterns:
        return patterns == [] and resource == "*"
    # A log group's streams are below it.
    arn = resource.replace("AWS::AccountId", "Account").replace("AWS::", "").removesuffix(":*")
    thing = re.sub(r"(/\*|/(index|stream)/\*)$", "", arn)
    as_regex = [re.escape(pattern).replace(re.escape(".*"), ".*") for pattern in patterns]
    return "*" not in thing and any(re.fullmatch(regex, arn) for regex in as_regex)


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
