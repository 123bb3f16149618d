# SPDX-License-Identifier: MIT
"""docs/events.schema.json, against which events are held."""

import copy
import json

import jsonschema

from program import TOP

PUBLISHED = json.loads((TOP / "docs/events.schema.json").read_text())


def closed(schema):
    """The same, with nothing in events but what it names: readers shall take more, and we write no more."""
    schema = copy.deepcopy(schema)
    for definition in schema["$defs"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return schema


VALIDATOR = jsonschema.Draft202012Validator(closed(PUBLISHED))


def complaints(event):
    """Why an event is none, in the words of the schema of its kind."""
    errors = list(VALIDATOR.iter_errors(event))
    return [error.message for error in errors[:1]] + [
        f"{error.json_path}: {error.message}" for whole in errors[:1] for error in whole.context or ()
        if error.json_path != "$.event"]


def check_events(events):
    for event in events:
        assert VALIDATOR.is_valid(event), (event, complaints(event))
