"""What a history becomes on the timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from unit.report.stories import (
    HEADER,
    MS,
    START,
    at,
    change,
    judged,
    long_run,
    missed,
    numbered,
    packet,
    two_holders,
    view,
    write,
)

from boothlab.checkers.verdict import Status
from boothlab.history.observations import CibView, Missed, ResourceChange, ResourceView, Watched, Why
from boothlab.history.records import (
    Edge,
    Family,
    Fault,
    Life,
    LogLine,
    Operation,
    Origin,
    Phase,
    Process,
    Verb,
)
from boothlab.history.records import Mark as Remark
from boothlab.report.report import compose
from boothlab.report.thinning import thin
from boothlab.report.timeline import Timeline, lay_out

if TYPE_CHECKING:
    from boothlab.report.shapes import Bar, Mark


def in_row(timeline: Timeline, row: str) -> list[Bar]:
    return [bar for bar in timeline.bars if bar.row == row]


def spans(timeline: Timeline, row: str) -> list[tuple[str, float, float]]:
    """Return a row's bars: label, begin and end in milliseconds of the run."""
    return [
        (bar.label, (bar.began_ns - START) / MS, (bar.ended_ns - START) / MS) for bar in in_row(timeline, row)
    ]


def marks_of(timeline: Timeline, kind: str) -> list[Mark]:
    return [mark for mark in timeline.marks if mark.kind == kind]


def test_each_site_has_rows_for_booth_cib_and_resources_and_an_arbitrator_for_booth_alone() -> None:
    rows = lay_out(numbered([])).rows

    assert [(row.member, row.label) for row in rows] == [
        ("", "faults"),
        ("", "clients"),
        *(("A", "Booth"), ("A", "CIB"), ("A", "WebSite")),
        *(("B", "Booth"), ("B", "CIB"), ("B", "WebSite")),
        ("C", "Booth"),
    ]


class TestBooth:
    def test_equal_views_are_one_bar_from_the_first_to_the_last(self) -> None:
        timeline = lay_out(numbered([view("A", ms, "A") for ms in (100, 300, 500)]))

        assert spans(timeline, "booth/A/ticketA") == [("A term 1", 100, 508)]

    def test_another_leader_or_term_is_another_bar(self) -> None:
        views = [view("B", 100, "A"), view("B", 300, "A", 2), view("B", 500, "B", 3), view("B", 700, None)]

        labels = [bar[0] for bar in spans(lay_out(numbered(views)), "booth/B/ticketA")]

        assert labels == ["A term 1", "A term 2", "B term 3", "nobody"]

    def test_where_a_member_did_not_answer_there_is_a_gap(self) -> None:
        records = [view("A", 100, "A"), missed("A", 300), view("A", 500, "A")]

        assert spans(lay_out(numbered(records)), "booth/A/ticketA") == [
            ("A term 1", 100, 108),
            ("A term 1", 500, 508),
        ]

    def test_a_daemon_that_does_not_run_is_down_until_it_starts_again(self) -> None:
        records = [
            Process(member="A", life=Life.KILLED, began_ns=at(100), ended_ns=at(110)),
            Process(member="A", life=Life.STARTED, began_ns=at(900), ended_ns=at(950)),
        ]

        timeline = lay_out(numbered(records))

        assert spans(timeline, "booth/A/ticketA") == [("killed", 110, 900)]
        assert [mark.kind for mark in timeline.marks] == ["killed", "started"]


class TestCib:
    def test_a_grant_that_was_written_lasts_until_the_revoke_is(self) -> None:
        records = [write("A", 100, granted=True), write("A", 900, granted=False), view("B", 1500, None)]

        assert spans(lay_out(numbered(records)), "cib/A/ticketA") == [("granted", 100, 900)]

    def test_a_grant_that_was_written_and_never_revoked_lasts_to_the_end(self) -> None:
        records = [
            write("A", 100, granted=True),
            write("A", 400, granted=True, term=2),
            view("B", 1500, None),
        ]

        assert spans(lay_out(numbered(records)), "cib/A/ticketA") == [("granted", 100, 1508)]

    def test_a_grant_that_was_only_seen_lasts_as_long_as_it_was_seen(self) -> None:
        seen = {"observer": "cib@A", "site": "A", "ticket": "ticketA", "granted": True}
        records = [CibView(began_ns=at(ms), ended_ns=at(ms + 5), **seen) for ms in (100, 300)]

        timeline = lay_out(numbered([*records, view("B", 1500, None)]))

        assert spans(timeline, "cib/A/ticketA") == [("granted", 100, 305)]

    @pytest.mark.parametrize(("why", "ended_ms"), [(Why.DOWN, 700), (Why.SILENT, 1508)])
    def test_a_site_that_is_down_holds_nothing_and_one_that_is_silent_may(
        self, why: Why, ended_ms: int
    ) -> None:
        gap = Missed(at="A", what=Watched.CIB, why=why, began_ns=at(700), ended_ns=at(705))
        records = [write("A", 100, granted=True), gap, view("B", 1500, None)]

        assert spans(lay_out(numbered(records)), "cib/A/ticketA") == [("granted", 100, ended_ms)]


