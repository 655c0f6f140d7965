"""What members answer, as records."""

from __future__ import annotations

import time
from typing import Any

import pytest

from boothlab.engine.assets import lab_folder
from boothlab.engine.topology.load import load
from boothlab.history.header import Header
from boothlab.history.observations import BoothView, Missed, PeersView, Watched, Why
from boothlab.history.recorder import Recorder
from boothlab.observers.booth_answers import BoothAnswers
from boothlab.observers.subjects import Names

PEERS = """\
site       192.168.102.100, last recv: 2026-11-25 18:30:38
\tSent pkts:5 error:1 resends:2
\tRecv pkts:4 error:0 authfail:3 invalid:6

arbitrator 192.168.100.100, last recv: 1970-01-01 00:00:00
\tSent pkts:5 error:0 resends:0
\tRecv pkts:0 error:0 authfail:0 invalid:0

"""


class Heard:
    def __init__(self) -> None:
        header = Header("standalone", "t", (), (), "CLOCK_MONOTONIC", 0, "")
        self.recorder = Recorder(header, time.monotonic_ns)
        self.seen: list[str] = []
        names = Names(load(lab_folder() / "topologies" / "standalone.yaml").topology)
        self.answers = BoothAnswers(self.recorder, names, self.seen.append)

    def __call__(self, kind: str, **told: Any) -> None:  # noqa: ANN401 - as JSON has it
        self.answers.hear({"kind": kind, "member": "A", "began_ns": 10, "ended_ns": 20, **told})

    def only(self) -> Any:  # noqa: ANN401 - any record
        (record,) = self.recorder.history().records
        return record


@pytest.fixture
def hear() -> Heard:
    return Heard()


def test_a_lease_ends_on_the_runs_clock(hear: Heard) -> None:
    in_a_minute = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 60))
    hear("list", text=f"ticket: apacheticket, leader: 192.168.102.100, expires: {in_a_minute}\n")
    view = hear.only()

    assert (type(view), view.member, view.ticket, view.leader) == (BoothView, "A", "apacheticket", "B")
    assert (view.began_ns, view.ended_ns, view.observer, view.pending) == (10, 20, "booth@A", False)
    assert 55e9 < view.expires_ns - time.monotonic_ns() <= 60e9
    assert hear.seen == ["booth@A"]


def test_a_commit_that_waits(hear: Heard) -> None:
    moment = "2026-11-25 18:30:48"
    hear(
        "list",
        text=f"ticket: t, leader: 192.168.101.100, expires: {moment} (commit pending until {moment})\n",
    )

    assert hear.only().pending


@pytest.mark.parametrize("nobody", ["none", "NONE"])
def test_a_ticket_of_nobody(hear: Heard, nobody: str) -> None:
    hear("list", text=f"ticket: apacheticket, leader: {nobody}\n")

    assert (hear.only().leader, hear.only().expires_ns) == (None, None)


def test_a_member_without_tickets_has_answered_all_the_same(hear: Heard) -> None:
    hear("list", text="")

    assert hear.recorder.history().records == ()
    assert hear.seen == ["booth@A"]


def test_counters_by_the_peers_names(hear: Heard) -> None:
    hear("peers", text=PEERS)
    view = hear.only()

    assert isinstance(view, PeersView)
    assert [(each.peer, each.sent, each.authfail, each.invalid) for each in view.peers] == [
        ("B", 5, 3, 6),
        ("C", 5, 0, 0),
    ]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"missed": "down", "text": "Connection refused"}, Why.DOWN),
        ({"missed": "silent", "text": "no answer within 1 s"}, Why.SILENT),
        ({"missed": "error", "text": "signed with another key"}, Why.ERROR),
        ({"text": "ticket: apacheticket, lea"}, Why.ERROR),
    ],
)
def test_what_is_no_answer_is_missed(hear: Heard, told: dict[str, str], why: Why) -> None:
    hear("list", **told)
    missed = hear.only()

    assert isinstance(missed, Missed)
    assert (missed.at, missed.what, missed.why) == ("A", Watched.BOOTH, why)
    assert missed.text
