"""Reads a text of Bicep with pycep, and writes its resources: the kind and the names of all that is set in each."""

import json
import sys
from pathlib import Path

import pycep


def names(value):
    if isinstance(value, dict):
        if {"operator", "function", "parameters"} & set(value):
            return  # an expression: it sets nothing
        for key, inner in value.items():
            if not key.startswith("__"):
                yield key.strip("'")
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


parsed = pycep.BicepParser().parse(file_path=Path(sys.argv[1]))
for symbol, resource in parsed["resources"].items():
    kind, config = f"{resource['type']}@{resource['api_version']}", resource["config"]
    # One with a condition.
    config = config["config"] if {"condition", "config"} == set(config) else config
    print(json.dumps({"symbol": symbol, "kind": kind, "names": sorted(set(names(config)))}))
