"""Whatever stands in a file: it is a topology, or every problem says what to write instead."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from boothlab.engine.topology import overrides
from boothlab.engine.topology.problems import TopologyError
from boothlab.engine.topology.schema import schema
from boothlab.engine.topology.source import parse, read
from boothlab.engine.topology.validate import validate

RIGHT = Path(__file__).parent / "data" / "right.yaml"
DATA = read(RIGHT, "right.yaml").data

Location = tuple[str | int, ...]


def _places(inside: object, path: Location = ()) -> list[Location]:
    if isinstance(inside, dict):
        steps: list[str | int] = list(inside)
    else:
        steps = list(range(len(inside))) if isinstance(inside, list) else []
    deeper = [_places(inside[step], (*path, step)) for step in steps]  # type: ignore[index]
    return [path, *(place for each in deeper for place in each)]


def _words(node: object) -> list[str]:
    """Return every key that the schema knows, for data that comes close to the right thing."""
    if isinstance(node, list):
        return [word for each in node for word in _words(each)]
    if not isinstance(node, dict):
        return []
    return [*node.get("properties", {}), *(word for each in node.values() for word in _words(each))]


WORDS = sorted({word for word in _words(schema()) if word.islower()})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["A", "C", "web", "192.168.1.100", "10.0.0.0/32", "0.0.0.0/0", "500ms", *WORDS]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(place=st.sampled_from(_places(DATA)[1:]), value=VALUES, removed=st.booleans())
def test_any_value_anywhere_is_taken_or_told(place: Location, value: object, *, removed: bool) -> None:
    data: dict[str, Any] = copy.deepcopy(DATA)
    *outer, last = place
    inside: Any = data
    for step in outer:
        inside = inside[step]
    if removed:
        del inside[last]
    else:
        inside[last] = value

    topology, problems = validate(data)

    assert topology is not None or problems
    assert all(each.message and each.remedy for each in problems)


@settings(deadline=None)
@given(st.text(max_size=30) | st.text(alphabet="a: -[]{}&*!|>?'\"\n\t#%@<,0", max_size=30))
@example("!!timestamp x")
@example("!!binary x")
@example("!!int x")
@example("!!float {a: b}")
@example("!!bool 5")
@example("? a")
@example("%YAML 1.1\n---\na: yes")
@example("&a [&b {*a : *b}]")
def test_any_text_is_yaml_or_told(text: str) -> None:
    try:
        content = parse(text, "lab.yaml")
    except TopologyError as error:
        problems = error.problems
        assert problems
    else:
        problems = content.problems
    assert all(each.message and each.remedy and each.where for each in problems)


@settings(deadline=None)
@given(
    st.text(max_size=20)
    | st.builds(
        "{}={}".format,
        st.lists(st.sampled_from([*WORDS, "A", "t", "web", "VIP", "0", ""]), max_size=5).map(".".join),
        st.text(max_size=8),
    )
)
def test_any_override_is_taken_or_told(override: str) -> None:
    source = overrides.apply(read(RIGHT, "right.yaml"), [override])

    assert bool(source.problems) != bool(source.overrides)
    assert all(each.where == f"--set {override}" for each in source.problems)
