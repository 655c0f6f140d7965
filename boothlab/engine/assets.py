"""Where the lab's data is: images and topologies.

In a checkout the folder ``lab`` stands beside the package; an installed wheel
carries it inside.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import boothlab


@cache
def lab_folder() -> Path:
    """Return the folder that holds ``images`` and ``topologies``."""
    package = Path(boothlab.__file__).resolve().parent
    installed = package / "_lab"
    return installed if installed.is_dir() else package.parent / "lab"
