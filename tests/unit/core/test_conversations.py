"""A member of ours, told what a member of the C daemon was told, says what that one said.

For each recording and each member in it: the messages that reached it, at their times, go to
a member of ours. What it sends to each peer and client is compared with what the C daemon
sent, message by message; messages repeated in a row count as one, as ours ask more often.
Where ours deviates, it does so on purpose: ``DEVIATIONS`` says what and why.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from unit.core.replay.compare import NAMES, Line, Said, common, differences, once, ours, recorded
from unit.core.replay.recording import Written, load
from unit.core.replay.scenes import SCENES, play

from boothlab.core.codes import Command
from boothlab.core.messages import TicketMessage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unit.core.replay.recording import Recording
    from unit.core.replay.stage import Stage

EARLIER_MS: Final = -200
LATER_MS: Final = 25


class Deviation(NamedTuple):
    """Where ours says something else than the C daemon, to a member (by its place) or a client."""

    to: str
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    why: str


FIRST_ANSWER: Final = (
    "a grant is first answered before its election begins: there is no candidate to name yet"
)
OVER: Final = "a lease that is over is not claimed, so nobody can believe in it"
REASON: Final = "the reason is why it campaigns now, not why it was granted the ticket some time ago"
STEP_DOWN_ACK: Final = (
    "a step-down is acknowledged, so that ours need not repeat it; the C daemon ignores that"
)
ASKS_AGAIN: Final = "who has not told its status yet is asked again"
ONE_LEADER: Final = "a valid lease is not voted away whatever the reason, and nobody follows two leaders"
YIELDS: Final = "a leader lets go when another site leads in its term: two holders would be worse than none"


def first_answer(client: int, theirs: str, ours: str = "leader none, term 0") -> Deviation:
    """Return how the first answer to a client's grant deviates."""
    return Deviation(f"client {client}", (f"Rslt = More, {theirs}",), (f"Rslt = More, {ours}",), FIRST_ANSWER)


def instead(to: str, why: str, *pairs: tuple[str, str]) -> Deviation:
    """Return a deviation in which each message has another in its place."""
    return Deviation(to, tuple(their for their, _ in pairs), tuple(our for _, our in pairs), why)


def more(to: str, why: str, *lines: str) -> Deviation:
    """Return a deviation in which ours says more."""
    return Deviation(to, (), lines, why)


_REJECTS: Final = ("RJC! to HrtB = TVld, leader 2, term 2", "RJC! to UpdE = TVld, leader 2, term 2")
_RENEWS: Final = ("HrtB, leader 2, term 2", "UpdE, leader 2, term 2")
_FOLLOWS: Final = ("Ack. to HrtB, leader 1, term 2", "Ack. to UpdE, leader 1, term 2")
_LISTED: Final = "RLst: ticket: T, leader: 10.77.%d.1, expires: TIME\n"

DEVIATIONS: Final[dict[tuple[str, int], tuple[Deviation, ...]]] = {
    ("03-grant-election", 1): (first_answer(0, "leader 1, term 0"),),
    ("13-old-leader-returns", 1): (
        instead("2", OVER, ("Stat, leader 1, term 1", "Stat, leader none, term 1")),
        instead("3", OVER, ("Stat, leader 1, term 1", "Stat, leader none, term 1")),
    ),
    ("16-grant-one-site-down", 1): (first_answer(0, "leader 1, term 0"),),
    ("17-grant-force-one-site-down", 1): (first_answer(0, "leader 1, term 1"),),
    ("19-no-majority-grant", 1): (
        instead("2", REASON, ("RVot for Admn, leader 1, term 3", "RVot for Racq, leader 1, term 3")),
        instead("3", REASON, ("RVot for Admn, leader 1, term 3", "RVot for Racq, leader 1, term 3")),
    ),
    ("20-stepdown-handler-fails", 2): (more("1", STEP_DOWN_ACK, "Ack. to VtFr, leader none, term 0"),),
    ("20-stepdown-handler-fails", 3): (more("1", STEP_DOWN_ACK, "Ack. to VtFr, leader none, term 0"),),
    ("22-attr-prereq", 1): (first_answer(2, "leader 1, term 0"),),
    ("23-manual-ticket", 1): (first_answer(0, "leader 1, term 0"),),
    ("23-manual-ticket", 2): (first_answer(3, "leader 2, term 0", "leader 1, term 0"),),
    ("26-ipv6", 1): (first_answer(0, "leader 1, term 0"),),
    ("26-ipv6", 2): (more("3", ASKS_AGAIN, "Stat, leader none, term 0"),),
    ("26-ipv6-auth", 1): (
        first_answer(0, "leader 1, term 0"),
        more("2", ASKS_AGAIN, "Stat, leader none, term 0"),
        more("3", ASKS_AGAIN, "Stat, leader none, term 0"),
    ),
    ("26-ipv6-auth", 2): (),
    ("29-dual-leader-after-stepdown", 2): (
        Deviation(
            "1",
            ("VtFr to RVot, leader 1, term 2", *(*_REJECTS, *_RENEWS) * 2, *_REJECTS),
            ("RJC! to RVot = TVld, leader 2, term 2", _FOLLOWS[1], *_FOLLOWS * 2),
            f"{ONE_LEADER}; {YIELDS}",
        ),
        Deviation("3", _RENEWS * 2, (), YIELDS),
        instead("client 1", YIELDS, (_LISTED % 2, _LISTED % 1)),
    ),
    ("29-dual-leader-after-stepdown", 3): (
        Deviation(
            "1",
            ("VtFr to RVot, leader 2, term 2", *_FOLLOWS * 3),
            ("RJC! to RVot = TVld, leader 2, term 2", *_REJECTS * 3),
            ONE_LEADER,
        ),
    ),
}
"""By recording and member; where the recording with authentication differs, it has an entry of its own."""

