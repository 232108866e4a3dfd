"""The schemas of Terraform's providers, as far as the types of the CDK for Terraform say them."""

import re
import tarfile

# What every block can have, whatever its kind.
META = {"count", "for_each", "depends_on", "lifecycle", "provider"}


class Provider:
    """One provider: the package of npm that holds its types."""

    def __init__(self, packed, prefix):
        self.prefix, self._files, self._kinds = prefix, {}, {}
        with tarfile.open(packed) as archive:
            for member in archive:
                if match := re.fullmatch(r"package/lib/([^/]+)/index(?:-structs)?(?:/structs\d+|/index-structs)?\.d\.ts", member.name):
                    self._files.setdefault(match[1], []).append(archive.extractfile(member).read().decode())

    def kind(self, name, is_data):
        """The types of a resource, or of a data source; None where there is none."""
        folder = ("data-" + name if is_data else name.removeprefix(self.prefix)).replace("_", "-")
        if folder not in self._kinds:
            texts = self._files.get(folder)
            self._kinds[folder] = Kind("\n".join(texts)) if texts else None
        return self._kinds[folder]


class Kind:
    """The interfaces of one kind of resource, and what can be read of it."""

    def __init__(self, text):
        self.interfaces = {match[1]: _members(match[2]) for match in re.finditer(
            r"export interface (\w+)(?: extends [\w.]+)? \{\n(.*?)\n\}", text, re.S)}
        self.getters = set(re.findall(r"^\s+(?:get|readonly) (\w+)(?:\(\))?:", text, re.M))
        self.config = next((members for name, members in self.interfaces.items() if name.endswith("Config")), {})

    def wrong(self, body, members=None, place=""):
        """What is set and is not known, and what is needed and is not set."""
        members = self.config if members is None else members
        found = []
        for key, value in body.items():
            if key in META and not place or key.startswith("//"):
                continue
            if key == "dynamic":
                found.append(f"{place}dynamic")
                continue
            if key not in members:
                found.append(f"{place}{key} is not known")
                continue
            inner = self.interfaces.get(members[key][1])
            for one in value if isinstance(value, list) else [value]:
                if inner is not None and isinstance(one, dict):
                    found += self.wrong(one, inner, f"{place}{key}.")
        found += [f"{place}{key} is missing" for key, (needed, _) in members.items() if needed and key not in body]
        return found

    def reads(self, attribute):
        """Whether such a resource has this attribute."""
        camel = re.sub(r"_(\w)", lambda match: match[1].upper(), attribute)
        return camel in self.getters or f"{camel}Input" in self.getters


def _members(text):
    """Each name, as Terraform has it, with whether it is needed and the type that it has."""
    members = {}
    for match in re.finditer(r"#(\w+)\}?\s*(?:\*\s*)*(?:Note:.*?)?\*/\s+readonly (\w+)(\??): ([^;]+);", text, re.S):
        kind = re.match(r"(?:\{|)(\w+)", match[4])
        members[match[1]] = (match[3] == "", kind[1] if kind else "")
    return members
