"""The vocabulary: a fault is data, can be written and read, and nonsense is refused."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from unit.nemesis import strategies

from boothlab.nemesis.errors import FaultError
from boothlab.nemesis.network import MESSAGES, Delay, Loss, OneWay, Partition
from boothlab.nemesis.packets import Forge, Truncate
from boothlab.nemesis.process import KillBooth, PauseNode
from boothlab.nemesis.vocabulary import KINDS, fault_of, parse_words

if TYPE_CHECKING:
    from boothlab.nemesis.fault import Fault


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("loss percent=30", Loss(percent=30)),
        (
            "loss from=A to=B,C only=VtFr percent=12.5",
            Loss(sources=("A",), targets=("B", "C"), only="VtFr", percent=12.5),
        ),
        ("delay delay_ms=100 jitter_ms=20", Delay(delay_ms=100, jitter_ms=20)),
        ("partition members=leader", Partition(members=("leader",))),
        (
            "partition shape=halves members=A,C only=udp",
            Partition(shape="halves", members=("A", "C"), only="udp"),
        ),
        ("partition shape=majorities-ring", Partition(shape="majorities-ring")),
        ("one-way from=A", OneWay(sources=("A",))),
        ("forge message=RVot from=A to=leader", Forge(message="RVot", sources=("A",), targets=("leader",))),
        ("truncate bytes=20 only=HrtB", Truncate(size=20, only="HrtB")),
        ("kill-booth at=leader", KillBooth(at=("leader",))),
        ("pause-node at=A node=all", PauseNode(at=("A",), node="all")),
    ],
)
def test_words_make_a_fault(words: str, fault: Fault) -> None:
    assert parse_words(words.split()) == fault


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "no fault is named"),
        ("lose percent=1", "there is no fault lose: the faults are partition, "),
        ("loss", "loss needs percent="),
        ("loss 30", "'30' is not understood: after the fault's kind write NAME=VALUE"),
        ("loss percent=1 percent=2", "'percent=2' is not understood"),
        ("loss percent=many", "percent must be a number, not 'many'"),
        ("loss percent=0", "percent must be above 0"),
        ("loss percent=101", "at most 100, not 101"),
        ("loss percent=nan", "percent must be above 0"),
        ("loss percent=1 share=2", "loss has no share: it takes only, from, to, percent"),
        ("loss percent=1 only=Vote", "only must be one of all, udp, tcp, Stat,"),
        ("delay delay_ms=0", "delay_ms must be above 0"),
        ("delay delay_ms=10 jitter_ms=11", "jitter_ms must be from 0 to delay_ms, not 11"),
        ("delay delay_ms=1.5", "delay_ms must be a whole number"),
        ("rate kbit_s=-1", "kbit_s must be above 0"),
        ("flap down_ms=1", "flap needs up_ms="),
        ("one-way", "one-way needs from="),
        ("partition shape=halves", "halves needs members="),
        ("partition shape=star members=A", "shape must be one of isolate, halves, bridge, majorities-ring"),
        ("kill-booth", "kill-booth needs at="),
        ("pause-node at=A node=3", "node must be one of booth, resources, all"),
        ("break-handler at=A mode=odd", "mode must be one of slow, hang, fail"),
        ("step-clock at=A step_ms=0", "step_ms must not be 0"),
        ("drift-clock at=A rate=1", "a rate of 1 is no fault"),
        ("forge wrong=key", "forge needs message="),
        ("forge message=CGnt", "message must be one of Stat, "),
        ("forge message=UpdE wrong=all", "wrong must be one of key, signature, hash, cut, sender, ticket"),
        ("forge message=UpdE term=999", "term must be 1000 or more"),
        ("forge message=UpdE address=A", "address must be one of member, foreign"),
        ("forge message=UpdE count=1001", "count must be from 1 to 1000, not 1001"),
        ("replay", "replay needs after_ms="),
        ("replay after_ms=0", "after_ms must be above 0"),
        ("replay after_ms=1 only=tcp", "only must be one of udp, Stat, "),
        ("replay after_ms=1 times=0", "times must be from 1 to 1000"),
        ("truncate", "truncate needs bytes="),
        ("truncate bytes=152", "bytes must be from 1 to 151, not 152"),
        ("flood what=water", "what must be one of garbage, message, connections"),
        ("flood per_s=5001", "per_s must be from 1 to 5000"),
        ("fail-resource at=A resource=WebSite action=sing", "action must be one of start, stop"),
    ],
)
def test_nonsense_is_refused_with_what_to_write_instead(words: str, complaint: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse_words(words.split())

    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        {"fault": "loss", "percent": True},
        {"fault": "loss", "percent": [1]},
        {"fault": "loss", "percent": 1, "from": [1]},
        {"fault": "loss", "percent": 1, "only": 5},
        {"fault": "delay", "delay_ms": 1.5},
        {"fault": ["loss"]},
        {},
    ],
)
def test_data_of_the_wrong_type_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(FaultError):
        fault_of(data)


def test_only_messages_between_members_can_be_picked() -> None:
    assert sorted(MESSAGES) == ["Ack.", "HrtB", "MIdx", "RJC!", "RVot", "Revk", "Stat", "UpdE", "VtFr"]


def test_every_kind_has_a_name_and_says_what_it_does() -> None:
    assert all(kind == each.kind and each.does for kind, each in KINDS.items())


@given(strategies.faults)
def test_a_fault_survives_being_written_as_data(fault: Fault) -> None:
    assert fault_of(json.loads(json.dumps(fault.as_data()))) == fault


@given(strategies.faults)
def test_a_fault_survives_being_written_as_words(fault: Fault) -> None:
    assert parse_words(shlex.split(str(fault))) == fault
