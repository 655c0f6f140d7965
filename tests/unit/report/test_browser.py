"""The page in a real browser: it draws, answers to keys and mouse, and asks nobody for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from unit.report.browser import PROGRAM, WHY_NOT, Browser, browser
from unit.report.stories import long_run, two_holders

from boothlab.report.page import html
from boothlab.report.report import compose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.skipif(PROGRAM is None, reason=WHY_NOT), pytest.mark.slow]

AXIS = "[...document.querySelectorAll('#axis text')].map((each) => each.textContent).join(' ')"
RECORD = "document.getElementById('record').textContent"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Browser:
    path = tmp_path / "report.html"
    path.write_text(html(compose(*two_holders(), reproduce="boothlab up standalone-five")))
    chromium._session = None
    chromium.events.clear()
    chromium.open(path.as_uri())
    return chromium


def test_it_draws_every_row_and_bar_without_an_error_and_without_a_request(page: Browser) -> None:
    labels = page.value("[...document.querySelectorAll('#timeline text.label')].map((e) => e.textContent)")
    assert labels == ["remarks", "faults", "clients", *["Booth", "CIB", "WebSite"] * 2, "Booth"]
    names = page.value("[...document.querySelectorAll('#timeline text.member')].map((e) => e.textContent)")
    assert names == ["A", "B", "C"]
    assert page.value("document.querySelectorAll('#timeline .bar.granted').length") == 2
    assert page.value("document.querySelectorAll('#timeline .band.invalid').length") == 2
    assert page.value("document.querySelectorAll('#timeline .bar.fault').length") == 2
    assert page.value("document.querySelectorAll('#timeline .proof').length") == 6
    assert page.problems() == []
    assert [url for url in page.requests() if not url.startswith("file:")] == []
    assert len(page.requests()) == 1


def test_a_link_to_evidence_goes_to_its_place_and_shows_the_record(page: Browser) -> None:
    history, verdicts = two_holders()
    index = verdicts[0].verdict.evidence[1]
    before = page.value(AXIS)

    page.click(f'a[href="#r{index}"]')

    page.wait_for(f"{RECORD}.includes('record {index}')")
    page.wait_for(f"{AXIS} !== {before!r}")
    assert "cib-write" in page.value(RECORD)
    assert page.value("document.querySelectorAll('#timeline .chosen').length") == 1
    assert history.record(index).began_ns


def test_keys_zoom_move_and_step(page: Browser) -> None:
    page.value("document.getElementById('stage').focus()")
    whole = page.value(AXIS)

    page.press("+")
    page.wait_for(f"{AXIS} !== {whole!r}")
    zoomed = page.value(AXIS)
    page.press("ArrowRight")
    page.wait_for(f"{AXIS} !== {zoomed!r}")
    page.press("0")
    page.wait_for(f"{AXIS} === {whole!r}")
    page.press("n")
    page.wait_for("document.getElementById('status').textContent.startsWith('1 of 3: mutual-exclusion')")
    page.press(".")
    page.wait_for(f"{RECORD}.includes('record ')")
    page.press("Escape")
    page.wait_for(f"{RECORD}.startsWith('Point at something')")
    assert page.problems() == []


def test_pointing_shows_the_record_and_a_click_keeps_it(page: Browser) -> None:
    bar = "#timeline .bar.granted"

    page.point(bar)
    page.wait_for("!document.getElementById('tip-box').hidden")
    assert "cib-write" in page.value("document.getElementById('tip-box').textContent")
    page.click(bar)
    page.wait_for(f"{RECORD}.includes('granted')")


def test_dark_and_light_differ_and_one_can_choose(page: Browser) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.value(colour)

    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.wait_for(f"{colour} !== {light!r}")
    page.click("#scheme")
    page.wait_for(f"{colour} === {light!r}")
    page.call("Emulation.setEmulatedMedia", features=[])


def test_the_command_can_be_copied(page: Browser) -> None:
    page.click("#copy")

    page.wait_for("String(getSelection()) === 'boothlab up standalone-five'")


def test_paper_has_no_buttons_and_all_verdicts(page: Browser) -> None:
    page.call("Emulation.setEmulatedMedia", media="print")
    page.value("dispatchEvent(new Event('beforeprint'))")

    assert page.value("getComputedStyle(document.querySelector('.tools')).display") == "none"
    assert page.value("document.querySelector('details').open") is True
    assert page.value("document.getElementById('timeline').viewBox.baseVal.width") == 1060
    page.call("Emulation.setEmulatedMedia", media="")


def test_a_run_of_twenty_thousand_records_can_be_looked_at(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(compose(*long_run(20_000))))
    chromium._session = None
    chromium.events.clear()
    chromium.open(path.as_uri())

    drawn = chromium.value("document.querySelectorAll('#timeline *').length")
    assert 100 < drawn < 15_000
    chromium.value("document.getElementById('stage').focus()")
    for _ in range(10):
        chromium.press("+")
    chromium.wait_for("document.querySelectorAll('#timeline .arrow').length > 0")
    assert chromium.problems() == []
