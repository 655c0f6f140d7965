"""What the words on the command line ask for: boothd, booth and geostore are one program."""

from __future__ import annotations

import os
from dataclasses import dataclass
from getopt import GetoptError, gnu_getopt
from typing import TYPE_CHECKING, Final

from boothlab.core.codes import Option
from boothlab.daemon.usage import BOOTH_HELP, GEOSTORE_HELP, version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONF_FOLDER: Final = "/etc/booth"
DEFAULT_CONF: Final = f"{CONF_FOLDER}/booth.conf"
NAME_MAX: Final = 63
"""Bytes of a ticket's, site's or attribute's name. ClusterLabs booth's clients take one less."""
VALUE_MAX: Final = 127
"""Bytes of an attribute's value."""

_DAEMON_WORDS: Final = ("daemon", "start", "site", "arbitrator")
_CLIENT_WORDS: Final = ("list", "peers", "grant", "revoke")
_HELP_WORDS: Final = ("help", "--help", "-h")
_VERSION_WORDS: Final = ("version", "--version", "-V")
_LETTERS: Final = "c:Dl:St:s:FwCh"
_LONG: Final = ("help", "json", "metrics=")
_GEOSTORE_LETTERS: Final = "c:Dt:s:h"
_ONLY_FOR: Final = {
    "-F": (("grant",), "client grant"),
    "-w": (("grant", "revoke"), "grant and revoke"),
    "-C": (("grant",), "grant"),
    "-t": (("grant", "revoke"), "grant and revoke"),
    "--json": (("list", "peers", "status", "check-config"), "list, peers, status and check-config"),
    "--metrics": (("daemon",), "daemon"),
}
_OPERANDS_MAX: Final = {"list": 1, "peers": 1, "grant": 1, "revoke": 1, "check-config": 1}
"""How many words may follow; hawk gives ``list`` one, which is ignored."""
_ATTRIBUTE_WORDS: Final = {"list": 0, "get": 1, "set": 2, "delete": 1}


class UsageError(ValueError):
    """The words make no sense; the text is what to print."""


class MisplacedOptionError(UsageError):
    """An option that another operation has."""


@dataclass(frozen=True, slots=True)
class Show:
    """Print a text and leave: help, or the version."""

    text: str


@dataclass(frozen=True, slots=True)
class DaemonOptions:
    """Be a member."""

    conf: str = DEFAULT_CONF
    """The configuration's path."""
    debug: int = 0
    """How often ``-D`` was given."""
    foreground: bool = False
    lockfile: str | None = None
    local: str | None = None
    """The address of the member to be; found out when None."""
    metrics: str | None = None
    """``[ADDRESS:]PORT`` of the metrics endpoint; none when None."""


@dataclass(frozen=True, slots=True)
class StatusOptions:
    """Tell whether the daemon of this machine runs."""

    conf: str = DEFAULT_CONF
    debug: int = 0
    verbose: bool = False
    """Tell the reason, too (``-S``)."""
    lockfile: str | None = None
    json: bool = False


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Check a configuration file."""

    conf: str = DEFAULT_CONF
    json: bool = False


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Ask a daemon: list, peers, grant or revoke."""

    operation: str
    conf: str = DEFAULT_CONF
    debug: int = 0
    ticket: str | None = None
    site: str | None = None
    """Whom to ask: an address, a host name or ``other``; the local member when None."""
    options: Option = Option.NONE
    json: bool = False


@dataclass(frozen=True, slots=True)
class GeostoreOptions:
    """Ask a daemon about attributes: list, get, set or delete."""

    operation: str
    conf: str = DEFAULT_CONF
    debug: int = 0
    ticket: str | None = None
    site: str | None = None
    name: str = ""
    value: str = ""


Request = DaemonOptions | StatusOptions | CheckOptions | ClientOptions | GeostoreOptions | Show


def parse(argv: Sequence[str], environment: Mapping[str, str]) -> Request:
    """Return what a command line asks for.

    Args:
        argv: with the program's name, whose end chooses geostore.
        environment: for ``BOOTHD_METRICS``, where ``--metrics`` is not given.

    Raises:
        UsageError: it asks for nothing that there is.
    """
    program = program_name(argv)
    words = list(argv[1:])
    geostore = is_geostore(program)
    if not words or words[0] in _HELP_WORDS:
        return Show(GEOSTORE_HELP if geostore else BOOTH_HELP)
    if words[0] in _VERSION_WORDS:
        return Show(f"{program} {version()}\n")
    return _geostore(program, words) if geostore else _booth(program, words, environment)


def program_name(argv: Sequence[str]) -> str:
    """Return the name that the program was called by."""
    name = argv[0].rpartition("/")[2].removesuffix(".pyz") if argv else ""
    return "booth" if name in {"", "__main__.py"} else name


def is_geostore(program: str) -> bool:
    """Return whether a program of this name is geostore."""
    return program.endswith("geostore")


def config_path(name: str) -> str:
    """Return the path that ``-c`` means: a path has a slash, anything else is an instance's name."""
    if "/" in name:
        return name
    return f"{CONF_FOLDER}/{name}" if "." in name else f"{CONF_FOLDER}/{name}.conf"


