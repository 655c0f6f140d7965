"""Which implementation runs where: every placement on three members, some on five."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

STANDALONE: Final = pytest.mark.lab("standalone", grant=False, reset=False)
FIVE_MEMBERS: Final = pytest.mark.lab("standalone-five", grant=False, reset=False)

ALL: Final = tuple("".join(letters) for letters in product("CP", repeat=3))
ESSENTIAL: Final = ("CPC", "PCP", "PPP")
"""What `make test` runs for what matters most."""
MIXED: Final = tuple(each for each in ALL if len(set(each)) > 1)
FIVE: Final = ("PPPPP", "CCPPP", "PPCCC", "PCPCP", "CPCPC")
"""Three sites and two arbitrators."""


def on(placements: Iterable[str], always: Iterable[str] = ESSENTIAL) -> pytest.MarkDecorator:
    """Run a test on these placements: ``always`` the one kind, the others in the full matrix only."""
    return pytest.mark.parametrize(
        "placement",
        [pytest.param(each, marks=() if each in always else pytest.mark.matrix) for each in placements],
    )


EVERY_PLACEMENT: Final = on(ALL)
EVERY_PLACEMENT_IN_THE_MATRIX: Final = on(ALL, always=("PCP",))
"""The same; `make test` runs one of them."""
