"""The JSON Schema for editors."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from boothlab.engine.assets import lab_folder
from boothlab.engine.topology.load import available
from boothlab.engine.topology.schema import schema, schema_text
from boothlab.engine.topology.source import read

VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_the_schema_file_is_what_the_model_says() -> None:
    """If this fails: boothlab topologies --schema > lab/topology.schema.json."""
    assert (lab_folder() / "topology.schema.json").read_text() == schema_text()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", available(), ids=lambda path: path.stem)
def test_shipped_topologies_conform_to_the_schema_they_name(path: Any) -> None:  # noqa: ANN401
    lines = path.read_text().splitlines()

    assert "# yaml-language-server: $schema=../topology.schema.json" in lines
    VALIDATOR.validate(read(path, path.name).data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("tickets", "apacheticket", "expire"), "5s"),
        (("tickets", "apacheticket", "expire"), 0),
        (("tickets", "apacheticket", "retries"), "5"),
        (("tickets", "apacheticket", "acquire_after"), 5),
        (("sites", 0, "nodes", "no_host"), "192.168.101.7"),
        (("sites", 0, "nodes"), {}),
        (("networks", "a b"), {"subnet": "10.0.0.0/24"}),
        (("resources", "apachegroup"), []),
        (("distribution",), []),
        (("distribution",), "debian11"),
        (("colour",), "red"),
    ],
    ids=str,
)
def test_editors_see_what_the_loader_would_refuse(path: tuple[str | int, ...], value: object) -> None:
    data = read(lab_folder() / "topologies" / "three-site.yaml", "three-site.yaml").data
    *outer, last = path
    inside: Any = data
    for step in outer:
        inside = inside[step]
    inside[last] = value

    assert not VALIDATOR.is_valid(data)


def test_every_key_is_described() -> None:
    """An editor shows these; a key that refers to a definition has that one's text."""
    definitions = {"Topology": schema(), **schema()["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, definition in definitions.items()
        for key, node in definition.get("properties", {}).items()
        if not node.get("description") and "$ref" not in node
    ]

    assert silent == []
