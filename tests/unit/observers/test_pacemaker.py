"""A site's cluster, as its nodes' tools and their absence tell of it."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from boothlab.engine.assets import lab_folder
from boothlab.engine.topology.load import load
from boothlab.history.header import Header
from boothlab.history.observations import (
    CibView,
    CibWrite,
    Missed,
    Observation,
    ResourceView,
    Watched,
    Why,
)
from boothlab.history.recorder import Recorder
from boothlab.observers.attachment import Absence
from boothlab.observers.pacemaker import Site
from boothlab.observers.site_records import SiteRecords
from boothlab.observers.subjects import Names

SAID = Path(__file__).parents[1] / "engine" / "data" / "granted-a"
CIB = (SAID / "clusterA-1.cib.xml").read_text()
CRM_MON = (SAID / "clusterA-1.crm_mon.xml").read_text()
ONE, TWO = "clusterA-1", "clusterA-2"


class SeenSite:
    """Site A, and what is recorded of it; now is always later than all that was told."""

    def __init__(self) -> None:
        names = Names(load(lab_folder() / "topologies" / "three-site.yaml").topology)
        header = Header("pacemaker", "t", (), (), "CLOCK_MONOTONIC", 0, "")
        ticks = count(100_000)
        self.recorder = Recorder(header, lambda: next(ticks))
        self.seen: set[str] = set()
        records = SiteRecords(self.recorder, names, "A", 0)
        self.site = Site(records, (ONE, TWO), frozenset({"WebSite", "VIP"}), self.seen.add)

    def asks(self, node: str, at: int = 50_000, **changed: Any) -> None:  # noqa: ANN401
        """A node's tools say what they say where A has the ticket; or what is changed of that."""
        during = {"began_ns": at, "ended_ns": at + 10}
        answers = {"cib": {"code": 0, "text": CIB}, "crm_mon": {"code": 0, "text": CRM_MON}}
        for name, more in changed.items():
            answers[name] |= more
        self.site.present(node)
        self.site.looked(node, {name: each | during for name, each in answers.items()})

    def goes(self, node: str, why: Why, *, paused: bool = False, at: int = 60_000) -> None:
        self.site.absent(node, Absence(why, paused, "", at - 100, at, at))

    def of(self, kind: type[Observation]) -> list[Any]:
        return list(self.recorder.history().of(kind))


@pytest.fixture
def watched() -> SeenSite:
    return SeenSite()


def test_a_look_tells_tickets_and_where_resources_run(watched: SeenSite) -> None:
    watched.asks(ONE)

    (ticket,) = watched.of(CibView)
    assert (ticket.site, ticket.granted, ticket.owner, ticket.observer) == ("A", True, "A", "cib@A")
    runs = {each.resource: each.nodes for each in watched.of(ResourceView)}
    assert runs == {"WebSite": (ONE,), "VIP": (ONE,)}
    assert watched.seen == {"cib@A", "resources@A"}


@pytest.mark.parametrize("how", ['role="Starting"', 'role="Stopping"', 'role="Started" failed="true"'])
def test_what_starts_stops_or_has_failed_may_run_or_not(watched: SeenSite, how: str) -> None:
    begin = '<resource id="WebSite" resource_agent="ocf:heartbeat:apache" '
    said = CRM_MON.replace(' failed="false"', "").replace(f'{begin}role="Started"', begin + how)
    assert how in said
    watched.asks(ONE, crm_mon={"text": said})

    assert [each.resource for each in watched.of(ResourceView)] == ["VIP"]


def test_a_ticket_that_a_cib_does_not_have_is_granted_to_nobody(watched: SeenSite) -> None:
    watched.asks(ONE, cib={"code": 105, "text": ""})

    assert [each.granted for each in watched.of(CibView)] == [False]


def test_what_hangs_tells_nothing(watched: SeenSite) -> None:
    watched.asks(ONE, crm_mon={"code": None, "text": ""})

    assert watched.of(CibView) == []
    assert watched.of(Missed) == []


def test_a_node_without_quorum_is_not_believed(watched: SeenSite) -> None:
    assert 'with_quorum="true"' in CRM_MON
    watched.asks(ONE, crm_mon={"text": CRM_MON.replace('with_quorum="true"', 'with_quorum="false"')})

    assert watched.of(CibView) == []
    assert watched.of(ResourceView) == []


DOWN = {"code": 102, "text": ""}


def test_a_site_is_down_when_no_node_has_a_cluster(watched: SeenSite) -> None:
    watched.asks(ONE, at=40_000, crm_mon=DOWN)
    assert watched.of(Missed) == []
    watched.asks(TWO, at=50_000, crm_mon=DOWN)

    (missed,) = watched.of(Missed)
    assert (missed.what, missed.why, missed.began_ns) == (Watched.CIB, Why.DOWN, 40_000)


def test_one_that_is_back_is_not_down(watched: SeenSite) -> None:
    watched.asks(ONE, crm_mon=DOWN)
    watched.asks(ONE)
    watched.asks(TWO, crm_mon=DOWN)

    assert watched.of(Missed) == []


def test_nothing_runs_on_a_node_without_power_whatever_others_still_believe(watched: SeenSite) -> None:
    watched.goes(ONE, Why.DOWN)
    watched.asks(TWO, at=70_000)

    assert {each.nodes for each in watched.of(ResourceView)} == {()}


def test_without_power_at_all_nodes_nothing_is_granted_and_nothing_runs(watched: SeenSite) -> None:
    watched.asks(ONE)
    watched.goes(ONE, Why.DOWN)
    assert watched.of(Missed) == []
    watched.goes(TWO, Why.DOWN)

    assert {(each.what, each.why) for each in watched.of(Missed)} == {
        (Watched.CIB, Why.DOWN),
        (Watched.RESOURCES, Why.DOWN),
    }
    assert all(not each.granted for each in watched.of(CibWrite))


def test_nodes_that_are_all_paused_are_silent(watched: SeenSite) -> None:
    watched.goes(ONE, Why.SILENT, paused=True)
    watched.goes(TWO, Why.SILENT, paused=True)

    assert {(each.what, each.why) for each in watched.of(Missed)} == {
        (Watched.CIB, Why.SILENT),
        (Watched.RESOURCES, Why.SILENT),
    }


def test_a_node_that_is_only_late_is_nothing_to_tell(watched: SeenSite) -> None:
    for node in (ONE, TWO):
        watched.goes(node, Why.SILENT)

    assert watched.of(Missed) == []
    assert watched.seen == set()
