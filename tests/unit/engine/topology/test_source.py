"""YAML files: what is read, and what is told about those that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.topology.problems import TopologyError
from boothlab.engine.topology.source import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITE_AT_LEAST = "write at least name, networks and sites, as three-site.yaml does"
NOT_CLOSED = "expected ',' or ']', but got ':' while parsing a flow sequence that begins in line 2"
LOOK_FOR = "look for a missing quote, bracket, colon or indentation there"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [f"lab.yaml:1: the file is empty; {WRITE_AT_LEAST}"], id="empty"),
        pytest.param("# later\n", [f"lab.yaml:1: the file is empty; {WRITE_AT_LEAST}"], id="only a comment"),
        pytest.param(
            "\n- name: base\n",
            [f"lab.yaml:2: the file is not a mapping of keys to values; {WRITE_AT_LEAST}"],
            id="a list",
        ),
        pytest.param(
            "name: base\n\tsites: []\n",
            ["lab.yaml:2: broken YAML: a tab where YAML wants spaces; indent with spaces"],
            id="a tab",
        ),
        pytest.param(
            "name: base\nsites: [1, 2\nnetworks: {}\n",
            [f"lab.yaml:3: broken YAML: {NOT_CLOSED}; {LOOK_FOR}"],
            id="a bracket that is not closed",
        ),
        pytest.param(
            "name: base: other\n",
            [f"lab.yaml:1: broken YAML: mapping values are not allowed here; {LOOK_FOR}"],
            id="two colons",
        ),
        pytest.param(
            "name: a\n---\nname: b\n",
            ["lab.yaml:2: broken YAML: a second YAML document begins; write one topology a file"],
            id="two documents",
        ),
        pytest.param(
            "name: *base\n",
            [f"lab.yaml:1: broken YAML: found undefined alias 'base'; {LOOK_FOR}"],
            id="an alias of nothing",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    text: str, expected: list[str], told: Callable[..., list[str]]
) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        pytest.param(
            "name: other\n",
            "lab.yaml:30: name: stands here a second time, first in line 1; leave one of them out",
            id="a key twice",
        ),
        pytest.param(
            "description: !secret x\n",
            "lab.yaml:30: description: the tag !secret is unknown here; leave the tag out",
            id="a tag",
        ),
        pytest.param(
            "booth: &b\n  <<: {port: 9930}\n",
            "lab.yaml:31: booth: merge keys (<<) are not part of YAML 1.2; write the keys out",
            id="a merge key",
        ),
        pytest.param(
            "? [a, b]\n: c\n",
            "lab.yaml:30: a key is a list or a mapping; write text as the key",
            id="a list as a key",
        ),
    ],
)
def test_yaml_that_would_surprise_is_told(
    addition: str, expected: str, right: str, told: Callable[..., list[str]]
) -> None:
    assert told(right + addition) == [expected]


def test_a_key_that_is_a_number_is_told(right: str, told: Callable[..., list[str]]) -> None:
    assert told(right.replace("  t:\n", "  2024:\n")) == [
        'lab.yaml:25: tickets.2024: this key is not text; write it in quotes: "2024"'
    ]


def test_an_alias_that_contains_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: &n [*n]\n")

    source = read(tmp_path / "lab.yaml", "lab.yaml")

    assert [str(each) for each in source.problems] == [
        "lab.yaml:1: name[0]: an alias contains itself; write the value out"
    ]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TopologyError, match=r"gone\.yaml: cannot be read: No such file or directory"):
        read(tmp_path / "gone.yaml", "gone.yaml")


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_bytes(b"name: base\ndescription: \xe9t\xe9\n")

    with pytest.raises(TopologyError, match=r"lab\.yaml:2: is not UTF-8; save the file as UTF-8"):
        read(tmp_path / "lab.yaml", "lab.yaml")


def test_control_characters_are_told(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: \x01\n")

    with pytest.raises(TopologyError, match="special characters are not allowed"):
        read(tmp_path / "lab.yaml", "lab.yaml")


def test_words_that_older_yaml_took_for_booleans_and_dates_are_text(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("sites: [no, on, 2024-01-01, 12:30]\n")

    assert read(tmp_path / "lab.yaml", "lab.yaml").data == {"sites": ["no", "on", "2024-01-01", "12:30"]}


def test_aliases_are_the_values_they_stand_for(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("a: &x {k: 1}\nb: *x\n")

    source = read(tmp_path / "lab.yaml", "lab.yaml")

    assert source.data == {"a": {"k": 1}, "b": {"k": 1}}
    assert source.lines["b",] == 2
