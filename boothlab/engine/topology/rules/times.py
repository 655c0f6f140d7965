"""Times of tickets, as they must be to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.model import duration_ms
from boothlab.engine.topology.problems import Problem, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Ticket, Topology
    from boothlab.engine.topology.problems import Location

_EXPIRE_LIMIT_S: Final = 4_294_967  # 32 bits of milliseconds ...
_EXPIRE_LIMIT_MS_MODE_S: Final = 4_294  # ... and of microseconds, in effect
_RETRIES_MIN: Final = 3
_TIMES: Final = ("expire", "acquire-after", "timeout", "renewal-freq")


def leases_are_renewed_in_time(topology: Topology) -> Iterator[Problem]:
    """Booth refuses tickets whose resends would take longer than the time between renewals."""
    for name, ticket in topology.tickets.items():
        timeout, renewal = duration_ms(ticket.timeout), ticket.renewal_ms
        total = timeout * (ticket.retries + 1)
        if total < renewal:
            continue
        half = "" if ticket.renewal_freq else " (half of expire)"
        message = (
            f"timeout * (retries + 1) = {_seconds(timeout)} * {ticket.retries + 1} = {_seconds(total)} "
            f"must be less than the renewal time of {_seconds(renewal)}{half}"
        )
        keys = ("timeout", "retries", "renewal-freq" if ticket.renewal_freq else "expire")
        first, *related = (("tickets", name, key) for key in keys)
        yield Problem(first, message, _times_that_fit(ticket), related=tuple(related))


def _times_that_fit(ticket: Ticket) -> str:
    timeout, renewal = duration_ms(ticket.timeout), ticket.renewal_ms
    total = timeout * (ticket.retries + 1)
    lengthened = f"renewal-freq: {_at_least(total + 1)}"
    if ticket.renewal_freq is None:
        lengthened = f"expire: {_at_least(2 * (total + 1))}"
    options = [f"{lengthened} or more"]
    if shorter := (renewal - 1) // (ticket.retries + 1):
        options.append(f"timeout: {_at_most(shorter)} or less")
    if (fewer := (renewal - 1) // timeout - 1) >= _RETRIES_MIN:
        options.append(f"retries: {fewer} or less")
    return f"write {', or '.join(options)}"


def _seconds(value_ms: int) -> str:
    return f"{value_ms / 1000:g} s"


def _at_least(value_ms: int) -> str:
    return str(-(-value_ms // 1000))


def _at_most(value_ms: int) -> str:
    return f"{value_ms}ms" if value_ms < 1000 else str(value_ms // 1000)  # noqa: PLR2004 - a second


def renewals_come_before_the_end(topology: Topology) -> Iterator[Problem]:
    """A lease that is renewed after its end is lost; Booth does not check that."""
    for name, ticket in topology.tickets.items():
        expire = duration_ms(ticket.expire)
        if ticket.renewal_ms >= expire:
            message = f"{_seconds(ticket.renewal_ms)} is no shorter than the lease of {_seconds(expire)}"
            remedy = f"leave it out, or write e.g. half of expire: {_at_most(expire // 2)}"
            path = ("tickets", name, "renewal-freq")
            yield Problem(path, message, remedy, related=(("tickets", name, "expire"),))


def leases_fit_the_packets(topology: Topology) -> Iterator[Problem]:
    """Booth sends what is left of a lease in 32 bits; in milliseconds as soon as one time is in them."""
    in_ms = _time_in_ms(topology)
    limit_s = _EXPIRE_LIMIT_MS_MODE_S if in_ms else _EXPIRE_LIMIT_S
    for name, ticket in topology.tickets.items():
        if duration_ms(ticket.expire) < limit_s * 1000:
            continue
        message, remedy = f"Booth cannot tell leases of {limit_s} s or more", f"write {limit_s - 1} or less"
        if in_ms:
            message += f" while {path_text(in_ms)} has a fraction of a second"
            remedy += ", or whole seconds there"
        yield Problem(("tickets", name, "expire"), message, remedy, related=(in_ms,) if in_ms else ())


def _time_in_ms(topology: Topology) -> Location | None:
    """Return where a time stands that is no whole number of seconds, if any does."""
    for name, ticket in topology.tickets.items():
        options = ticket.booth_options()
        for key in _TIMES:
            if duration_ms(options.get(key, 0)) % 1000:
                return ("tickets", name, key)
    return None


PART: Final = (leases_are_renewed_in_time, renewals_come_before_the_end, leases_fit_the_packets)
