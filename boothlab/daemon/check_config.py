"""``boothd check-config``: is a booth.conf usable, and what does it mean on this host?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from boothlab.core.config.errors import ConfigError, printable
from boothlab.core.config.local_member import local_member
from boothlab.core.config.model import Role
from boothlab.daemon.addresses import interface_addresses
from boothlab.daemon.arguments import config_path
from boothlab.daemon.config_file import ConfigFileError, KeyUnusableError, load_config, load_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from boothlab.core.config.model import Config, MemberConfig, TicketConfig

Json: TypeAlias = "dict[str, Any]"

SCHEMA: Final = 1
"""Raised when the JSON's fields change their meaning."""

_S_TO_MS: Final = 1000
_NO_LOCAL: Final = (
    "none: no member's address is active on this host. "
    "The daemon starts where the service address is, or on the arbitrator's own host"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a configuration cannot be used."""

    file: str
    line: int | None
    """From 1; None where it is about the file as a whole."""
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        # Messages about a whole file name it.
        return self.message if self.line is None else f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found."""

    path: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    config: Config | None = None
    """None when the file itself cannot be used."""
    local: MemberConfig | None = None
    """The member that this host is now."""
    key: str = ""
    """What is known of the key; empty when the file itself cannot be used."""


def check_config(arg: str, *, as_json: bool, out: TextIO) -> int:
    """Tell everything about a configuration, and return the exit code: 0 when it can be used.

    Args:
        arg: a path, or an instance's name.
        as_json: as one JSON document, else as text.
        out: where to.
    """
    checked = check(arg)
    if as_json:
        out.write(json.dumps(_as_json(checked), indent=2) + "\n")
    else:
        out.writelines(f"{printable(line)}\n" for line in _as_text(checked))
    return 1 if checked.problems else 0


def check(arg: str) -> Checked:
    """Return what there is to tell about a configuration: a path's, or an instance's by name."""
    path = config_path(arg)
    try:
        config = load_config(path)
    except ConfigFileError as error:
        return Checked(
            path, (Problem(path, None, str(error), "give a path, or the name of a file in /etc/booth"),)
        )
    except ConfigError as error:
        found = (Problem(path, each.line or None, each.message, each.remedy) for each in error.problems)
        return Checked(path, tuple(found), error.warnings)
    key, problems = _key(config)
    local, more = _local(config)
    handlers = () if local and local.role is Role.ARBITRATOR else _handler_warnings(config)
    return Checked(path, problems, (*config.warnings, *more, *handlers), config, local, key)


def _key(config: Config) -> tuple[str, tuple[Problem, ...]]:
    if config.authfile is None:
        return "none: messages are not authenticated", ()
    try:
        key = load_key(config.authfile)
    except KeyUnusableError as error:
        remedy = "make it with booth-keygen, readable for its owner only, the same at all members"
        return f"{config.authfile}: unusable", (Problem(config.authfile, None, str(error), remedy),)
    return f"{config.authfile}: usable, {len(key)} bytes", ()


def _local(config: Config) -> tuple[MemberConfig | None, tuple[str, ...]]:
    try:
        return local_member(config, interface_addresses(), fuzzy=False), ()
    except OSError as error:
        return None, (f"this host's addresses cannot be listed: {error.strerror or error}",)


def _handler_warnings(config: Config) -> Iterator[str]:
    """Yield a warning for each handler that is not here; a site needs it to acquire the ticket."""
    for ticket in config.tickets:
        if ticket.handler and ticket.handler[0] and not Path(ticket.handler[0]).exists():
            yield f"{ticket.name}: before-acquire-handler {ticket.handler[0]} does not exist on this host"


def _as_json(checked: Checked) -> Json:
    config = checked.config
    return {
        "schema": SCHEMA,
        "path": checked.path,
        "usable": not checked.problems,
        "problems": [asdict(each) for each in checked.problems],
        "warnings": list(checked.warnings),
        "configuration": _config_json(config, checked) if config else None,
    }


def _config_json(config: Config, checked: Checked) -> Json:
    return {
        "name": config.name,
        "members": [_member_json(each) for each in config.members],
        "local": checked.local.address if checked.local else None,
        "tickets": [_ticket_json(each) for each in config.tickets],
        "key": checked.key,
        "authfile": config.authfile,
        "maxtimeskew_s": config.max_time_skew_s,
        "time_unit": config.scale.value,
        "debug": config.debug,
        "transport": config.transport,
        "users": asdict(config.users),
    }


def _member_json(member: MemberConfig) -> Json:
    return {"role": member.role.value, "address": member.address, "port": member.port, "id": member.id}


def _ticket_json(ticket: TicketConfig) -> Json:
    return {
        "name": ticket.name,
        "mode": ticket.mode.value,
        "expire_ms": ticket.expire_ms,
        "renewal_ms": ticket.renewal_ms,
        "timeout_ms": ticket.timeout_ms,
        "retries": ticket.retries,
        "acquire_after_ms": ticket.acquire_after_ms,
        "before_acquire_handler": list(ticket.handler),
        "attr_prereq": _prerequisites(ticket),
        "weights": list(ticket.weights),
    }


def _prerequisites(ticket: TicketConfig) -> list[str]:
    return [
        f"{each.grant.value} {each.name} {'eq' if each.equal else 'ne'} {each.value}"
        for each in ticket.prerequisites
    ]


def _as_text(checked: Checked) -> Iterator[str]:
    yield f"{checked.path}: {'cannot be used' if checked.problems else 'usable'}"
    for problem in checked.problems:
        yield f"error: {problem}"
        if problem.remedy:
            yield f"       {problem.remedy}"
    for warning in checked.warnings:
        yield f"warning: {warning}"
    if checked.config:
        yield ""
        yield from _config_text(checked.config, checked)


def _config_text(config: Config, checked: Checked) -> Iterator[str]:
    yield f"name         {config.name}"
    for number, member in enumerate(config.members):
        yield f"{'' if number else 'members':13}{_member_text(member, checked.local)}"
    yield f"this host    {checked.local.address if checked.local else _NO_LOCAL}"
    yield f"key          {checked.key}"
    yield f"maxtimeskew  {config.max_time_skew_s} s"
    yield f"times        sent in {'seconds' if config.scale.value == 's' else 'milliseconds'}"
    for ticket in config.tickets:
        yield from _ticket_text(ticket)


def _member_text(member: MemberConfig, local: MemberConfig | None) -> str:
    here = "  (this host)" if member == local else ""
    width = max(len(role.value) for role in Role)
    return f"{member.role.value:{width}}  {member.address} port {member.port}, id {member.id}{here}"


def _ticket_text(ticket: TicketConfig) -> Iterator[str]:
    yield ""
    yield f"ticket {ticket.name} ({'moved by people only' if ticket.mode.value == 'manual' else 'automatic'})"
    yield f"  expire         {_time(ticket.expire_ms)}"
    yield f"  renewal-freq   {_time(ticket.renewal_ms)}"
    yield f"  timeout        {_time(ticket.timeout_ms)}, {ticket.retries} retries"
    yield f"  acquire-after  {_time(ticket.acquire_after_ms)}"
    if ticket.handler:
        yield f"  before-acquire-handler  {' '.join(ticket.handler)}"
    for prerequisite in _prerequisites(ticket):
        yield f"  attr-prereq    {prerequisite}"


def _time(ms: int) -> str:
    return f"{ms} ms" if ms % _S_TO_MS else f"{ms // _S_TO_MS} s"
