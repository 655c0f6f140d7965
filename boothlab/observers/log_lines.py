"""Lines of a daemon's log as records: what they say, and what of it has a place of its own. Pure."""

from __future__ import annotations

import re
from typing import Final

from boothlab.engine.parsers.booth import parse_log
from boothlab.history.records import LogLine

_LINE: Final = re.compile(r"(?:\S.* )?[\w-]+(?:: )?\[\d+\]: (?:(?P<level>[A-Za-z]{4,8}): )?(?P<text>.*)")
"""``Nov 25 18:30:38 boothA boothd-site: [28]: info: exiting``; a journal has no ``: `` before the pid."""


def log_line(source: str, text: str, at_ns: int) -> LogLine:
    """Return the record of a line, as ClusterLabs' daemon and ours write it; any other line is all text."""
    found = _LINE.fullmatch(text)
    level = (found["level"] or "") if found else ""
    plain = found["text"] if found else text
    of_ticket = parse_log(text)
    if not of_ticket:
        return LogLine(source=source, text=plain, level=level.lower(), at_ns=at_ns)
    (line,) = of_ticket
    return LogLine(
        source=source,
        text=line.text,
        level=(line.level or level).lower(),
        ticket=line.ticket,
        state=line.state,
        term=line.term,
        at_ns=at_ns,
    )
