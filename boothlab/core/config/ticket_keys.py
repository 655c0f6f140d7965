"""What booth.conf says of a ticket: the keys after ``ticket = NAME``, up to the next ticket."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from boothlab.core.config.errors import Refused
from boothlab.core.config.model import Mode, TicketConfig, TimeScale
from boothlab.core.config.values import handler, integer, prerequisite, time_ms, weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.core.config.errors import Report

DEFAULTS: Final = "__defaults__"
RETRIES: Final = range(3, 101)
EXPIRE_LIMIT_MS: Final = 4_294_000
"""In milliseconds of lease, from here on the wire's 32 bits do not suffice."""

_S_TO_MS: Final = 1000


class TicketSection:
    """A ticket's keys while they are read; every method takes one key's value."""

    def __init__(self, start: TicketConfig, report: Report) -> None:
        self.line = report.line
        self.scale = TimeScale.SECONDS
        self._sound = True
        self._ticket = replace(start, renewal_ms=0)
        self._report = report

    @property
    def ticket(self) -> TicketConfig:
        """Return what the section says, with the renewal that follows from expire if none is given."""
        return replace(self._ticket, renewal_ms=self._ticket.renewal_ms or self._ticket.expire_ms // 2)

    @property
    def defaults(self) -> TicketConfig:
        """Return what later tickets inherit, if this is the section for defaults."""
        here = self._ticket
        inherited = TicketConfig(name="", expire_ms=here.expire_ms, timeout_ms=here.timeout_ms)
        return replace(inherited, retries=here.retries, mode=here.mode, weights=here.weights)

    def take(self, key: str, value: str) -> None:
        """Read one of TICKET_KEYS.

        Raises:
            Refused: this cannot be its value.
        """
        try:
            TICKET_KEYS[key](self, value)
        except Refused:
            self._sound = False
            raise

    def set_expire(self, value: str) -> None:
        """Read the lease's length."""
        self._ticket = replace(self._ticket, expire_ms=self._time("expire", value))

    def set_timeout(self, value: str) -> None:
        """Read how long answers are waited for."""
        self._ticket = replace(self._ticket, timeout_ms=self._time("timeout", value))

    def set_renewal(self, value: str) -> None:
        """Read how often the leader renews."""
        self._drop_in_defaults("renewal-freq")
        self._ticket = replace(self._ticket, renewal_ms=self._time("renewal-freq", value))

    def set_acquire_after(self, value: str) -> None:
        """Read how long the others wait after a lost lease."""
        self._drop_in_defaults("acquire-after")
        self._ticket = replace(self._ticket, acquire_after_ms=self._time("acquire-after", value, zero=True))

    def set_retries(self, value: str) -> None:
        """Read how often a message is sent again."""
        number = integer(value)
        if number is None or number not in RETRIES:
            least, most = RETRIES[0], RETRIES[-1]
            raise Refused(f"Expected plain integer value in the range [{least}, {most}] for retries")
        self._ticket = replace(self._ticket, retries=number)

    def set_weights(self, value: str) -> None:
        """Read the weights, which nothing uses."""
        self._ticket = replace(self._ticket, weights=weights(value))

    def set_mode(self, value: str) -> None:
        """Read who moves the ticket: anything but ``manual`` is automatic."""
        manual = value.lower() == Mode.MANUAL.value
        if not manual and value.lower() != Mode.AUTO.value:
            self._report.warn(f'mode "{value}" is neither auto nor manual: the ticket is automatic')
        self._ticket = replace(self._ticket, mode=Mode.MANUAL if manual else Mode.AUTO)

    def set_handler(self, value: str) -> None:
        """Read the program that must agree before the ticket is acquired."""
        self._drop_in_defaults("before-acquire-handler")
        found = handler(value)
        if not found:
            self._report.warn("before-acquire-handler names no program: the ticket is never acquired")
        self._ticket = replace(self._ticket, handler=found or ("",))

    def add_prerequisite(self, value: str) -> None:
        """Read a condition on the ticket's attributes; all of them must hold."""
        self._drop_in_defaults("attr-prereq")
        found, surplus = prerequisite(value)
        if surplus:
            self._report.warn(f"attr-prereq ends after its fourth word: {' '.join(surplus)} is ignored")
        self._ticket = replace(self._ticket, prerequisites=(*self._ticket.prerequisites, found))

    def check(self) -> None:
        """Check what the section's times say together, if all of them could be read.

        Raises:
            Refused: they contradict each other.
        """
        if not self._sound:
            return  # what is left says nothing about what was meant
        ticket = self.ticket
        needed = f"{ticket.timeout_ms}*({ticket.retries}+1) >= {ticket.renewal_ms}"
        if ticket.timeout_ms * (ticket.retries + 1) >= ticket.renewal_ms:
            what = "total amount of time to retry sending packets cannot exceed renewal frequency"
            remedy = "shorten timeout, lower retries, or lengthen renewal-freq (half of expire by default)"
            raise Refused(f"{ticket.name}: {what} ({needed})", remedy)
        if ticket.name != DEFAULTS and ticket.mode is Mode.AUTO and ticket.renewal_ms >= ticket.expire_ms:
            times = f"{ticket.renewal_ms} >= {ticket.expire_ms}"
            what = f"{ticket.name}: renewal-freq must be shorter than expire ({times})"
            raise Refused(what, "renew at half of expire, or leave renewal-freq out")

    def check_scale(self, scale: TimeScale) -> None:
        """Check that the lease's length fits into messages.

        Raises:
            Refused: it does not.
        """
        if scale is TimeScale.MILLISECONDS and self.ticket.expire_ms >= EXPIRE_LIMIT_MS:
            limit = (
                f"{EXPIRE_LIMIT_MS // _S_TO_MS} s as soon as any time in the file has a fraction of a second"
            )
            remedy = "write all times as whole seconds, or shorten expire"
            raise Refused(f"{self.ticket.name}: expire must be shorter than {limit}", remedy)

    def _time(self, key: str, value: str, *, zero: bool = False) -> int:
        ms = time_ms(value, key, zero=zero)
        if ms % _S_TO_MS:
            self.scale = TimeScale.MILLISECONDS
        return ms

    def _drop_in_defaults(self, key: str) -> None:
        if self._ticket.name == DEFAULTS:
            self._report.warn(f"{DEFAULTS} does not hand {key} on: write it into each ticket")


TICKET_KEYS: Final[dict[str, Callable[[TicketSection, str], None]]] = {
    "expire": TicketSection.set_expire,
    "timeout": TicketSection.set_timeout,
    "retries": TicketSection.set_retries,
    "renewal-freq": TicketSection.set_renewal,
    "acquire-after": TicketSection.set_acquire_after,
    "mode": TicketSection.set_mode,
    "weights": TicketSection.set_weights,
    "before-acquire-handler": TicketSection.set_handler,
    "attr-prereq": TicketSection.add_prerequisite,
}
