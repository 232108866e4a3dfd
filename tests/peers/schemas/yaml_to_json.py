"""A file of YAML as JSON."""

import json
import sys

import yaml

print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding="utf-8")), default=str))
