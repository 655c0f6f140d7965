"""Real output for the parsers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def captured() -> Callable[[str, str], str]:
    """Return what a command printed: ``captured("granted-a", "clusterA-1.crm_mon.xml")``."""
    return lambda state, file: (DATA / state / file).read_text()
