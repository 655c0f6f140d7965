"""Booth's own output."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.parsers import booth
from boothlab.engine.parsers.booth import Daemon, ListedTicket, Peer
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable


def at(hour: int, minute: int, second: int) -> datetime:
    return datetime(2026, 11, 22, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("192.168.101.100", 1379338081),
        ("192.168.102.100", 2031768738),
        ("192.168.100.100", 1261188640),
        ("fd00::1", 0x116D6777),
        ("2001:db8::1", 0x7F92B058),
    ],
)
def test_a_member_is_known_by_the_checksum_of_its_address(address: str, number: int) -> None:
    assert booth.site_id(address) == number


class TestList:
    def test_a_granted_ticket_has_a_leader_and_a_lease(self, captured: Callable[[str, str], str]) -> None:
        (ticket,) = booth.parse_list(captured("granted-a", "clusterA-2.booth_list.txt"))

        assert ticket == ListedTicket("apacheticket", "192.168.101.100", expires=at(10, 6, 34))
        assert ticket.leader == "192.168.101.100"

    def test_a_revoked_ticket_has_neither(self, captured: Callable[[str, str], str]) -> None:
        (ticket,) = booth.parse_list(captured("revoked", "arbitrator.booth_list.txt"))

        assert ticket == ListedTicket("apacheticket", "none")
        assert ticket.leader is None

    def test_a_lost_ticket_is_told_apart_from_a_revoked_one(self) -> None:
        (ticket,) = booth.parse_list("ticket: t, leader: NONE\n")

        assert (ticket.leader, ticket.says) == (None, "NONE")

    def test_a_pending_commit_is_told(self) -> None:
        (ticket,) = booth.parse_list(
            "ticket: t, leader: 192.168.101.100, expires: 2026-11-22 10:06:34"
            " (commit pending until 2026-11-22 10:08:33)\n"
        )

        assert ticket.pending_until == at(10, 8, 33)

    def test_manual_tickets_have_no_end_and_the_warning_names_the_sites_that_hold_one(self) -> None:
        text = (
            "ticket: m, leader: 192.168.101.100, expires: INF [manual mode]\n"
            "ticket: n, leader: none [manual mode]\n"
            "\nWARNING: The ticket m is granted to multiple sites: 192.168.101.100, 192.168.102.100. "
            "Revoke the ticket from the faulty sites.\n"
        )

        twice, nobody = booth.parse_list(text)

        assert (twice.manual, twice.expires) == (True, None)
        assert twice.also_granted == ("192.168.101.100", "192.168.102.100")
        assert (nobody.manual, nobody.also_granted) == (True, ())

    def test_times_are_the_nodes_own(self) -> None:
        east = timezone(timedelta(hours=2))

        (ticket,) = booth.parse_list("ticket: t, leader: ::1, expires: 2026-11-22 12:06:34\n", zone=east)

        assert ticket.expires == at(10, 6, 34)

    def test_other_lines_are_passed_over(self) -> None:
        log = "Nov 22 10:06:04 clusterA-1 booth: [4122]: ERROR: connect to 192.168.101.100 got a timeout\n"

        assert booth.parse_list(log) == ()

    @pytest.mark.parametrize(
        "line",
        [
            "ticket: t",
            "ticket: t, leader: 192.168.101",
            "ticket: t, leader: 192.168.101.100, exp",
            "ticket: t, leader: 192.168.101.100, expires: 2026-11-22 10:0",
            "ticket: t, leader: 192.168.101.100, expires: 2026-13-45 10:00:00",
        ],
    )
    def test_a_line_that_was_cut_off_is_told(self, line: str) -> None:
        with pytest.raises(ParseError, match="booth list") as caught:
            booth.parse_list(line)

        assert caught.value.line == line


class TestPeers:
    def test_every_other_member_comes_with_its_counters(self, captured: Callable[[str, str], str]) -> None:
        site, arbitrator = booth.parse_peers(captured("granted-a", "clusterA-2.booth_peers.txt"))

        assert site == Peer("site", "192.168.102.100", at(10, 4, 33), 5, 0, 0, 4, 0, 0, 0)
        assert (arbitrator.role, arbitrator.sent, arbitrator.received) == ("arbitrator", 4, 4)

    def test_each_counter_is_told_under_its_own_name(self) -> None:
        (peer,) = booth.parse_peers(
            "site         192.168.102.100, last recv: 2026-11-22 10:04:33\n"
            "\tSent pkts:1 error:2 resends:3\n\tRecv pkts:4 error:5 authfail:6 invalid:7\n\n"
        )

        assert (peer.sent, peer.sent_errors, peer.resends) == (1, 2, 3)
        assert (peer.received, peer.received_errors, peer.authfail, peer.invalid) == (4, 5, 6, 7)

    @pytest.mark.parametrize("printed", ["1970-01-01 00:00:00", "1970-01-01 09:00:00", "1969-12-31 19:00:00"])
    def test_a_member_never_heard_has_no_time_in_any_zone(self, printed: str) -> None:
        (peer,) = booth.parse_peers(
            f"arbitrator   192.168.100.100, last recv: {printed}\n"
            "\tSent pkts:1 error:0 resends:0\n\tRecv pkts:0 error:0 authfail:0 invalid:0\n"
        )

        assert peer.last_recv is None

    def test_counters_that_were_cut_off_are_told(self, captured: Callable[[str, str], str]) -> None:
        text = captured("granted-a", "clusterA-2.booth_peers.txt")

        with pytest.raises(ParseError, match=r"192\.168\.100\.100"):
            booth.parse_peers(text[: text.rindex("Recv")])


class TestStatus:
    def test_a_running_daemon_describes_itself(self, captured: Callable[[str, str], str]) -> None:
        assert booth.parse_status(captured("granted-a", "clusterA-2.booth_status.txt")) == Daemon(
            state="started",
            role="site",
            pid=711,
            address="192.168.101.100",
            port=9929,
            configuration="booth",
            site_id=booth.site_id("192.168.101.100"),
        )

    @pytest.mark.parametrize("text", ["", "\n", "booth_lockpid=711 \n"])
    def test_no_daemon_is_a_result_and_not_an_error(self, text: str) -> None:
        assert booth.parse_status(text) is None

    def test_a_description_that_was_cut_off_is_told(self) -> None:
        with pytest.raises(ParseError, match="booth_state is missing"):
            booth.parse_status("booth_lockpid=711 booth_lockfile='/var/run/booth//booth.pid' booth_pid=711")


class TestLog:
    def test_the_journal_gives_the_tickets_lines(self, captured: Callable[[str, str], str]) -> None:
        lines = booth.parse_log(captured("stopped-a", "arbitrator.journal.txt"))

        assert {line.ticket for line in lines} == {"apacheticket"}
        last = lines[-1]
        assert (last.state, last.term, last.left_ms) == ("Fllw", 0, 83102)
        assert (last.level, last.text) == ("info", "192.168.101.100 revokes ticket")

    def test_lines_are_read_with_and_without_a_prefix(self) -> None:
        plain, debug = booth.parse_log(
            "ticketA (Lead/5/19999): granted successfully here\n"
            "Nov 22 10:00:00 n boothd-site: [7]: debug: fn:12: t-2 (Cndi/1/-20): starting new election\n"
            "Nov 22 10:00:00 n boothd-site: [7]: info: BOOTH site 1.0 daemon is starting\n"
        )

        assert (plain.ticket, plain.state, plain.level) == ("ticketA", "Lead", None)
        assert (debug.ticket, debug.left_ms, debug.level) == ("t-2", -20, "debug")
