"""Clients that ask for things while faults happen: who and when is drawn from a seed."""

from __future__ import annotations

from contextlib import contextmanager
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.scenarios.testbed import Testbed

_GRANTS_PERCENT: Final = 70
"""How many of a hundred requests are grants; the others are revokes."""


@contextmanager
def administrator(bed: Testbed, seed: int) -> Iterator[None]:
    """Let somebody grant and revoke the ticket at random for as long as a block lasts.

    One request at a time, every half to three leases, at any site, never with force: an
    administrator who forces a grant has to know that nobody else holds the ticket.
    """
    done = Event()
    dice = Random(seed)  # noqa: S311 - chance that can be repeated, not a secret
    sites = [each.name for each in bed.header.sites]

    def work() -> None:
        while not done.wait(bed.leases(dice.uniform(0.5, 3)) / 1000):
            site = dice.choice(sites)
            if dice.randrange(100) < _GRANTS_PERCENT:
                bed.grant(site)
            else:
                bed.revoke(site)

    worker = Thread(target=work, name="administrator", daemon=True)
    worker.start()
    try:
        yield
    finally:
        done.set()
        worker.join()
