"""Options that verbs share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from boothlab.cli.options import print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    Boothlab = Callable[..., tuple[int, str, str]]


def test_json_is_for_programs_and_people(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"site": "Zürich", "nodes": [], "expires": None, "long": "x" * 300}
    print_json(data)
    out = capsys.readouterr().out

    assert json.loads(out) == data
    assert "Zürich" in out
    assert out.startswith('{\n  "site"')


@pytest.mark.parametrize("verb", ["down", "reset", "status", "exec", "shell", "logs", "explain"])
def test_a_verb_that_needs_a_lab_can_be_told_which(verb: str, boothlab: Boothlab) -> None:
    assert "--lab" in boothlab(verb, "--help")[1]


@pytest.mark.parametrize("verb", ["up", "down", "reset", "status", "explain", "doctor", "topologies"])
def test_a_verb_that_tells_something_can_tell_it_as_json(verb: str, boothlab: Boothlab) -> None:
    assert "--json" in boothlab(verb, "--help")[1]


@pytest.mark.parametrize("argv", [("logs", "n", "-n", "0"), ("exec", "--limit", "0", "n", "true")])
def test_a_number_out_of_its_range_is_a_usage_error(argv: tuple[str, ...], boothlab: Boothlab) -> None:
    assert boothlab(*argv)[0] == 2
