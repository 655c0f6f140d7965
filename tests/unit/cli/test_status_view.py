"""The status as a person sees it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from boothlab.cli.status_view import render
from boothlab.engine.status import LabStatus

DATA = Path(__file__).parents[1] / "engine" / "data" / "status"

GRANTED_A = """\
 three-site  running  at 10:04:51 UTC

 TICKET        LEADER             LEASE             TERM  GRANTED AT  MEMBERS
 apacheticket  A 192.168.101.100  expires in 103 s  0     A           A, B, C agree

 NODE             ADDRESS          STATE       RUNS
 site A clusterA  192.168.101.100  quorum
   clusterA-1     192.168.101.101  online      apachegroup: WebSite, VIP 192.168.101.110
   clusterA-2     192.168.101.102  online, DC  booth-booth-ip 192.168.101.100, booth-booth-service
 site B clusterB  192.168.102.100  quorum
   clusterB-1     192.168.102.101  online, DC
   clusterB-2     192.168.102.102  online      booth-booth-ip 192.168.102.100, booth-booth-service
                                   stopped     apachegroup: WebSite, VIP
 arbitrator C     192.168.100.100
   arbitrator     192.168.100.100  online      booth

 BOOTH  DAEMON   ON          HEARD A               HEARD B               HEARD C
 A      started  clusterA-2  -                     18 s ago, 4 in 5 out  18 s ago, 4 in 4 out
 B      started  clusterB-2  18 s ago, 4 in 4 out  -                     19 s ago, 1 in 1 out
 C      started  arbitrator  18 s ago, 4 in 5 out  19 s ago, 1 in 2 out  -
"""

STOPPED_A = """\
 three-site  running  at 10:06:08 UTC

 TICKET        LEADER             LEASE            TERM  GRANTED AT  MEMBERS
 apacheticket  B 192.168.102.100  expires in 81 s  1     B           B, C agree

 NODE             ADDRESS          STATE       RUNS
 site A clusterA  192.168.101.100  down
   clusterA-1     192.168.101.101  offline
   clusterA-2     192.168.101.102  offline
 site B clusterB  192.168.102.100  quorum
   clusterB-1     192.168.102.101  online, DC  apachegroup: WebSite, VIP 192.168.102.110
   clusterB-2     192.168.102.102  online      booth-booth-ip 192.168.102.100, booth-booth-service
 arbitrator C     192.168.100.100
   arbitrator     192.168.100.100  online      booth

 BOOTH  DAEMON   ON          HEARD A               HEARD B               HEARD C
 A      stopped  -           -                     -                     -
 B      started  clusterB-2  40 s ago, 8 in 8 out  -                     40 s ago, 4 in 4 out
 C      started  arbitrator  59 s ago, 5 in 6 out  40 s ago, 4 in 5 out  -

 ! site A: Pacemaker does not run
