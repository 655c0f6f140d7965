"""What was last seen, while it is being recorded."""

from __future__ import annotations

from threading import Timer

import pytest

from boothlab.history.observations import (
    BoothView,
    CibView,
    CibWrite,
    Missed,
    ResourceChange,
    ResourceView,
    Watched,
    Why,
)
from boothlab.history.records import Life, Process
from boothlab.scenarios.errors import NotSoError
from boothlab.scenarios.latest import Latest

TICKET = "apacheticket"


def write(site: str, *, granted: bool, at_ns: int, term: int = 1) -> CibWrite:
    return CibWrite(site=site, ticket=TICKET, granted=granted, term=term, began_ns=at_ns, ended_ns=at_ns + 1)


def view(site: str, *, granted: bool, at_ns: int) -> CibView:
    return CibView(site=site, ticket=TICKET, granted=granted, began_ns=at_ns, ended_ns=at_ns + 1)


def booth(member: str, leader: str | None) -> BoothView:
    return BoothView(member=member, ticket=TICKET, leader=leader, began_ns=1, ended_ns=2)


def missed(at: str, what: Watched, why: Why) -> Missed:
    return Missed(at=at, what=what, why=why, began_ns=5, ended_ns=6)


@pytest.fixture
def seen() -> Latest:
    return Latest()


def test_nobody_holds_what_was_never_seen(seen: Latest) -> None:
    assert seen.holders(TICKET) == frozenset()
    assert seen.leaders(TICKET) == {}


def test_the_holders_are_the_sites_whose_cib_was_told_so_last(seen: Latest) -> None:
    seen.append(write("A", granted=True, at_ns=10))
    seen.append(write("B", granted=True, at_ns=20))
    seen.append(write("A", granted=False, at_ns=30))

    assert seen.holders(TICKET) == {"B"}


def test_what_is_older_does_not_count_though_it_was_read_later(seen: Latest) -> None:
    seen.append(view("A", granted=False, at_ns=30))
    seen.append(write("A", granted=True, at_ns=10))

    assert seen.holders(TICKET) == frozenset()


def test_a_site_without_power_holds_nothing(seen: Latest) -> None:
    seen.append(write("A", granted=True, at_ns=10))
    seen.append(missed("A", Watched.CIB, Why.DOWN))

    assert seen.holders(TICKET) == frozenset()


def test_a_site_that_is_silent_holds_what_it_held(seen: Latest) -> None:
    seen.append(write("A", granted=True, at_ns=10))
    seen.append(missed("A", Watched.CIB, Why.SILENT))

    assert seen.holders(TICKET) == {"A"}


def test_members_that_do_not_answer_name_no_leader(seen: Latest) -> None:
    seen.append(booth("A", "A"))
    seen.append(booth("B", None))
    seen.append(missed("A", Watched.BOOTH, Why.SILENT))

    assert seen.leaders(TICKET) == {"B": None}

    seen.append(booth("A", "B"))

    assert seen.leaders(TICKET) == {"A": "B", "B": None}


def test_writes_are_counted_and_tell_the_term(seen: Latest) -> None:
    seen.append(write("A", granted=True, at_ns=10, term=3))
    seen.append(write("A", granted=True, at_ns=20, term=4))

    assert seen.writes("A", TICKET) == 2
    assert seen.writes("B", TICKET) == 0
    assert seen.terms(TICKET) == {"A": 4}


def test_a_resource_runs_where_it_was_started_and_not_stopped(seen: Latest) -> None:
    seen.append(ResourceView(site="A", resource="WebSite", nodes=("a1",), began_ns=1, ended_ns=2))
    for node, running in (("a2", True), ("a1", False)):
        seen.append(
            ResourceChange(site="A", node=node, resource="WebSite", running=running, began_ns=3, ended_ns=4)
        )

    assert seen.running("WebSite") == {"A": {"a2"}}

    seen.append(missed("A", Watched.RESOURCES, Why.DOWN))

    assert seen.running("WebSite") == {}


def test_starts_of_daemons_are_counted_and_nothing_else_of_theirs(seen: Latest) -> None:
    for life in (Life.KILLED, Life.STARTED, Life.PAUSED, Life.CONTINUED, Life.STARTED):
        seen.append(Process(member="A", life=life, began_ns=1))

    assert (seen.starts("A"), seen.starts("B")) == (2, 0)


def test_a_wait_ends_as_soon_as_the_condition_holds(seen: Latest) -> None:
    timer = Timer(0.05, seen.append, [write("A", granted=True, at_ns=10)])
    timer.start()

    seen.wait(lambda now: now.holders(TICKET) == {"A"}, "A has it", limit_s=30)

    timer.join()


def test_a_wait_that_was_in_vain_tells_what_was_seen_last(seen: Latest) -> None:
    seen.append(write("A", granted=True, at_ns=10))
    seen.append(booth("B", "A"))

    with pytest.raises(NotSoError, match=r"B has it: still not so after 0 s.*granted at A.*B names A"):
        seen.wait(lambda now: now.holders(TICKET) == {"B"}, "B has it", limit_s=0)
