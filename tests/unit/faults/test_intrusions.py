"""Faults of packets as work for the router. No lab is asked but for its key."""

from __future__ import annotations

import base64
from typing import Any, cast

import pytest

from boothlab.core import auth, wire
from boothlab.core.identity import site_id
from boothlab.engine.parsers.frames import Frame
from boothlab.engine.runtime import Answer, NodeUnreachableError
from boothlab.engine.topology.load import load
from boothlab.errors import BoothlabError
from boothlab.faults import intrusions
from boothlab.history.records import Fate, Origin
from boothlab.nemesis.packets import WRONG, PacketFault
from boothlab.nemesis.vocabulary import parse_words
from boothlab.router.sending import Letter

KEY = b"a key of members"
A, B, C = "192.168.101.100", "192.168.102.100", "192.168.100.100"
NOW_US = 1_700_000_000_000_000


class Paper:
    """A lab that exists on paper only: it has a topology and a key, and some of its nodes are off."""

    def __init__(self, *overrides: str, off: tuple[str, ...] = ()) -> None:
        self.topology = load("standalone", overrides=overrides).topology
        self._off = off

    def run(self, node: str, _command: object, **_more: object) -> Answer:
        if node in self._off:
            raise NodeUnreachableError(f"node {node} does not answer")
        return Answer(0, base64.b64encode(KEY + b"\n").decode(), "", 0.0)


def fault_of(words: str) -> PacketFault:
    fault = parse_words(words.split())
    assert isinstance(fault, PacketFault)
    return fault


def work(words: str, *overrides: str) -> dict[str, Any]:
    lab, fault = Paper(*overrides), fault_of(words)
    pairs = intrusions.directions(lab.topology, fault, list)
    return intrusions.sending(cast("Any", lab), fault, pairs, "apacheticket", seed=3)


def letters(words: str, *overrides: str) -> list[Letter]:
    return [Letter.of(each) for each in work(words, *overrides)["letters"]]


def refused(payload: bytes) -> bool:
    try:
        auth.verify(payload, KEY)
    except auth.AuthError:
        return True
    return False


@pytest.mark.parametrize("wrong", WRONG)
def test_a_forged_message_is_whole_but_for_what_is_wrong(wrong: str) -> None:
    (found,) = letters(f"forge message=RVot from=A to=B wrong={wrong} term=5000")
    payload = found.payload(NOW_US)
    message = wire.decode_ticket(payload)
    _, length = wire.decode_header(payload)

    assert length == len(payload)
    assert (message.leader, message.term) == (site_id(A), 5000)
    assert refused(payload) == (wrong in ("key", "signature", "hash", "cut"))
    assert (message.header.sender == site_id(A)) == (wrong != "sender")
    assert (message.ticket == "apacheticket") == (wrong != "ticket")
    assert (found.source == A) == (wrong != "sender")


def test_without_members_named_everybody_gets_it_in_everybodys_name() -> None:
    found = {(each.source, each.target) for each in letters("forge message=Stat")}

    assert found == {(A, B), (A, C), (B, A), (B, C), (C, A), (C, B)}


def test_where_there_is_no_key_only_what_needs_none_can_be_wrong() -> None:
    topology = Paper("booth.authentication=false").topology

    assert "share no key" in (intrusions.unfit(topology, fault_of("forge message=Stat")) or "")
    assert intrusions.unfit(topology, fault_of("forge message=Stat wrong=ticket")) is None
    (letter,) = letters("forge message=Stat from=A to=B wrong=ticket", "booth.authentication=false")
    assert len(letter.payload(NOW_US)) == wire.TICKET_SIZE


def test_copies_come_from_whom_they_came_or_from_nobody() -> None:
    own = work("replay from=A to=B after_ms=5 times=3 every_ms=7")

    assert own["pairs"] == [["192.168.101.0/24", "192.168.102.0/24"]]
    assert (own["source"], own["after_ms"], own["times"], own["every_ms"]) == ("", 5, 3, 7)
    assert work("truncate bytes=9 address=foreign")["source"] == "192.0.2.1"


def test_connections_are_opened_to_each_target_once() -> None:
    assert work("flood what=connections")["targets"] == [B, C, A]


def test_what_became_of_a_flood_nobody_knows() -> None:
    frames = [Frame(1, True, 0, bytes(28)), Frame(2, False, 0, bytes(28))]
    replay, flood = fault_of("replay after_ms=1"), fault_of("flood")

    assert [(each.origin, each.fate) for each in intrusions.sent(replay, frames)] == [
        (Origin.REPLAYED, Fate.DELIVERED),
        (Origin.REPLAYED, Fate.DROPPED),
    ]
    assert {(each.origin, each.fate) for each in intrusions.sent(flood, frames)} == {(Origin.FORGED, None)}


def test_the_key_is_asked_of_any_node_that_answers() -> None:
    fault = fault_of("forge message=Stat from=A to=B wrong=ticket")
    lab, dark = Paper(off=("boothA",)), Paper(off=("boothA", "boothB", "arbitrator"))

    assert intrusions.sending(cast("Any", lab), fault, [("A", "B")], "t", 0)["letters"][0]["key"] == KEY.hex()
    with pytest.raises(BoothlabError, match="the members' key cannot be read: node arbitrator does not"):
        intrusions.sending(cast("Any", dark), fault, [("A", "B")], "t", 0)
