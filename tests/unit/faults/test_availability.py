"""What a lab can have: a fault says beforehand what is in its way. No lab is asked for these answers."""

from __future__ import annotations

from typing import Any, cast

import pytest

from boothlab.engine.topology.load import load
from boothlab.faults import Faults, shape_of
from boothlab.faults.examples import example
from boothlab.faults.places import situation_of
from boothlab.faults.processes import WAYS
from boothlab.nemesis.network import NETWORK_FAULTS
from boothlab.nemesis.packets import PACKET_FAULTS
from boothlab.nemesis.targets import Shape, Situation
from boothlab.nemesis.vocabulary import KINDS, parse_words


class Paper:
    """A lab that exists on paper only: it has a topology and nothing runs."""

    def __init__(self, name: str) -> None:
        self.topology = load(name).topology


def reason(topology: str, words: str) -> str | None:
    return Faults(cast("Any", Paper(topology))).available(parse_words(words.split()))


@pytest.mark.parametrize(
    ("topology", "words", "why"),
    [
        ("standalone", "kill-booth at=X", "there is no member X: write one of A, B, C, leader"),
        ("standalone", "stop-cluster at=A", "there is no cluster in a standalone lab"),
        ("three-site-fast", "stop-cluster at=C", "C is an arbitrator: it has no cluster"),
        ("single-node-sites", "move-booth at=A", "A has one node only"),
        ("standalone", "break-crm-ticket at=C mode=fail", "C is an arbitrator: it has no CIB"),
        (
            "standalone",
            "break-handler at=A mode=fail",
            "no ticket of this topology has a before-acquire-handler",
        ),
        ("three-site-fast", "fail-resource at=A resource=Web", "this topology has no resource Web"),
        ("standalone", "forge message=UpdE to=X", "there is no member X"),
        ("standalone", "step-clock at=A step_ms=5", "boothlab cannot do step-clock to a live lab"),
    ],
)
def test_what_cannot_be_done_says_why(topology: str, words: str, why: str) -> None:
    assert why in (reason(topology, words) or "")


@pytest.mark.parametrize(
    ("topology", "words"),
    [
        ("standalone", "partition members=leader"),
        ("standalone", "kill-booth at=leader"),
        ("three-site-fast", "move-booth at=A"),
        ("three-site-fast", "fail-resource at=B resource=WebSite action=stop"),
        ("standalone", "break-crm-ticket at=leader mode=slow"),
        ("standalone", "forge message=UpdE wrong=hash"),
        ("standalone", "replay from=leader after_ms=5000"),
    ],
)
def test_what_can_be_done_has_no_reason_against_it(topology: str, words: str) -> None:
    assert reason(topology, words) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example(kind: str) -> None:
    fault = example(kind, load("three-site-fast").topology)

    assert fault.kind == kind
    assert set(fault.targets_named) <= {"A"}


def test_every_fault_has_a_way_or_is_known_to_have_none() -> None:
    network = {each.kind for each in NETWORK_FAULTS}

    packets = {each.kind for each in PACKET_FAULTS}

    assert KINDS.keys() - network - packets - WAYS.keys() == {"fill-disk", "step-clock", "drift-clock"}


def test_the_nemesis_is_told_who_the_members_are() -> None:
    assert shape_of(load("standalone").topology) == Shape(("A", "B"), ("C",))
    assert shape_of(load("three-site").topology).pacemaker


def test_leader_and_holders_are_read_from_the_status() -> None:
    class Named:
        def __init__(self, **fields: object) -> None:
            self.__dict__.update(fields)

    status = Named(
        tickets=[Named(name="t", leader="192.168.102.100"), Named(name="u", leader=None)],
        sites=[
            Named(name="A", tickets=[Named(name="t", granted=True)]),
            Named(name="B", tickets=[Named(name="t", granted=False), Named(name="u", granted=True)]),
        ],
    )
    topology = load("standalone").topology

    assert situation_of(topology, cast("Any", status), "t") == Situation("B", ("A",))
    assert situation_of(topology, cast("Any", status), "u") == Situation(None, ("B",))