"""


def status(state: str) -> LabStatus:
    return LabStatus.model_validate_json((DATA / f"{state}.json").read_text())


def changed(found: LabStatus, path: str, **fields: Any) -> LabStatus:  # noqa: ANN401 - any field's value
    """Return the status with fields of one part changed; the path is e.g. ``sites.0.nodes.1``."""
    data = found.model_dump()
    part: Any = data
    for step in path.split("."):
        part = part[int(step) if step.isdecimal() else step]
    part.update(fields)
    return LabStatus.model_validate(data)


def screen(found: LabStatus, width: int = 100) -> str:
    """Return what a terminal of this width shows, without colours."""
    console = Console(width=width, file=StringIO())
    with console.capture() as capture:
        console.print(render(found))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()).rstrip("\n") + "\n"


@pytest.mark.parametrize(("state", "expected"), [("granted-a", GRANTED_A), ("stopped-a", STOPPED_A)])
def test_the_whole_lab_fits_one_screen(state: str, expected: str) -> None:
    assert screen(status(state)) == expected


@pytest.mark.parametrize("state", ["granted-a", "revoked", "granted-b", "stopped-a"])
def test_at_80_columns_no_word_is_cut(state: str) -> None:
    shown = screen(status(state), width=80)

    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert len(shown.splitlines()) <= 24
    for word in ("apacheticket", "clusterA-1", "HEARD C", "booth-booth-service"):
        assert word in shown


def test_the_implementations_are_named_when_they_are_not_all_the_usual_one() -> None:
    found = changed(status("granted-a"), "members.1", implementation="python")

    rows = [line.split() for line in screen(found, width=110).splitlines()[-3:]]

    assert [row[:3] for row in rows] == [
        ["A", "clusterlabs", "started"],
        ["B", "python", "started"],
        ["C", "clusterlabs", "started"],
    ]


@pytest.mark.parametrize("width", [80, 96, 100, 107, 108, 110])
def test_with_implementations_no_word_is_cut_either(width: int) -> None:
    found = changed(status("granted-a"), "members.1", implementation="python")
    shown = screen(found, width=width)

    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width


def test_a_revoked_ticket_belongs_to_nobody() -> None:
    assert "nobody (revoked)" in screen(status("revoked"))


def test_a_ticket_is_told_apart_when_unknown_and_when_nobody_answers() -> None:
    views = [view | {"says": "NONE"} for view in status("revoked").model_dump()["tickets"][0]["views"]]

    assert "nobody (unknown)" in screen(changed(status("revoked"), "tickets.0", views=views))
    assert "no booth answers" in screen(changed(status("revoked"), "tickets.0", views=[]))


def test_disagreeing_members_and_problems_stand_out() -> None:
    found = changed(status("granted-a"), "tickets.0", agreed=False, granted=("A", "B"))
    found = found.model_copy(update={"problems": ("apacheticket is granted at A and B at once",)})

    shown = screen(found)

    assert "disagree" in shown
    assert "A, B" in shown
    assert shown.endswith("\n ! apacheticket is granted at A and B at once\n")


def test_a_lease_that_ran_out_has_no_end_or_waits_for_the_cib_says_so() -> None:
    found = status("granted-a")
    (ticket,) = found.tickets

    assert "expired 18 s ago" in screen(changed(found, "tickets.0", expires=ticket.granted_at))
    assert "without end" in screen(changed(found, "tickets.0", expires=None, manual=True))
    assert "CIB waits until 10:06:34" in screen(
        changed(found, "tickets.0", pending_until=ticket.expires), 130
    )


def test_a_node_that_does_not_run_shows_the_containers_state() -> None:
    found = changed(
        status("granted-a"), "sites.0.nodes.0", container_state="exited", online=False, answers=False
    )

    (line,) = (line for line in screen(found).splitlines() if "clusterA-1" in line)

    assert "exited" in line


def test_a_resource_that_fails_or_moves_shows_its_state() -> None:
    found = changed(status("granted-a"), "sites.0.resources.0", state="Stopping", managed=False)

    assert "WebSite stopping (unmanaged)" in screen(found)


def test_a_virtual_address_that_is_not_where_its_resource_is_shows() -> None:
    found = changed(status("granted-a"), "sites.0.vips.0", node="clusterA-2")

    shown = screen(found, width=160)

    assert "VIP (192.168.101.110 is not there)" in shown
    assert "192.168.101.110 (VIP's, left over)" in shown


def test_refused_packets_and_silence_show_beside_the_peer() -> None:
    found = changed(status("granted-a"), "members.0.peers.0", authfail=2, invalid=1)
    found = changed(found, "members.0.peers.1", last_recv=None)

    shown = screen(found, width=140)

    assert "18 s ago, 4 in 5 out 2 authfail 1 invalid" in shown
    assert "never" in shown


def test_a_lab_that_is_down_is_shown_too() -> None:
    found = status("granted-a").model_copy(update={"state": "down", "at": None})

    assert screen(found).startswith(" three-site  down\n")
    assert "until 10:06:34" in screen(found)


def test_colours_follow_the_terminal() -> None:
    console = Console(width=100, force_terminal=True, color_system="standard", file=StringIO())
    with console.capture() as capture:
        console.print(render(status("stopped-a")))

    assert "\x1b[" in capture.get()
