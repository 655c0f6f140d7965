"""The stand-in for crm_ticket: what Booth and people ask of it, and Pacemaker's answers.

The expected answers were taken from crm_ticket of Pacemaker 2.1.5, run on a CIB file.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from boothlab.engine.assets import lab_folder

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = lab_folder() / "images" / "standalone" / "crm_ticket"
GRANT = ("-g", "--force", "-S", "owner", "-v1379338081", "-S", "expires", "-v1700000000", "-S", "term", "-v3")


class Tool:
    """crm_ticket with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "cib"
        self.log = folder / "crm_ticket.log"
        self.folder.mkdir()

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        paths = {"BOOTHLAB_CIB": str(self.folder), "BOOTHLAB_CIB_LOG": str(self.log)}
        return subprocess.run(
            [sys.executable, "-IS", str(SCRIPT), *arguments],
            env=os.environ | paths | {"TZ": "UTC"},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    def done(self, *arguments: str) -> str:
        """Run it, insist on success and return its output."""
        answer = self(*arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def state(self, ticket: str) -> dict[str, str]:
        """Return the ticket's attributes as Booth reads them: from the third line on."""
        head, blank, *rest = self.done("-t", ticket, "-q").split("\n")
        assert (head, blank) == ("State XML:", "")
        element = ET.fromstring("\n".join(rest))  # noqa: S314 - our own output
        assert element.tag == "ticket_state"
        return element.attrib

    def calls(self) -> list[dict[str, Any]]:
        """Return the log's records."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def crm_ticket(tmp_path: Path) -> Tool:
    """Return the tool on an empty folder."""
    return Tool(tmp_path)


class TestTheCallsBoothMakes:
    def test_the_probe_is_refused_so_that_booth_writes_grant_and_attributes_at_once(
        self, crm_ticket: Tool
    ) -> None:
        assert crm_ticket("-g", "-t", "any-ticket-name", stdin="n\n").returncode == 4
        assert list(crm_ticket.folder.iterdir()) == []

    def test_a_ticket_that_was_never_written_is_not_there(self, crm_ticket: Tool) -> None:
        answer = crm_ticket("-t", "apacheticket", "-q")
        assert (answer.returncode, answer.stdout) == (105, "")

    def test_a_grant_writes_everything_booth_gives(self, crm_ticket: Tool) -> None:
        before = int(time.time())
        assert crm_ticket.done("-t", "apacheticket", *GRANT) == ""
        state = crm_ticket.state("apacheticket")
        assert before <= int(state.pop("last-granted")) <= time.time()
        assert state == {
            "id": "apacheticket",
            "granted": "true",
            "owner": "1379338081",
            "expires": "1700000000",
            "term": "3",
        }

    def test_newer_booth_writes_the_same_with_long_options(self, crm_ticket: Tool) -> None:
        written = ("-S", "owner", "--attr-value=-1", "-S", "booth-cfg-name", "--attr-value=booth")
        crm_ticket.done("-t", "T", "-g", "--force", *written)
        state = crm_ticket.state("T")
        assert (state["owner"], state["booth-cfg-name"]) == ("-1", "booth")

    def test_a_revoke_takes_the_glued_negative_owner(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", "-r", "--force", "-S", "owner", "-v-1", "-S", "term", "-v0")
        assert crm_ticket.state("T") == {"id": "T", "granted": "false", "owner": "-1", "term": "0"}

    def test_last_granted_moves_with_a_new_grant_and_stays_at_a_renewal(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        path = crm_ticket.folder / "T.xml"
        path.write_text(re.sub(r'last-granted="\d+"', 'last-granted="7"', path.read_text()))
        crm_ticket.done("-t", "T", *GRANT)
        assert crm_ticket.state("T")["last-granted"] == "7"
        crm_ticket.done("-t", "T", "-r", "--force")
        assert crm_ticket.state("T")["last-granted"] == "7"
        crm_ticket.done("-t", "T", *GRANT)
        assert int(crm_ticket.state("T")["last-granted"]) > 7

    def test_geostore_sets_reads_and_deletes_attributes(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", "-S", "colour", "-v", "deep blue")
        assert crm_ticket.done("-t", "T", "-G", "colour", "--quiet") == "deep blue\n"
        crm_ticket.done("-t", "T", "-D", "colour")
        assert crm_ticket("-t", "T", "-G", "colour", "--quiet").returncode == 105

    def test_non_atomic_booth_grants_in_four_calls(self, crm_ticket: Tool) -> None:
        for name, value in (("owner", "5"), ("expires", "6"), ("term", "7")):
            crm_ticket.done("-t", "T", "-S", name, "-v", value)
        crm_ticket.done("-t", "T", "-g", "--force")
        state = crm_ticket.state("T")
        assert [state[name] for name in ("granted", "owner", "expires", "term")] == ["true", "5", "6", "7"]


class TestTheCallsPeopleMake:
    def test_a_grant_or_revoke_without_force_is_refused_and_changes_nothing(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        before = crm_ticket.state("T")
        for change in (("-g",), ("-r",), ("-S", "granted", "-v", "false"), ("-D", "granted"), ("-C",)):
            assert crm_ticket("-t", "T", *change).returncode == 4, change
        assert crm_ticket.state("T") == before

    def test_details_of_all_tickets(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "b", "-r", "--force", "-S", "owner", "-v0", "-S", "expires", "-v1")
        crm_ticket.done("-t", "a", "-s")
        assert crm_ticket.done("-L").splitlines() == [
            "a\trevoked [standby] (standby=true)",
            "b\trevoked           (granted=false, owner=0, expires='Thu Jan  1 00:00:01 1970')",
        ]

    def test_short_list_tells_when_a_ticket_was_granted(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", "-g", "--force")
        assert re.fullmatch(
            r"T\tgranted           last-granted='\w{3} \w{3} .*\d{4}'\n", crm_ticket.done("-l")
        )

    def test_names_alone(self, crm_ticket: Tool) -> None:
        for name in ("b", "a"):
            crm_ticket.done("-t", name, "-g", "--force")
        assert crm_ticket.done("-w") == "a\nb\n"

    def test_xml_of_all_tickets(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", "-S", "x", "-v", "1")
        assert (
            crm_ticket.done("-q") == 'State XML:\n\n<tickets>\n  <ticket_state id="T" x="1"/>\n</tickets>\n'
        )

    def test_cleanup_forgets_a_ticket(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        assert crm_ticket.done("--cleanup", "--ticket", "T", "--force") == "Cleaned up T\n"
        assert crm_ticket("-t", "T", "-q").returncode == 105
        assert crm_ticket("-t", "T", "-C").returncode == 105
        assert crm_ticket("-t", "T", "-C", "--force").returncode == 0

    def test_activate_ends_standby(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", "-s")
        crm_ticket.done("-t", "T", "-a")
        assert crm_ticket.state("T")["standby"] == "false"

    def test_a_default_is_shown_for_an_attribute_that_is_not_set(self, crm_ticket: Tool) -> None:
        assert crm_ticket.done("-t", "T", "-G", "owner", "-d", "nobody") == "nobody\n"

    def test_names_the_cib_cannot_hold_change_nothing(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        before = crm_ticket.state("T")
        crm_ticket.done("-t", "T", "-S", "bad name", "-v1", "-S", "9x", "-v1", "-S", 'a"b', "-v1")
        assert crm_ticket("-t", "T", "-S", "id", "-v", "U").returncode == 105
        assert crm_ticket.state("T") == before

    def test_version_says_what_it_stands_in_for(self, crm_ticket: Tool) -> None:
        assert crm_ticket.done("--version").startswith("Pacemaker 2.1.5")

    @pytest.mark.parametrize(
        ("arguments", "status"),
        [
            ([], 64),
            (["-t", "T"], 64),
            (["-g", "--force"], 64),
            (["-D", "x"], 64),
            (["-t"], 64),
            (["-t", "T", "--bogus"], 64),
            (["-t", "T", "-x"], 64),
            (["-t", "T", "-S", "owner"], 64),
            (["-t", "T", "-g", "--force", "-v5"], 64),
            (["-t", "T", "-S", "owner", "-v1", "-v2"], 64),
            (["-G", "owner"], 105),
            (["-t", "T", "-L"], 105),
            (["-t", "T", "-c"], 105),
            (["-q"], 105),
        ],
    )
    def test_wrong_calls_end_as_pacemakers_do(
        self, crm_ticket: Tool, arguments: list[str], status: int
    ) -> None:
        answer = crm_ticket(*arguments)
        assert answer.returncode == status
        assert answer.stderr.startswith("crm_ticket: ")
        assert list(crm_ticket.folder.iterdir()) == []


class TestTheFiles:
    def test_hold_the_line_that_the_query_prints(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        assert crm_ticket.done("-t", "T", "-q").endswith("\n\n" + (crm_ticket.folder / "T.xml").read_text())

    def test_a_slash_in_a_name_stays_in_the_folder(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "../site/a", "-g", "--force")
        assert [path.name for path in crm_ticket.folder.iterdir()] == ["..%2Fsite%2Fa.xml"]
        assert crm_ticket.state("../site/a")["granted"] == "true"
        assert crm_ticket.done("-w") == "../site/a\n"

    @pytest.mark.parametrize("value", ['<&>"', "it's & &amp;", "tab\tnew\nline", "", 'a="b" c="d"', "é"])
    def test_any_value_comes_back(self, crm_ticket: Tool, value: str) -> None:
        crm_ticket.done("-t", "T", "-S", "x", f"--attr-value={value}", "-S", "last", "-vy")
        assert crm_ticket.state("T") == {"id": "T", "x": value, "last": "y"}
        assert crm_ticket.done("-t", "T", "-G", "x") == value + "\n"
        crm_ticket.done("-t", "T", "-S", "more", "-v1")
        assert crm_ticket.state("T")["x"] == value

    def test_concurrent_writers_lose_nothing(self, crm_ticket: Tool) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: crm_ticket.done("-t", "T", "-S", f"a{n}", f"-v{n}"), range(24)))
        assert crm_ticket.state("T") == {"id": "T"} | {f"a{n}": str(n) for n in range(24)}

    def test_what_a_killed_call_left_is_in_nobodys_way(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        (crm_ticket.folder / "T.xml.new").write_text("half a li")
        assert crm_ticket.done("-w") == "T\n"
        crm_ticket.done("-t", "T", "-r", "--force")
        assert crm_ticket.state("T")["granted"] == "false"

    def test_a_cib_that_is_gone_is_no_connection_to_the_cluster(self, crm_ticket: Tool) -> None:
        crm_ticket.folder.rmdir()
        assert crm_ticket("-t", "T", *GRANT).returncode == 102
        assert crm_ticket("-t", "T", "-q").returncode == 102

    def test_a_full_disk_takes_no_write_and_keeps_what_it_holds(self, crm_ticket: Tool) -> None:
        crm_ticket.done("-t", "T", *GRANT)
        full = crm_ticket.folder.with_name("cib.full")
        full.touch()
        refused = crm_ticket("-t", "T", "-r", "--force")
        assert (refused.returncode, crm_ticket.state("T")["granted"]) == (102, "true")
        assert "No space left on device" in refused.stderr
        assert crm_ticket.calls()[-2]["exit"] == 102
        full.unlink()
        crm_ticket.done("-t", "T", "-r", "--force")
        assert crm_ticket.state("T")["granted"] == "false"


class TestTheLog:
    def test_tells_when_how_and_with_what_result_each_call_was_made(self, crm_ticket: Tool) -> None:
        wall, mono = time.time(), time.monotonic()
        crm_ticket.done("-t", "T", *GRANT)
        crm_ticket("-t", "no such", "-q")
        first, second = crm_ticket.calls()
        assert (first["argv"], first["exit"]) == (["-t", "T", *GRANT], 0)
        assert (second["argv"], second["exit"]) == (["-t", "no such", "-q"], 105)
        assert wall <= first["wall_s"][0] <= first["wall_s"][1] <= second["wall_s"][0] <= time.time()
        assert mono <= first["mono_s"][0] <= first["mono_s"][1] <= second["mono_s"][0] <= time.monotonic()

    def test_times_are_written_to_the_microsecond(self, crm_ticket: Tool) -> None:
        crm_ticket("-w")
        assert re.search(r'"wall_s": \[\d+\.\d{6}, \d+\.\d{6}\]', crm_ticket.log.read_text())

    def test_holds_one_line_a_call_whatever_the_arguments(self, crm_ticket: Tool) -> None:
        odd = 'quote " newline \n back\\slash é'
        crm_ticket("-t", odd, "-q")
        assert [call["argv"] for call in crm_ticket.calls()] == [["-t", odd, "-q"]]

    def test_a_log_that_cannot_be_written_costs_no_ticket(self, crm_ticket: Tool) -> None:
        crm_ticket.log.mkdir()
        answer = crm_ticket("-t", "T", *GRANT)
        assert answer.returncode == 0
        assert "not in the log" in answer.stderr


def test_it_starts_fast_enough_for_leases_of_a_second(crm_ticket: Tool) -> None:
    """Booth is deaf while it runs; site packages, json or argparse would double its time."""
    crm_ticket("-t", "T", "-q")
    loaded = subprocess.run(
        [sys.executable, "-ISX", "importtime", str(SCRIPT), "--version"],
        capture_output=True,
        text=True,
        check=True,
        env={"BOOTHLAB_CIB_LOG": os.devnull},
    ).stderr
    for heavy in ("json", "re", "argparse", "site", "subprocess", "typing"):
        assert not re.search(rf"\| +{heavy}$", loaded, re.MULTILINE), heavy
