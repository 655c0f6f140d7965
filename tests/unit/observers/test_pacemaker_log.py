"""Lines of pacemaker.log: their times, what they tell, and what they leave open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from boothlab.observers.pacemaker_log import Asked, CibEnded, Done, NodeLog, TicketWrite, Told, parse_line

MS = 1_000_000
S = 1000 * MS


def at(text: str) -> int:
    """Return an ISO time as nanoseconds since 1970."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp()) * S + moment.microsecond * 1000


LATER = at("2026-11-25T18:40:00")
BASED = "pacemaker-based     [78] (cib_perform_op) \tinfo: "
DONE = (
    "pacemaker-based     [78] (cib_process_request) \tinfo: Completed cib_modify operation for section status"
)
CONTROLD = "pacemaker-controld  [83] (do_lrm_rsc_op) \tnotice: "
TICKET = "/cib/status/tickets/ticket_state[@id='apacheticket']"


def told(*lines: str, log: NodeLog | None = None) -> list[Told]:
    log = log or NodeLog("clusterA-1")
    found = [parse_line(f"Nov 25 18:31:{line}", LATER, 0) for line in lines]
    return [each for line in found if line for each in log.read(line)]


def written(change: str, second: str = "13") -> tuple[str, ...]:
    """Return the lines of one write into the CIB."""
    return (
        f"{second}.043 a {BASED}Diff: --- 0.6.39 2",
        f"{second}.043 a {BASED}Diff: +++ 0.6.40 (null)",
        f"{second}.043 a {BASED}+  /cib:  @num_updates=40",
        f"{second}.044 a {BASED}{change}",
        f"{second}.050 a {DONE}: OK (rc=0, origin=clusterA-1/crm_ticket/4, version=0.6.40)",
    )


@pytest.mark.parametrize("read", ["2027-01-01T00:00:00.5", "2026-12-31T23:59:59.96"])
def test_the_year_is_the_one_in_which_the_line_was_just_written(read: str) -> None:
    line = parse_line(f"Dec 31 23:59:59.955 a {BASED}x", at(read), 0)

    assert line
    assert line.began_ns == at("2026-12-31T23:59:59.955")


def test_times_are_on_the_runs_clock() -> None:
    offset_ns = 7 * S - at("2026-11-25T18:31:13")
    line = parse_line(f"Nov 25 18:31:13.043 a {BASED}x", 60 * S, offset_ns)

    assert line
    assert line.began_ns == 7 * S + 43 * MS


def test_a_line_was_written_within_a_tick_of_its_time_and_before_it_was_read() -> None:
    text = f"Nov 25 18:31:13.043 a {BASED}x"
    late, soon = parse_line(text, LATER, 0), parse_line(text, at("2026-11-25T18:31:13.046"), 0)

    assert late
    assert late.ended_ns - late.began_ns == 11 * MS
    assert soon
    assert soon.ended_ns == at("2026-11-25T18:31:13.046")


def test_whole_seconds_leave_a_whole_second_open() -> None:
    """Older logging libraries tell no milliseconds."""
    line = parse_line(f"Nov 25 18:31:13 a {BASED}x", LATER, 0)

    assert line
    assert line.began_ns == at("2026-11-25T18:31:13")
    assert line.ended_ns >= at("2026-11-25T18:31:14")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nov 25 18:31:04 clusterA-1 boothd-site: [510]: info: apacheticket (Lead/0/19999): granted",
        "Nov 25 18:31:04.979 a pacemaker-execd     [80] (log_execute) \tinfo: executing - rsc:VIP",
        "Nov 25 18:31:04.979 a pacemaker-based     [78] (cib_pro",
        "Nov 45 18:31:04.979 a pacemaker-based     [78] (f) \tinfo: x",
        "Nix 25 18:31:04.979 a pacemaker-based     [78] (f) \tinfo: x",
    ],
)
def test_other_lines_and_broken_ones_are_passed_over(text: str) -> None:
    line = parse_line(text, LATER, 0)

    assert line is None or not list(NodeLog("a").read(line))


def test_a_write_came_about_between_its_first_line_and_its_completion() -> None:
    (write,) = told(*written(f"+  {TICKET}:  @granted=false, @owner=-1, @expires=1795631473"))

    assert isinstance(write, TicketWrite)
    assert (write.ticket, write.version) == ("apacheticket", "0.6.40")
    assert write.attributes == {"granted": "false", "owner": "-1", "expires": "1795631473"}
    assert write.began_ns == at("2026-11-25T18:31:13.044")
    assert write.ended_ns == at("2026-11-25T18:31:13.061")


