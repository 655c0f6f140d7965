"""What booth.conf says of the cluster as a whole; these keys may stand anywhere in the file."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, TypeAlias

from boothlab.core.config.errors import Refused
from boothlab.core.config.lines import size
from boothlab.core.config.model import (
    DEFAULT_MAX_TIME_SKEW_S,
    DEFAULT_PORT,
    MemberConfig,
    Role,
    Users,
)
from boothlab.core.config.values import leading_integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.core.config.errors import Report

MEMBERS_MAX: Final = 16
ADDRESS_MAX: Final = 63
NAME_MAX: Final = 62
PORT_MAX: Final = 65535
ODD_NUMBER: Final = "Odd number of nodes is strongly recommended!"

_SWITCH: Final = {
    **dict.fromkeys(("yes", "1", "true", "on"), True),
    **dict.fromkeys(("no", "0", "false", "off"), False),
}

Resolve: TypeAlias = "Callable[[str], str]"
"""Looks up a host name and returns a numeric address; OSError or ValueError when it has none."""


class Globals:
    """The global keys while a file is read; every method takes one key's value."""

    def __init__(self, report: Report, resolve: Resolve | None) -> None:
        self._report = report
        self._resolve = resolve
        self.name = ""
        self.members: list[MemberConfig] = []
        self._lines: list[int] = []
        self._port = DEFAULT_PORT
        self.max_time_skew_s = DEFAULT_MAX_TIME_SKEW_S
        self.debug = 0
        self.transport = ""
        self.users = Users()
        self._authfile = ""
        self._switch: bool | None = None

    @property
    def authfile(self) -> str | None:
        """Return the key file to use, if one is to be used."""
        return self._authfile if self._authfile and self._switch is not False else None

    def check(self) -> None:
        """Tell what only the whole file shows."""
        if len(self.members) % 2 == 0:
            self._report.warn_of_all(ODD_NUMBER)
        if self._authfile and self._switch is False:
            self._report.warn_of_all("enable-authfile is off: authfile is ignored, nothing is authenticated")
        if self._switch and not self._authfile:
            self._report.warn_of_all("enable-authfile is on but no authfile is set: nothing is authenticated")

    def set_name(self, value: str) -> None:
        """Read the instance's name, which is also the lock file's."""
        if size(value) > NAME_MAX:
            raise Refused(f"'{value}' exceeds maximum name length of {NAME_MAX + 1}", "choose a shorter name")
        self.name = value

    def set_transport(self, value: str) -> None:
        """Read the transport between members, which may only be UDP."""
        if self.transport:
            raise Refused("config file has multiple transport lines", "remove all but one")
        self.transport = value.upper() or "?"
        if self.transport == "SCTP":
            raise Refused('transport protocol "SCTP" does not work in any release', "use UDP")
        if self.transport != "UDP":
            raise Refused(f'invalid transport protocol "{value}"', "use UDP")

    def set_port(self, value: str) -> None:
        """Read the port of the members that follow."""
        port = self._number("port", value)
        if not 1 <= port <= PORT_MAX:
            raise Refused(f"Expected a number in the range [1, {PORT_MAX}] for port")
        if any(each.port != port for each in self.members):
            self._report.warn("port applies only to the members after it, not to those above")
        self._port = port

    def set_site(self, value: str) -> None:
        """Read a member that can hold tickets."""
        self._add(Role.SITE, value)

    def set_arbitrator(self, value: str) -> None:
        """Read a member that only votes."""
        self._add(Role.ARBITRATOR, value)

    def set_authfile(self, value: str) -> None:
        """Read the key file's path."""
        self._authfile = value

    def set_enable_authfile(self, value: str) -> None:
        """Read the switch that some distributions have beside authfile."""
        if value.lower() not in _SWITCH:
            raise Refused("Expected yes or no for enable-authfile")
        self._switch = _SWITCH[value.lower()]

    def set_max_time_skew(self, value: str) -> None:
        """Read how old a signed message may be."""
        skew = self._number("maxtimeskew", value)
        if skew < 0:
            raise Refused("Expected seconds >=0 for maxtimeskew")
        if not skew:
            self._report.warn("maxtimeskew 0 leaves no time to travel: signed messages are refused")
        self.max_time_skew_s = skew

    def set_debug(self, value: str) -> None:
        """Read the least debug level of the daemon."""
        self.debug = max(0, self._number("debug", value, default=0))

    def set_site_user(self, value: str) -> None:
        """Read whom a site's daemon becomes."""
        self.users = replace(self.users, site_user=value)

    def set_site_group(self, value: str) -> None:
        """Read the group of a site's daemon."""
        self.users = replace(self.users, site_group=value)

    def set_arbitrator_user(self, value: str) -> None:
        """Read whom an arbitrator's daemon becomes."""
        self.users = replace(self.users, arbitrator_user=value)

    def set_arbitrator_group(self, value: str) -> None:
        """Read the group of an arbitrator's daemon."""
        self.users = replace(self.users, arbitrator_group=value)

    def _number(self, key: str, value: str, *, default: int = -1) -> int:
        """Return the number that a value begins with: ClusterLabs booth never looks at the rest."""
        number, surplus = leading_integer(value) or (default, value)
        if surplus and number >= 0:
            self._report.warn(f'{key} is taken as {number}: "{value}" is not a plain number')
        return number

    def _add(self, role: Role, value: str) -> None:
        if size(value) > ADDRESS_MAX:
            raise Refused(f'site address "{value}" too long', f"at most {ADDRESS_MAX} bytes")
        if len(self.members) >= MEMBERS_MAX:
            raise Refused("too many nodes", f"at most {MEMBERS_MAX} sites and arbitrators")
        member = MemberConfig(self._address(value), role, self._port)
        for line, other in zip(self._lines, self.members, strict=True):
            if other.id == member.id:
                what = f"{value} has the same site id as {other.address} in line {line}"
                raise Refused(f"Got a site-ID collision. {what}", "give each member an address of its own")
        self._lines.append(self._report.line)
        self.members.append(member)

    def _address(self, value: str) -> str:
        """Return a numeric address; a host name is looked up where that is possible."""
        if _is_numeric(value):
            return value
        try:
            found = self._resolve(value) if self._resolve and value else ""
        except (OSError, ValueError):
            found = ""
        if not _is_numeric(found):
            words = f'can\'t find IP for the host "{value}": Address string "{value}" is bad'
            raise Refused(words, "write a numeric address, or a name that this host can resolve")
        return found


def _is_numeric(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


GLOBAL_KEYS: Final[dict[str, Callable[[Globals, str], None]]] = {
    "transport": Globals.set_transport,
    "port": Globals.set_port,
    "name": Globals.set_name,
    "authfile": Globals.set_authfile,
    "enable-authfile": Globals.set_enable_authfile,
    "maxtimeskew": Globals.set_max_time_skew,
    "site": Globals.set_site,
    "arbitrator": Globals.set_arbitrator,
    "site-user": Globals.set_site_user,
    "site-group": Globals.set_site_group,
    "arbitrator-user": Globals.set_arbitrator_user,
    "arbitrator-group": Globals.set_arbitrator_group,
    "debug": Globals.set_debug,
}
