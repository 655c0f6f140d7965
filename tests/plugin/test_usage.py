"""What the plugin says of itself, and to those who use it wrongly."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_the_marker_is_registered_with_its_arguments(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--markers")

    result.stdout.fnmatch_lines(
        ["@pytest.mark.lab(topology, [*], set=(), subject='', grant=True, reset=True): *"]
    )


def test_the_options_are_in_the_help(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--help").stdout.fnmatch_lines(
        ["*boothlab:*", "*--boothlab-keep*", "*--boothlab-runs*"]
    )


def test_the_fixtures_are_listed_with_what_they_return(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--fixtures").stdout.fnmatch_lines(
        ["lab -- *", "*Return the lab that the test's ``lab`` marker asks for*", "wait_until -- *"]
    )


@pytest.mark.parametrize(
    "marker", ["", "@pytest.mark.lab", "@pytest.mark.lab()", "@pytest.mark.lab('a', 'b')"]
)
def test_a_test_that_names_no_topology_is_told_how_to(marker: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"import pytest\n{marker}\ndef test_it(lab): pass\n")
    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_it uses lab: mark it, e.g. @pytest.mark.lab('three-site-fast')*"])


def test_an_unknown_topology_is_told_with_those_that_there_are(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.lab('three-sit')\ndef test_it(lab): pass\n")
    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*there is no topology 'three-sit'*", "*five-member, *standalone-five, three-site,*"]
    )


def test_wrong_overrides_are_told_as_on_the_command_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        @pytest.mark.lab("standalone", set=["apacheticket.expir=20"])
        def test_it(lab): pass
    """)
    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--set apacheticket.expir=20: *write expire*"])


def test_workers_of_xdist_are_refused(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    pytester.makepyfile("import pytest\n@pytest.mark.lab('standalone')\ndef test_it(lab): pass\n")
    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*run these tests without pytest-xdist (-n0)*"])


def test_waiting_needs_no_lab(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_it(wait_until):
            assert wait_until(lambda: 7, what="seven", limit_s=1) == 7
    """)

    pytester.runpytest().assert_outcomes(passed=1)


def test_a_pytest_that_uses_no_lab_starts_without_the_engine_and_its_libraries(tmp_path: Path) -> None:
    heavy = ("docker", "rich", "pydantic", "typer", "tenacity", "testcontainers", "boothlab.engine")
    (tmp_path / "test_plain.py").write_text("def test_it(): pass\n")
    program = (
        "import sys, pytest\n"
        "assert pytest.main(['-q']) == 0\n"
        "assert 'boothlab.pytest_plugin' in sys.modules\n"
        f"sys.exit(', '.join(sorted(sys.modules.keys() & {set(heavy)!r})))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.stderr.strip() == ""
