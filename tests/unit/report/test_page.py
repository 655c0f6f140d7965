"""The page: one file that needs nothing else, small, and safe against what it shows."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from unit.report.stories import HEADER, at, judged, long_run, numbered, packet, two_holders, view

from boothlab.checkers.verdict import Status
from boothlab.history.records import LogLine
from boothlab.report.page import PAGE_MAX, html
from boothlab.report.report import as_data, compose

COMMAND = "boothlab up standalone-five"


class Page(HTMLParser):
    """What stands in a page: its tags with their attributes, its text, its data."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in = ""
        self.packed = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = "data" if dict(attrs).get("id") == "data" else tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "data":
            self.packed += data
        elif self._in not in {"script", "style"}:
            self.text += data

    @property
    def data(self) -> dict[str, Any]:
        unpacked: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(self.packed)))
        return unpacked


def page_of_two_holders() -> Page:
    return Page(html(compose(*two_holders(), reproduce=COMMAND)))


def test_it_tells_what_ran_and_how_to_run_it_again() -> None:
    text = page_of_two_holders().text

    for told in ("leader-cut-off", "standalone-five", "42", "netem", "6.1.0", "clusterlabs", COMMAND):
        assert told in text


def test_every_verdict_is_there_with_links_to_its_evidence() -> None:
    history, verdicts = two_holders()
    page = Page(html(compose(history, verdicts)))
    links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}

    for each in verdicts:
        assert each.verdict.summary in page.text
        assert links >= {f"#r{index}" for index in each.verdict.evidence}


def test_what_had_nothing_to_judge_is_not_counted_with_what_held() -> None:
    text = page_of_two_holders().text

    assert "2 valid" in text
    assert "1 had nothing to judge" in text


def test_it_refers_to_nothing_outside_of_itself() -> None:
    text = html(compose(*two_holders()))
    page = Page(text)

    outside = {"script", "link", "img", "iframe", "object", "embed", "source", "video", "audio"}
    for tag, attributes in page.tags:
        assert tag not in outside or not ({"src", "href", "data", "srcset"} & attributes.keys())
        assert not str(attributes.get("href", "#")).startswith(("http", "//", "file"))
    without_data = text.replace(page.packed, "")
    assert not re.search(r"https?://|url\((?!#)|@import|\bfetch\(|XMLHttpRequest|WebSocket", without_data)


def test_words_of_the_run_stay_words() -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    line = LogLine(at_ns=at(5), source="A", text=evil, ticket="ticketA")
    header = replace(HEADER, scenario=evil, versions={evil: evil})
    history = numbered([line, view("A", 3, evil)], header)

    page = Page(html(compose(history, [judged(evil, Status.INVALID, evil, [0])], reproduce=evil)))

    assert [tag for tag, _ in page.tags].count("script") == 2
    assert "img" not in [tag for tag, _ in page.tags]
    assert page.data["marks"][0][3] == evil


def test_all_that_is_drawn_is_there_with_its_record() -> None:
    history, verdicts = two_holders()
    report = compose(history, verdicts)
    data = Page(html(report)).data

    assert len(data["bars"]) == len(report.timeline.bars)
    assert len(data["marks"]) == len(report.timeline.marks)
    records = [index for bar in data["bars"] for index in bar[7]] + [mark[4] for mark in data["marks"]]
    assert {str(index) for index in records} <= data["records"].keys()
    evidence = {index for each in verdicts if not each.verdict.passes for index in each.verdict.evidence}
    assert {proof[0] for proof in data["proofs"]} == evidence


def test_twenty_thousand_records_are_all_there_and_small() -> None:
    history, verdicts = long_run(20_000)
    text = html(compose(history, verdicts))

    assert len(text.encode()) < PAGE_MAX
    assert len(Page(text).data["marks"]) == 15_000


def test_what_cannot_be_packed_small_is_thinned_but_no_violation_is_lost() -> None:
    history, _ = long_run(20_000)
    varied = [
        replace(each, text=f"{each.index * 7919 % 1_000_003:x} {each.index**3:x} {each.index**5:x}")
        for each in (
            LogLine(at_ns=r.ended_ns, index=r.index, source="A", text="", ticket="ticketA")
            for r in history.records
        )
    ]
    everything = numbered([*history.records, *varied, *varied])
    evidence = tuple(range(0, 9000, 450))
    report = compose(everything, [judged("terms-rise", Status.INVALID, "went back", evidence)])

    text = html(report)
    page = Page(text)

    assert len(text.encode()) < PAGE_MAX
    assert "are shown; the history has all" in page.text
    assert page.data["records"].keys() >= {str(index) for index in evidence}
    assert [each["name"] for each in page.data["findings"]] == ["terms-rise"]


def test_a_run_without_records_or_verdicts_has_a_page_too() -> None:
    page = Page(html(compose(numbered([]), ())))

    assert "This run has not been judged" in page.text
    assert page.data["bars"] == []


def test_what_a_reader_of_the_history_had_to_leave_out_is_said() -> None:
    history = replace(numbered([packet(1, "Stat", "A", "B")]), remarks=("The recording was not finished.",))

    assert "The recording was not finished." in Page(html(compose(history, ()))).text


def test_the_json_holds_everything_that_is_shown() -> None:
    history, verdicts = two_holders()
    report = compose(history, verdicts, reproduce=COMMAND)

    data = json.loads(json.dumps(as_data(report)))

    assert data["status"] == "invalid"
    assert data["reproduce"] == COMMAND
    assert data["header"]["seed"] == 42
    assert data["verdicts"][0]["name"] == "mutual-exclusion-cib"
    assert len(data["marks"]) == len(report.timeline.marks)
    assert data["records"]["0"]["kind"]
