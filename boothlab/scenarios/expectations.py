"""What a scenario expects besides what all checkers watch over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.scenarios.errors import NotSoError

if TYPE_CHECKING:
    from boothlab.history.calls import Call
    from boothlab.history.records import Phase
    from boothlab.scenarios.testbed import Testbed


def expect(good: bool, what: str) -> None:
    """Expect something to be so now.

    Raises:
        NotSoError: it is not.
    """
    if not good:
        raise NotSoError(f"{what}: that is not so")


def expect_outcome(call: Call, *phases: Phase) -> None:
    """Expect a request to have ended in one of these ways.

    Raises:
        NotSoError: it ended in another one.
    """
    told = call.told
    wanted = " or ".join(each.value for each in phases)
    words = f": {told.error}" if told and told.error else ""
    expect(
        call.outcome in phases,
        f"{call.asked.verb.value} of {call.asked.ticket} at {call.asked.site} ends with {wanted}, "
        f"not {call.outcome.value}{words}",
    )


def expect_one_holder(bed: Testbed) -> None:
    """Wait until one site's CIB has the ticket granted, whichever.

    Raises:
        NotSoError: that does not come about.
    """
    bed.wait(
        lambda seen: len(seen.holders(bed.ticket.name)) == 1,
        "one site has the ticket",
        within_ms=bed.leases(5),
    )
