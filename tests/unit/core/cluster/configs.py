"""Configurations that tests speak of."""

from __future__ import annotations

from typing import Final

from boothlab.core.config.model import Config, MemberConfig, Role, TicketConfig, TimeScale

TICKET: Final = "ticketA"
KEY: Final = b"a key for tests only"


def config(
    sites: int = 2,
    arbitrators: int = 1,
    *,
    fast: bool = True,
    acquire_after_ms: int = 0,
    **options: object,
) -> Config:
    """Return a configuration with one ticket: sites first, and leases of 2 or of 10 seconds."""
    members = [MemberConfig(f"10.0.0.{i + 1}", Role.SITE) for i in range(sites)]
    members += [MemberConfig(f"10.0.1.{i + 1}", Role.ARBITRATOR) for i in range(arbitrators)]
    unit_ms = 200 if fast else 1000
    times = {"expire_ms": 10 * unit_ms, "timeout_ms": unit_ms // 2 if fast else unit_ms, "retries": 3}
    times |= {"renewal_ms": 5 * unit_ms, "acquire_after_ms": acquire_after_ms}
    ticket = TicketConfig(TICKET, **(times | options))  # type: ignore[arg-type]
    scale = TimeScale.MILLISECONDS if fast else TimeScale.SECONDS
    return Config("booth", "/etc/booth/booth.conf", tuple(members), (ticket,), scale)