def _booth(program: str, words: list[str], environment: Mapping[str, str]) -> Request:
    operation = words.pop(0)
    if operation == "client":
        if not words:
            raise UsageError(f"client needs an operation: {', '.join(_CLIENT_WORDS)}")
        operation = words.pop(0)
        known: tuple[str, ...] = _CLIENT_WORDS
    else:
        operation = "daemon" if operation in _DAEMON_WORDS else operation
        known = ("daemon", "status", "check-config", *_CLIENT_WORDS)
    if operation not in known:
        raise UsageError(f'client operation "{operation}" is unknown')
    given = _Given(program, words, _LETTERS, _LONG)
    if given.wants_help:
        return Show(BOOTH_HELP)
    given.refuse_misplaced(operation)
    given.refuse_more_operands_than(0 if given.has("-t") else _OPERANDS_MAX.get(operation, 0))
    return _booth_request(operation, given, environment)


def _booth_request(operation: str, given: _Given, environment: Mapping[str, str]) -> Request:
    conf, debug = given.conf, given.debug
    if operation == "daemon":
        return _daemon(given, environment)
    if operation == "status":
        return StatusOptions(conf, debug, given.has("-S"), given.get("-l"), given.has("--json"))
    if operation == "check-config":
        path = config_path(given.operands[0]) if given.operands else conf
        return CheckOptions(path, given.has("--json"))
    ticket = given.ticket() if operation in {"grant", "revoke"} else None
    return ClientOptions(
        operation, conf, debug, ticket, given.site(), given.request_options(), given.has("--json")
    )


def _daemon(given: _Given, environment: Mapping[str, str]) -> DaemonOptions:
    if given.has("-s") and not given.debug:
        raise MisplacedOptionError('"-s" not allowed in daemon mode.')
    metrics = given.get("--metrics") or environment.get("BOOTHD_METRICS") or None
    return DaemonOptions(given.conf, given.debug, given.has("-S"), given.get("-l"), given.site(), metrics)


def _geostore(program: str, words: list[str]) -> Request:
    operation = words.pop(0)
    if operation not in _ATTRIBUTE_WORDS:
        raise UsageError(f'attribute operation "{operation}" is unknown')
    given = _Given(program, words, _GEOSTORE_LETTERS, ("help",))
    if given.wants_help:
        return Show(GEOSTORE_HELP)
    needed = _ATTRIBUTE_WORDS[operation]
    given.refuse_more_operands_than(needed)
    if len(given.operands) < needed:
        raise UsageError("not enough arguments")
    name, value = [*given.operands, "", ""][:2]
    if needed and not name:
        raise UsageError("an attribute needs a name")
    return GeostoreOptions(
        operation,
        given.conf,
        given.debug,
        _limited(given.get("-t"), "ticket name", NAME_MAX),
        given.site(),
        _limited(name, "attribute name", NAME_MAX) or "",
        _limited(value, "attribute value", VALUE_MAX) or "",
    )


class _Given:
    """The options and operands of a command line, in any order."""

    def __init__(self, program: str, words: list[str], letters: str, long: tuple[str, ...]) -> None:
        try:
            self._options, self.operands = gnu_getopt(words, letters, list(long))
        except GetoptError as error:
            raise UsageError(f"{program}: {_complaint(error)}\nPlease use '-h' for usage.") from None

    def has(self, option: str) -> bool:
        return any(name == option for name, _ in self._options)

    def get(self, option: str) -> str | None:
        """Return an option's value, the last one when it is given twice; None when it is not."""
        return dict(self._options).get(option)

    @property
    def wants_help(self) -> bool:
        return self.has("-h") or self.has("--help")

    @property
    def debug(self) -> int:
        return sum(name == "-D" for name, _ in self._options)

    @property
    def conf(self) -> str:
        given = self.get("-c")
        return DEFAULT_CONF if given is None else config_path(given)

    def site(self) -> str | None:
        return _limited(self.get("-s"), "site name", NAME_MAX)

    def ticket(self) -> str | None:
        """Return the ticket, named by ``-t`` or by the operand; None means the only one.

        An empty name, as from a shell's unset variable, does not.
        """
        named = self.get("-t") if self.has("-t") else next(iter(self.operands), None)
        return _limited(named, "ticket name", NAME_MAX)

    def request_options(self) -> Option:
        immediate = Option.IMMEDIATE if self.has("-F") else Option.NONE
        wait = Option.WAIT if self.has("-w") else Option.NONE
        commit = Option.WAIT | Option.WAIT_COMMIT if self.has("-C") else Option.NONE
        return immediate | wait | commit

    def refuse_misplaced(self, operation: str) -> None:
        for option, (operations, text) in _ONLY_FOR.items():
            if self.has(option) and operation not in operations:
                raise MisplacedOptionError(f'use "{option}" only for {text}')

    def refuse_more_operands_than(self, limit: int) -> None:
        surplus = self.operands[limit:]
        if len(surplus) == 1:
            raise UsageError(f"Superfluous argument: {surplus[0]}")
        if surplus:
            raise UsageError(f"Superfluous arguments: {surplus[0]}...")


def _complaint(error: GetoptError) -> str:
    """Return what is wrong with an option, in the words of C's getopt where it has a letter."""
    letter = error.opt or ""
    if len(letter) != 1:
        return error.msg
    if "requires" in error.msg:
        return f"option requires an argument -- '{letter}'"
    return f"invalid option -- '{letter}'"


def _limited(value: str | None, what: str, limit: int) -> str | None:
    if value is not None and len(os.fsencode(value)) > limit:
        raise UsageError(f"'{value}' exceeds maximum {what} length of {limit}")
    return value