@pytest.mark.parametrize(
    "end",
    [
        f"13.050 a {DONE}: OK (rc=0, origin=laptop/crmd/4, version=\x81rcT.!^K9)",  # some releases print that
        f"13.050 a {BASED}Diff: --- 0.6.40 2",
    ],
)
def test_a_write_ends_when_it_is_called_complete_or_the_next_one_begins(end: str) -> None:
    *begin, _ = written(f"+  {TICKET}:  @granted=false")
    (write,) = told(*begin, end)

    assert write.ended_ns == at("2026-11-25T18:31:13.061")


def test_a_line_may_name_its_place_in_the_source() -> None:
    lines = written(f"+  {TICKET}:  @granted=false")

    assert told(*(line.replace("(cib_perform_op)", "(cib_perform_op@xml.c:894)") for line in lines))


def test_what_a_change_does_not_name_stays_as_it_was() -> None:
    log = NodeLog("a")
    told(*written('++                 <ticket_state id="apacheticket" granted="true" term="1"/>'), log=log)
    (write,) = told(*written(f"+  {TICKET}:  @expires=1795631512", "22"), log=log)

    assert isinstance(write, TicketWrite)
    assert write.attributes == {"granted": "true", "term": "1", "expires": "1795631512"}


@pytest.mark.parametrize("gone", [TICKET, "/cib/status/tickets", "/cib/status"])
def test_a_ticket_that_is_removed_has_nothing_left(gone: str) -> None:
    log = NodeLog("a")
    told(*written('++ /cib/status/tickets:  <ticket_state id="apacheticket" granted="true"/>'), log=log)
    (write,) = told(*written(f"-- {gone}", "22"), log=log)

    assert isinstance(write, TicketWrite)
    assert write.attributes == {}


def test_an_attribute_can_be_removed_alone() -> None:
    log = NodeLog("a")
    told(
        *written('++ /cib/status/tickets:  <ticket_state id="apacheticket" granted="true" x="&lt;"/>'),
        log=log,
    )
    assert log.tickets["apacheticket"]["x"] == "<"
    (write,) = told(*written(f"-- {TICKET}:  @x, @y", "22"), log=log)

    assert isinstance(write, TicketWrite)
    assert write.attributes == {"granted": "true"}


def test_changes_of_other_things_are_no_writes_of_tickets() -> None:
    assert not told(*written("+  /cib/status/node_state[@id='1']:  @crmd=online"))


def test_a_cib_that_ends_forgets_its_tickets() -> None:
    log = NodeLog("a")
    told(*written('++ /cib/status/tickets:  <ticket_state id="apacheticket" granted="true"/>'), log=log)
    (ended,) = told(
        "42.835 a pacemaker-based     [78] (crm_exit) \tinfo: Exiting pacemaker-based | with status 0",
        log=log,
    )

    assert isinstance(ended, CibEnded)
    assert not log.tickets


def test_a_cib_that_starts_anew_had_ended_unnoticed() -> None:
    log = NodeLog("a")
    told(*written('++ /cib/status/tickets:  <ticket_state id="apacheticket" granted="true"/>'), log=log)
    start = "pacemaker-based     [90] (main) \tnotice: Starting Pacemaker CIB manager"
    (ended,) = told(f"42.835 a {start}", log=log)

    assert isinstance(ended, CibEnded)
    assert ended.began_ns == at("2026-11-25T18:31:13.050")
    assert not told(f"10.000 a {start}")


def test_an_operation_lasts_from_the_request_to_the_result() -> None:
    asked, done = told(
        f"22.663 a {CONTROLD}Requesting local execution of start operation for WebSite on clusterA-1"
        " | transition_key=3:3:0:df0af6b0 op_key=WebSite_start_0",
        f"24.739 a {CONTROLD}Result of start operation for WebSite on clusterA-1: ok"
        " | CIB update 41, graph action confirmed; call=30 key=WebSite_start_0 rc=0",
    )

    assert isinstance(asked, Asked)
    assert isinstance(done, Done)
    assert (done.node, done.resource, done.action, done.outcome) == ("clusterA-1", "WebSite", "start", "ok")
    assert (done.began_ns, done.ended_ns) == (at("2026-11-25T18:31:22.663"), at("2026-11-25T18:31:24.750"))


@pytest.mark.parametrize(
    ("words", "resource", "outcome"),
    [
        ("WebSite on a: error (no such file: x) | CIB update 9", "WebSite", "error (no such file: x)"),
        ("WebSite on a: Timed Out after 20s (Resource agent did not complete) | rc=1", "WebSite", None),
        ("dummy:0 on a: ok", "dummy", "ok"),
        ("booth-booth-ip on a: not running | rc=7", "booth-booth-ip", "not running"),
    ],
)
def test_outcomes_and_instances_of_clones(words: str, resource: str, outcome: str | None) -> None:
    (done,) = told(f"24.739 a {CONTROLD}Result of monitor operation for {words}")

    assert isinstance(done, Done)
    assert done.resource == resource
    assert done.outcome == outcome or outcome is None