class TestResources:
    def test_they_run_from_the_agents_start_to_its_stop_and_the_node_is_named(self) -> None:
        records = [change("B", 100, running=True), change("B", 800, running=False), view("A", 1500, None)]

        assert spans(lay_out(numbered(records)), "resource/B/WebSite") == [("b-1", 100, 800)]

    @pytest.mark.parametrize(
        ("about", "node", "ended_ms"),
        [("WebSite", "b-1", 700), ("WebSite", "b-2", 1508), ("Other", "b-1", 1508)],
    )
    def test_an_operation_that_failed_ends_what_is_known_of_its_resource_on_its_node(
        self, about: str, node: str, ended_ms: int
    ) -> None:
        times = {"began_ns": at(700), "ended_ns": at(705)}
        failed = Missed(at="B", what=Watched.RESOURCES, why=Why.ERROR, about=about, node=node, **times)
        records = [change("B", 100, running=True), failed, view("A", 1500, None)]

        assert spans(lay_out(numbered(records)), "resource/B/WebSite") == [("b-1", 100, ended_ms)]

    def test_a_move_within_the_site_is_two_bars(self) -> None:
        seen = {"observer": "resources@A", "site": "A", "resource": "WebSite"}
        records = [
            ResourceView(began_ns=at(ms), ended_ns=at(ms + 5), nodes=nodes, **seen)
            for ms, nodes in ((100, ("a-1",)), (300, ("a-1",)), (500, ("a-2",)), (700, ()))
        ]

        assert spans(lay_out(numbered(records)), "resource/A/WebSite") == [
            ("a-1", 100, 305),
            ("a-2", 500, 505),
        ]

    def test_what_a_change_tells_is_not_blurred_by_a_view_of_that_time(self) -> None:
        seen = {"observer": "resources@A", "site": "A", "resource": "WebSite"}
        change = {"node": "a-1", "began_ns": at(500), "ended_ns": at(600)}
        records = [
            ResourceView(began_ns=at(100), ended_ns=at(200), nodes=(), **seen),
            ResourceView(began_ns=at(210), ended_ns=at(580), nodes=("a-1",), **seen),
            ResourceChange(running=True, **change, **seen),
            ResourceView(began_ns=at(700), ended_ns=at(900), nodes=("a-1",), **seen),
        ]

        assert spans(lay_out(numbered(records)), "resource/A/WebSite") == [("a-1", 500, 900)]


class TestFaultsAndCalls:
    def fault(self, name: str, edge: Edge, ms: float) -> Fault:
        return Fault(
            id=name, edge=edge, family=Family.NETWORK, name=name, began_ns=at(ms), ended_ns=at(ms + 1)
        )

    def test_a_fault_lasts_until_it_is_undone_and_those_at_once_lie_below_each_other(self) -> None:
        records = [
            self.fault("loss", Edge.BEGIN, 100),
            self.fault("delay", Edge.BEGIN, 200),
            self.fault("loss", Edge.END, 300),
            self.fault("cut", Edge.BEGIN, 400),
            view("A", 900, None),
        ]

        timeline = lay_out(numbered(records))

        assert spans(timeline, "faults") == [("loss", 100, 301), ("delay", 200, 908), ("cut", 400, 908)]
        assert [bar.level for bar in in_row(timeline, "faults")] == [0, 1, 0]
        assert timeline.rows[0].depth == 2

    def test_a_call_lasts_until_its_outcome_and_one_without_to_the_end(self) -> None:
        call = {"verb": Verb.GRANT, "ticket": "ticketA", "site": "A"}
        records = [
            Operation(process="p1", phase=Phase.INVOKE, at_ns=at(100), **call),
            Operation(process="p1", phase=Phase.FAIL, at_ns=at(300), **call),
            Operation(process="p2", phase=Phase.INVOKE, at_ns=at(400), **call),
            view("A", 900, None),
        ]

        timeline = lay_out(numbered(records))

        assert spans(timeline, "clients") == [
            ("grant ticketA at A", 100, 300),
            ("grant ticketA at A", 400, 908),
        ]
        assert [bar.tone for bar in in_row(timeline, "clients")] == ["fail", "info"]


class TestMessages:
    def test_go_from_the_senders_row_to_the_receivers(self) -> None:
        (mark,) = lay_out(numbered([packet(100, "RVot", "A", "C")])).marks

        assert (mark.row, mark.to_row, mark.kind) == ("booth/A/ticketA", "booth/C/ticketA", "election")
        assert mark.label == "RVot A to C: ticketA leader A term 1 valid 1999"

    def test_of_a_forger_stand_where_they_arrive(self) -> None:
        forged = replace(packet(100, "HrtB", "A", "B"), origin=Origin.FORGED)
        (mark,) = lay_out(numbered([forged])).marks

        assert (mark.row, mark.kind) == ("booth/B/ticketA", "forged")


def test_a_line_of_a_nodes_log_stands_at_the_member_that_runs_there() -> None:
    header = replace(HEADER, members=(replace(HEADER.members[0], nodes=("a-1",)), *HEADER.members[1:]))
    lines = [
        LogLine(at_ns=at(1), source="a-1", text="x", level="warning"),
        LogLine(at_ns=at(2), source="A", text="y", ticket="ticketA", state="Lead"),
    ]

    marks = lay_out(numbered(lines, header)).marks

    assert [(mark.row, mark.kind) for mark in marks] == [
        ("booth/A/ticketA", "warning"),
        ("booth/A/ticketA", "state"),
    ]


def test_remarks_have_a_row_where_there_are_any() -> None:
    timeline = lay_out(numbered([Remark(at_ns=at(5), name="healed")]))

    assert timeline.rows[0].label == "remarks"
    assert [(mark.row, mark.label) for mark in timeline.marks] == [("remarks", "healed")]


class TestFindings:
    def test_two_holders_are_a_finding_for_as_long_as_both_hold_it(self) -> None:
        history, verdicts = two_holders()
        report = compose(history, verdicts)

        found = {each.judged.name: each.spans_ns for each in report.findings}
        assert found["mutual-exclusion-cib"] == ((at(7150), at(11_000)),)
        assert found["mutual-exclusion-resources"] == ((at(7200), at(11_050)),)
        assert found["revoke-at-end"] == ((at(11_000), at(11_003)),)
        assert "terms" not in found

    def test_the_worst_verdict_is_the_runs_and_comes_first(self) -> None:
        report = compose(*two_holders())

        assert report.status is Status.INVALID
        statuses = [each.verdict.status for each in report.judged]
        assert statuses == [*[Status.INVALID] * 2, Status.UNKNOWN, *[Status.VALID] * 3]

    def test_without_any_verdict_nothing_is_known(self) -> None:
        assert compose(numbered([]), ()).status is Status.UNKNOWN


class TestThinning:
    def test_leaves_as_many_as_asked_for_and_all_that_is_evidence(self) -> None:
        history, _ = long_run(4000)
        whole = lay_out(history)
        evidence = [each.record for each in whole.marks[100:140]]

        thinned = thin(whole, 300, evidence)

        assert 250 <= len(thinned.marks) <= 400
        assert {mark.record for mark in thinned.marks} >= set(evidence)
        assert thinned.left_out["message"] == (len(thinned.marks), len(whole.marks))

    def test_keeps_the_few_and_spreads_what_is_left_over_the_whole_run(self) -> None:
        history, _ = long_run(4000)
        records = [*history.records, *(packet(ms, "RVot", "A", "B") for ms in range(5, 19_000, 900))]
        whole = lay_out(numbered(records))

        thinned = thin(whole, 100)

        assert marks_of(thinned, "election") == marks_of(whole, "election")
        times = [mark.at_ns for mark in marks_of(thinned, "message")]
        middle = (whole.began_ns + whole.ended_ns) / 2
        assert 40 < sum(each < middle for each in times) < 60

    def test_leaves_a_short_run_alone(self) -> None:
        whole = lay_out(two_holders()[0])

        assert thin(whole, 10_000) == whole


def test_a_record_of_something_that_the_header_does_not_know_is_not_drawn() -> None:
    records = [view("Z", 100, "A"), write("Z", 100, granted=True), packet(100, "HrtB", "Z", "A")]

    timeline = lay_out(numbered(records))

    assert (timeline.bars, timeline.marks) == ((), ())


def test_each_ticket_has_rows_of_its_own() -> None:
    header = replace(HEADER, tickets=(*HEADER.tickets, replace(HEADER.tickets[0], name="T", resources=())))

    timeline = lay_out(numbered([view("A", 100, "B", ticket="T")], header))

    assert [row.ticket for row in timeline.rows if row.member == "C"] == ["ticketA", "T"]
    assert spans(timeline, "booth/A/T") == [("B term 1", 100, 108)]


def test_records_that_evidence_names_and_that_are_not_there_do_no_harm() -> None:
    wrong = judged("x", Status.INVALID, "y", (77,))

    assert compose(numbered([view("A", 1, None)]), [wrong]).findings == ()
