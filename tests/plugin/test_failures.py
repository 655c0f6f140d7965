"""A test on a lab that fails leaves and shows what the lab said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest
    from plugin.conftest import Ran

FAILING = """
    import pytest
    @pytest.mark.lab("standalone")
    @pytest.mark.parametrize("ticket", ["a/b"])
    def test_failover(lab, ticket): assert 0, "the ticket did not move"
"""


def test_the_labs_status_and_the_end_of_every_log_are_shown(ran: Ran) -> None:
    result, _ = ran(FAILING)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*the ticket did not move*",
            "*- lab -*",
            "kept in runs*",
            '{"lab": "test-standalone"}',
            "*- lab: end of boothA.log -*",
            "boothA line 75",
            "boothA line 99",
            "*- lab: end of arbitrator.log -*",
        ]
    )
    result.stdout.no_fnmatch_line("boothA line 74")


def test_everything_is_kept_in_a_folder_named_after_the_test(ran: Ran, pytester: pytest.Pytester) -> None:
    ran(FAILING, "--boothlab-runs", "elsewhere")

    (folder,) = (pytester.path / "elsewhere").iterdir()
    assert folder.name.endswith("-test-failover-a-b-")
    assert {file.name for file in folder.iterdir()} == {
        "boothA.log",
        "boothB.log",
        "arbitrator.log",
        "status.json",
    }
    assert "boothB line 0\n" in (folder / "boothB.log").read_text()
    assert json.loads((folder / "status.json").read_text()) == {"lab": "test-standalone"}


def test_the_command_to_look_inside_is_told_where_there_will_be_something_to_see(ran: Ran) -> None:
    kept, _ = ran(FAILING, "--boothlab-keep")
    removed, _ = ran(FAILING)

    kept.stdout.fnmatch_lines(["look inside: boothlab shell boothA --lab test-standalone"])
    removed.stdout.fnmatch_lines(["look inside: run again with --boothlab-keep"])


def test_a_test_that_passes_leaves_nothing(ran: Ran, pytester: pytest.Pytester) -> None:
    result, _ = ran("""
        import pytest
        @pytest.mark.lab("standalone")
        def test_it(lab): pass
    """)

    result.assert_outcomes(passed=1)
    assert not (pytester.path / "runs").exists()


def test_a_failing_test_without_a_lab_is_none_of_its_business(ran: Ran, pytester: pytest.Pytester) -> None:
    result, _ = ran("def test_it(): assert 0\n")

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*- lab*")
    assert not (pytester.path / "runs").exists()
