"""The JSON Schema of topology files: for editors, and for our own error messages."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from boothlab.engine.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import CoreSchema

    from boothlab.engine.topology.problems import Location


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a topology file."""
    return copy.deepcopy(_schema())


def schema_text() -> str:
    """Return the schema as the file ``lab/topology.schema.json`` holds it."""
    return json.dumps(_schema(), indent=2) + "\n"


def node_at(path: Location) -> dict[str, Any]:
    """Return the schema of what stands at a location; empty when nothing is known about it."""
    node = _schema()
    for step in path:
        inside = (_inside(branch, step) for branch in branches(node))
        node = next((each for each in inside if each is not None), {})
    return node


def branches(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of a schema, references followed."""
    if "$ref" in node:
        yield from branches(_schema()["$defs"][node["$ref"].rpartition("/")[2]])
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from branches(each)
    else:
        yield node


def _inside(node: dict[str, Any], step: str | int) -> dict[str, Any] | None:
    if isinstance(step, int):
        return node.get("items")
    if step in node.get("properties", {}):
        return dict(node["properties"][step])
    patterns = [*node.get("patternProperties", {}).values()]
    others = node.get("additionalProperties") or None
    return patterns[0] if patterns else others


@cache
def _schema() -> dict[str, Any]:
    generated = Topology.model_json_schema(by_alias=True, schema_generator=_Generator)
    tidy = {key: _tidied(value) for key, value in generated.items()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | tidy | {"title": "boothlab topology"}


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: CoreSchema) -> bool:  # noqa: ARG002
        """Leave titles out: they only repeat the keys."""
        return False


def _tidied(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema with Markdown in descriptions, and mappings closed against misspelt keys."""
    if isinstance(value, list):
        return [_tidied(each) for each in value]
    if not isinstance(value, dict):
        return value
    tidy = {key: _tidied(each) for key, each in value.items()}
    if isinstance(tidy.get("description"), str):
        tidy["description"] = tidy["description"].replace("``", "`")
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy
