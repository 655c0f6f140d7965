"""booth.conf, written from a topology, in the form pcs writes it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from boothlab.engine.files import HACLUSTER, File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.topology.model import Ticket, Topology

KEY_BYTES: Final = 64
"""Length of Booth's key: the most it reads."""


def conf_path(topology: Topology) -> str:
    """Return the path of booth.conf in a node."""
    return f"/etc/booth/{topology.booth.name}.conf"


def key_path(topology: Topology) -> str:
    """Return the path of the key file in a node."""
    return f"/etc/booth/{topology.booth.name}.key"


def render(topology: Topology, with_authfile: Mapping[str, str] | None = None) -> str:
    """Return the text of booth.conf.

    ``with_authfile`` are the options that the distribution's Booth needs beside ``authfile``.
    """
    options = {"authfile": key_path(topology)} | dict(with_authfile or {})
    options = (options if topology.booth.authentication else {}) | _globals(topology)
    lines = [f"{key} = {value}" for key, value in options.items()]
    lines += [f"site = {site.address}" for site in topology.sites]
    lines += [f"arbitrator = {each.address}" for each in topology.arbitrators]
    for name, ticket in topology.tickets.items():
        lines += [f'ticket = "{name}"', *_ticket_lines(ticket)]
    return "\n".join(lines) + "\n"


def _globals(topology: Topology) -> dict[str, str]:
    booth = topology.booth
    # The port stands before the members: it applies only to those declared after it.
    given = {
        "port": booth.port if "port" in booth.model_fields_set else None,
        "maxtimeskew": booth.maxtimeskew,
        "debug": booth.debug,
    }
    return {key: str(value) for key, value in given.items() if value is not None}


def _ticket_lines(ticket: Ticket) -> list[str]:
    lines = [f"  {key} = {value}" for key, value in ticket.booth_options().items()]
    return lines + [f"  attr-prereq = {each}" for each in ticket.attr_prereq]


def new_key() -> bytes:
    """Return a random key.

    Plain characters only, which every implementation reads the same way: bytes of other
    kinds may be trimmed.
    """
    return secrets.token_hex(KEY_BYTES // 2).encode()


def files(topology: Topology, key: bytes, with_authfile: Mapping[str, str] | None = None) -> list[File]:
    """Return booth.conf and the key file; ``with_authfile`` as for ``render``."""
    return [
        File(conf_path(topology), render(topology, with_authfile)),
        File(key_path(topology), key, mode=0o600, owner=HACLUSTER),
    ]
