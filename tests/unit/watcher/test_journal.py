"""Lines of a journal, in the form in which daemons write them without one."""

from __future__ import annotations

from typing import Any

import pytest

from boothlab.observers.log_lines import log_line
from boothlab.watcher.journal import line

SYSLOG = {"_TRANSPORT": "syslog", "SYSLOG_IDENTIFIER": "boothd-site", "_PID": "499", "PRIORITY": "6"}
GRANTED = "apacheticket (Lead/0/19999): granted successfully here"
STDERR = SYSLOG | {"_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": "boothd"}


@pytest.mark.parametrize(
    ("entry", "level", "text"),
    [
        (SYSLOG | {"MESSAGE": f"[499]: info: {GRANTED}"}, "info", "granted successfully here"),
        (SYSLOG | {"MESSAGE": "caught signal 15"}, "info", "caught signal 15"),
        (STDERR | {"MESSAGE": "caught signal 15", "PRIORITY": "4"}, "warning", "caught signal 15"),
        (STDERR | {"MESSAGE": [104, 195, 105]}, "info", "h�i"),
    ],
)
def test_a_line_has_its_level_and_its_pid_wherever_it_comes_from(
    entry: dict[str, Any], level: str, text: str
) -> None:
    told = line(entry)
    read = log_line("A", told, 1)

    assert "[499]: " in told
    assert (read.level, read.text) == (level, text)


def test_a_copy_on_standard_error_of_what_went_to_syslog_is_not_told_again() -> None:
    copy = "Nov 25 19:02:34 arbitrator boothd-arbitrator: [48]: info: BOOTH arbitrator daemon started"

    assert line(STDERR | {"MESSAGE": copy}) == ""
