"""What clients and ``status`` begin with: the configuration, and who of it we are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core.config.errors import ConfigError
from boothlab.core.config.local_member import local_member
from boothlab.daemon.addresses import interface_addresses

if TYPE_CHECKING:
    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.daemon.client.output import Speaker


def tell_config_error(say: Speaker, error: Exception) -> None:
    """Tell why a configuration cannot be used, one line for each problem."""
    if isinstance(error, ConfigError):
        for problem in error.problems:
            remedy = f" ({problem.remedy})" if problem.remedy else ""
            where = f" line {problem.line} of" if problem.line else ""
            say.error(f"{problem.message} in config file{where} {error.path}{remedy}")
    else:
        say.error(str(error))


def find_local(config: Config, say: Speaker, *, fuzzy: bool = True) -> MemberConfig | None:
    """Return the member of this machine, with ``fuzzy`` also one of its network; None where there is none."""
    try:
        found = local_member(config, interface_addresses(), fuzzy=fuzzy)
    except OSError as error:
        say.error(f"this machine's addresses cannot be listed: {error.strerror or error}")
        return None
    if found:
        say.debug(f"found myself at {found.address}")
    return found
