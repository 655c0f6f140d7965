"""What a lab can have: a fault says beforehand what is in its way. No lab is asked for these answers."""

from __future__ import annotations

from typing import Any, cast

import pytest

from boothlab.engine.runtime import Answer, NodeUnreachableError
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
        ("standalone", "fill-disk at=C", "C is an arbitrator: it has no CIB"),
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


def test_every_fault_has_a_way() -> None:
    network = {each.kind for each in NETWORK_FAULTS}

    packets = {each.kind for each in PACKET_FAULTS}

    assert KINDS.keys() - network - packets == WAYS.keys()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(0, "", "", 0.1), None),
        (Answer(0, "the image of boothA has nothing\n", "", 0.1), "the image of boothA has nothing"),
        (
            NodeUnreachableError("node boothA does not answer", remedy="start it"),
            "node boothA does not answer",
        ),
    ],
)
@pytest.mark.parametrize("words", ["step-clock at=A step_ms=5", "drift-clock at=A rate=2", "fill-disk at=A"])
def test_what_only_the_node_knows_is_asked_there(
    words: str, answer: Answer | NodeUnreachableError, why: str | None
) -> None:
    class Answering(Paper):
        def run(self, _node: str, _command: object, *, limit_s: float) -> Answer:
            assert limit_s > 0
            if isinstance(answer, NodeUnreachableError):
                raise answer
            return answer

    faults = Faults(cast("Any", Answering("standalone")))

    assert faults.available(parse_words(words.split())) == why


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
