"""Reads a text of Knative. Writes each document as JSON on a line, with what the models of eventing's CRDs make of it: the same, or less
where a name is none of theirs."""

import json
import sys
import warnings

import yaml

warnings.simplefilter("ignore")

from cloudcoil.models.knative_eventing.eventing.v1 import Trigger  # noqa: E402
from cloudcoil.models.knative_eventing.messaging.v1 import Channel, Subscription  # noqa: E402
from cloudcoil.models.knative_eventing.sources.v1 import PingSource  # noqa: E402

MODELS = {"Trigger": Trigger, "Channel": Channel, "Subscription": Subscription, "PingSource": PingSource}

for document in yaml.safe_load_all(open(sys.argv[1], encoding="utf-8")):
    if document is None:
        continue
    read = None
    if model := MODELS.get(document["kind"]):
        read = json.loads(model.model_validate(document).model_dump_json(by_alias=True, exclude_unset=True, exclude_none=True))
    print(json.dumps({"document": document, "read": read}))
