"""JUnit XML, the summary on a terminal, and a run's folder with the verb that reads it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from typer.testing import CliRunner
from unit.report.stories import HEADER, judged, numbered, two_holders, view

from boothlab.checkers.verdict import Status
from boothlab.cli.main import app
from boothlab.errors import BoothlabError
from boothlab.history import store
from boothlab.report import judged as judging
from boothlab.report.folder import FolderError, RunFolder
from boothlab.report.junit import junit
from boothlab.report.report import Report, compose
from boothlab.report.summary import render

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "boothlab up standalone-five"


@pytest.fixture
def report() -> Report:
    return compose(*two_holders(), reproduce=COMMAND)


class TestJUnit:
    ALLOWED: Final = {
        "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
        "testsuite": (
            {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id"},
            {"properties", "testcase", "system-out", "system-err"},
        ),
        "properties": (set(), {"property"}),
        "property": ({"name", "value"}, set()),
        "testcase": ({"name", "classname", "time", "file"}, {"failure", "error", "skipped"}),
        "failure": ({"message", "type"}, set()),
        "error": ({"message", "type"}, set()),
    }
    """Elements of xunit2 with the attributes and children that it lets them have."""

    def test_it_keeps_to_the_schema(self, report: Report) -> None:
        root = ET.fromstring(junit([report, report]))  # noqa: S314 - our own

        for element in root.iter():
            attributes, children = self.ALLOWED[element.tag]
            assert element.attrib.keys() <= attributes
            assert {child.tag for child in element} <= children
        for suite in root:
            assert suite[0].tag == "properties"
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])

    def test_what_is_invalid_fails_and_what_is_unknown_is_an_error(self, report: Report) -> None:
        (suite,) = ET.fromstring(junit([report]))  # noqa: S314

        counts = {name: suite.attrib[name] for name in ("tests", "failures", "errors")}
        assert counts == {"tests": "6", "failures": "2", "errors": "1"}
        (failure, *_) = suite.iter("failure")
        assert failure.attrib["message"] == "A and B held ticketA at once for 3850 ms"
        assert COMMAND in str(failure.text)
        assert len(list(suite.iter("failure"))) == 2
        assert [case.attrib["name"] for case in suite.iter("testcase") if not len(case)] == [
            "terms",
            "arbitrators",
            "handlers",
        ]

    def test_what_xml_cannot_say_is_replaced(self) -> None:
        history = numbered([], replace(HEADER, scenario="a\x00b\x1b[0m<&>\ud800"))
        found = compose(history, [judged("x", Status.INVALID, "\x07 & < \ufffe", ())])

        (suite,) = ET.fromstring(junit([found]))  # noqa: S314

        assert suite.attrib["name"] == "a\ufffdb\ufffd[0m<&>\ufffd"


class TestSummary:
    def shown(self, report: Report, width: int = 100) -> str:
        console = Console(width=width)
        with console.capture() as captured:
            console.print(render(report))
        return captured.get()

    def test_what_failed_comes_first_with_what_it_found(self, report: Report) -> None:
        lines = self.shown(report).splitlines()

        assert lines[0].split() == ["leader-cut-off", "INVALID"]
        assert "seed 42" in lines[1]
        assert lines[3].split()[:2] == ["invalid", "mutual-exclusion-cib"]
        assert "2 valid: terms, arbitrators" in lines
        assert "1 had nothing to judge: handlers" in lines
        assert f"again: {COMMAND}" in self.shown(report)

    def test_it_fits_on_a_screen_whatever_failed(self) -> None:
        many = [judged(f"checker-{n}", Status.INVALID, "it did not hold") for n in range(60)]

        text = self.shown(compose(two_holders()[0], many))

        assert len(text.splitlines()) <= 24
        assert "and 48 more" in text

    def test_words_in_brackets_are_no_markup(self) -> None:
        found = compose(numbered([]), [judged("x", Status.INVALID, "[red]not red[/red]")])

        assert "[red]not red[/red]" in self.shown(found)


class TestAFolder:
    def run(self, path: Path) -> RunFolder:
        history, verdicts = two_holders()
        folder = RunFolder(path / "run")
        folder.keep(verdicts, reproduce=COMMAND)
        store.write(folder.history, history)
        return folder

    def test_gives_back_the_report_of_the_run(self, tmp_path: Path, report: Report) -> None:
        assert self.run(tmp_path).report() == report

    def test_is_judged_anew_where_nobody_kept_the_verdicts(self, tmp_path: Path) -> None:
        folder = self.run(tmp_path)
        folder.verdicts.unlink()

        found = {each.name: each.verdict.status for each in folder.report().judged}

        assert found["exclusive-grants"] is Status.INVALID
        assert found["assumptions"] is Status.VALID

    def test_verdicts_are_read_as_they_were_kept(self) -> None:
        _, verdicts = two_holders()

        assert judging.from_data(json.loads(json.dumps(judging.as_data(verdicts)))) == verdicts

    @pytest.mark.parametrize("text", ["{", "7", '[{"name": "x"}]', '[{"status": "fine"}]'])
    def test_verdicts_that_are_none_are_refused(self, tmp_path: Path, text: str) -> None:
        folder = self.run(tmp_path)
        folder.verdicts.write_text(text)

        with pytest.raises(FolderError, match=r"verdicts\.json"):
            folder.report()

    def test_without_a_history_is_no_run(self, tmp_path: Path) -> None:
        with pytest.raises(FolderError, match=r"it has no history\.jsonl"):
            RunFolder(tmp_path).report()

    def test_the_verb_writes_page_and_xml_anew_and_sums_up(self, tmp_path: Path) -> None:
        folder = self.run(tmp_path)

        result = CliRunner().invoke(app, ["report", str(folder.path)])

        assert result.exit_code == 0
        assert "INVALID" in result.stdout
        assert folder.page.read_text().startswith("<!DOCTYPE html>")
        assert ET.parse(folder.junit).getroot().tag == "testsuites"  # noqa: S314

    def test_the_verb_prints_everything_as_json(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(app, ["report", str(self.run(tmp_path).path), "--json"])

        assert json.loads(result.stdout)["verdicts"][0]["name"] == "mutual-exclusion-cib"

    def test_the_verb_says_what_is_no_run(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(app, ["report", str(tmp_path)])

        assert isinstance(result.exception, BoothlabError)
        assert "there is no run in" in result.exception.message

    def test_a_run_that_was_cut_short_is_told_as_such(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        writer = store.Writer(folder.history, HEADER)
        writer.append(replace(view("A", 1, None), index=0))
        writer.close()

        assert "was not finished" in folder.report().history.remarks[0]
