"""booth.conf: from its text to a ``Config``, or to everything that is wrong with it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from boothlab.core.config.errors import Refused, Report
from boothlab.core.config.global_keys import GLOBAL_KEYS, Globals
from boothlab.core.config.lines import entries, size
from boothlab.core.config.model import LONGEST_POLL_MS, Config, TicketConfig, TimeScale
from boothlab.core.config.ticket_keys import DEFAULTS, TICKET_KEYS, TicketSection

if TYPE_CHECKING:
    from boothlab.core.config.global_keys import Resolve

TICKET_NAME_MAX: Final = 63
DEFAULT_NAME_MAX: Final = 63

_TICKET_NAME: Final = re.compile(r"[A-Za-z0-9/-]*")


def parse(text: str, *, path: str, resolve: Resolve | None = None) -> Config:
    """Return what a booth.conf says.

    ``path`` is for messages and for the instance's name. ``resolve`` turns a host name into
    a numeric address; without it only numeric addresses are accepted.

    Raises:
        ConfigError: it cannot be used; all problems that can be seen are in it.
    """
    return _Reader(path, resolve).read(text)


def default_name(path: str) -> str:
    """Return the instance's name where the file gives none: the file's, without its ending."""
    base = path.rpartition("/")[2]
    return base.rpartition(".")[0] or base


class _Reader:
    """Reads a file from top to bottom, and goes on after a problem."""

    def __init__(self, path: str, resolve: Resolve | None) -> None:
        self._path = path
        self._report = Report(path)
        self._globals = Globals(self._report, resolve)
        self._defaults = TicketConfig(name="")
        self._sections: list[TicketSection] = []
        self._names = {""}

    def read(self, text: str) -> Config:
        """Return the configuration, or raise its problems."""
        for entry in entries(text, self._report):
            with self._report.problems_of(entry.line):
                self._take(entry.key, entry.value)
        self._end_section()
        self._globals.check()
        scale = self._scale
        for section in self._sections:
            with self._report.problems_of(section.line):
                section.check_scale(scale)
        with self._report.problems_of(0):
            _check_default_name(self._name)
        self._report.raise_problems()
        return self._config()

    def _take(self, key: str, value: str) -> None:
        if key == "ticket":
            self._begin_section(value)
        elif key in GLOBAL_KEYS:
            GLOBAL_KEYS[key](self._globals, value)
        elif not self._sections:
            raise Refused(f'Unexpected keyword "{key}"', _advice(key))
        elif key in TICKET_KEYS:
            self._sections[-1].take(key, value)
        else:
            raise Refused(f'Unknown keyword "{key}"', _advice(key))

    def _begin_section(self, name: str) -> None:
        """Begin a section even if its name is refused: the keys that follow belong to it."""
        self._end_section()
        self._sections.append(TicketSection(replace(self._defaults, name=name), self._report))
        if name != DEFAULTS:
            _check_name(name, self._names)
        self._names.add(name)

    def _end_section(self) -> None:
        if not self._sections:
            return
        section = self._sections[-1]
        with self._report.problems_of(section.line):
            section.check()
        if section.ticket.name == DEFAULTS:
            self._defaults = section.defaults

    @property
    def _name(self) -> str:
        return self._globals.name or default_name(self._path)

    @property
    def _scale(self) -> TimeScale:
        fractions = any(each.scale is TimeScale.MILLISECONDS for each in self._sections)
        return TimeScale.MILLISECONDS if fractions else TimeScale.SECONDS

    @property
    def _poll_ms(self) -> int:
        """Return how often ClusterLabs booth polls: ten times in the shortest timeout, if there is one."""
        shortest_ms = min((each.ticket.timeout_ms for each in self._sections), default=0)
        return min(LONGEST_POLL_MS, shortest_ms // 10) or LONGEST_POLL_MS

    def _config(self) -> Config:
        found = self._globals
        return Config(
            name=self._name,
            path=self._path,
            members=tuple(found.members),
            tickets=tuple(each.ticket for each in self._sections if each.ticket.name != DEFAULTS),
            scale=self._scale,
            poll_ms=self._poll_ms,
            authfile=found.authfile,
            max_time_skew_s=found.max_time_skew_s,
            debug=found.debug,
            transport=found.transport or "UDP",
            users=found.users,
            warnings=tuple(self._report.warnings),
        )


def _check_default_name(name: str) -> None:
    """Check a name that may be the file's: one in the file has been checked in its line."""
    if size(name) > DEFAULT_NAME_MAX:
        raise Refused("booth config file name too long", "rename the file, or add a line `name = NAME`")


def _check_name(name: str, used: set[str]) -> None:
    if size(name) > TICKET_NAME_MAX:
        raise Refused(f'ticket name "{name}" too long.', f"at most {TICKET_NAME_MAX} characters")
    if not _TICKET_NAME.fullmatch(name):
        allowed = "letters, digits, - and / may stand in it"
        raise Refused(f'ticket name "{name}" invalid; only alphanumeric names.', allowed)
    if name in used:
        raise Refused(f'ticket name "{name}" used again.', "give each ticket a name of its own")


def _advice(key: str) -> str:
    """Return what may have been meant by an unexpected key."""
    if key in TICKET_KEYS:
        return 'it belongs to a ticket: write it below a line `ticket = "NAME"`'
    import difflib  # noqa: PLC0415 - every client would pay for it, and hardly one needs it

    near = difflib.get_close_matches(key, ["ticket", *GLOBAL_KEYS, *TICKET_KEYS], n=1)
    return f"did you mean {near[0]}?" if near else "remove it, or correct it"