NO_NEWS: Final = "nothing is written at start where Pacemaker has no such ticket"
AT_START: Final = "a ticket that is granted here, but whose lease is over, is revoked before anybody is asked"
_NOBODY: Final = Written(granted=False, owner=0, term=0)

WRITTEN_DEVIATIONS: Final[dict[tuple[str, int], tuple[list[Written], list[Written], str]]] = {
    ("01-startup-empty", 2): ([_NOBODY], [], NO_NEWS),
    ("26-ipv6", 1): ([_NOBODY], [], NO_NEWS),
    ("26-ipv6", 2): ([_NOBODY], [], NO_NEWS),
    ("26-ipv6-auth", 2): ([], [], ""),
    ("13-old-leader-returns", 1): ([Written(False, 0, 2)], [Written(False, 0, 1)], AT_START),
    ("29-dual-leader-after-stepdown", 2): (
        [Written(True, 1938453503, 2)],
        [Written(False, 0, 2), Written(False, 1487347772, 2)],
        YIELDS,
    ),
}
"""What the C daemon tells Pacemaker first, and what ours does."""

STORED_LEASE: Final = ("10-follower-restart", 2)
"""It begins with what Pacemaker stored, in whole seconds."""


def deviations(name: str, place: int) -> tuple[Deviation, ...]:
    """Return what is listed for a recording."""
    plain = DEVIATIONS.get((name.removesuffix("-auth"), place), ())
    return DEVIATIONS.get((name, place), plain)


@cache
def played(name: str, place: int) -> tuple[Recording, Stage]:
    """Return a recording, and our member after it."""
    recording = load(name)
    return recording, play(recording, SCENES[name.removesuffix("-auth")], place)


def both(name: str, place: int) -> tuple[Said, Said]:
    """Return what ours and the C daemon said."""
    recording, stage = played(name, place)
    return (
        {to: once(lines) for to, lines in ours(recording, stage).items()},
        {to: once(lines) for to, lines in recorded(recording, place).items()},
    )


def in_order(written: Iterable[Written]) -> list[Written]:
    """Return what Pacemaker was told, without repetitions."""
    return [each for each, _ in groupby(written)]


def same_lease(theirs: Line, our: Line) -> bool:
    """Return whether two messages speak of the same lease.

    Its length may be the same, or its end: the C daemon answers after it has written the CIB.
    Ours may end earlier, as a leader counts from when its heartbeat was sent, but not later.
    A heartbeat of ours announces the whole lease.
    """
    if not isinstance(theirs.message, TicketMessage) or not isinstance(our.message, TicketMessage):
        return True
    if theirs.message.header.command == Command.HEARTBEAT:
        return our.message.valid >= theirs.message.valid - 1
    length_ms = our.message.valid - theirs.message.valid
    end_ms = length_ms + (our.t - theirs.t) * 1000
    return abs(length_ms) <= 1 or EARLIER_MS <= end_ms <= LATER_MS


@pytest.mark.parametrize(("name", "place"), NAMES)
def test_says_what_the_c_daemon_said(name: str, place: int) -> None:
    said, theirs = both(name, place)
    end_s = load(name).packets[-1].t
    found = [
        (to, *difference)
        for to in {*said, *theirs}
        for difference in differences(theirs.get(to, []), said.get(to, []), end_s)
    ]

    assert sorted(found) == sorted(each[:3] for each in deviations(name, place))


@pytest.mark.parametrize(
    ("name", "place"), [each for each in NAMES if (each[0].removesuffix("-auth"), each[1]) != STORED_LEASE]
)
def test_says_how_long_the_lease_is_as_the_c_daemon_did(name: str, place: int) -> None:
    said, theirs = both(name, place)
    for to, lines in theirs.items():
        for left, right in common(lines, said.get(to, [])):
            assert same_lease(left, right), (to, left, right)


@pytest.mark.parametrize(("name", "place"), NAMES)
def test_tells_pacemaker_what_the_c_daemon_told(name: str, place: int) -> None:
    recording, stage = played(name, place)
    scene = name.removesuffix("-auth")
    address = recording.config.members[place - 1].address
    theirs = in_order(written for site, written in recording.written if site == address)
    told = in_order(Written(each.granted, each.owner, each.term) for each in stage.written)
    plain = WRITTEN_DEVIATIONS.get((scene, place), ([], [], ""))
    first, instead_of_it, _ = WRITTEN_DEVIATIONS.get((name, place), plain)

    assert theirs[: len(first)] == first
    assert told == instead_of_it + theirs[len(first) :]


def test_deviations_are_of_members_that_are_played() -> None:
    known = {(name.removesuffix("-auth"), place) for name, place in NAMES}

    assert {(name.removesuffix("-auth"), place) for name, place in DEVIATIONS} <= known
