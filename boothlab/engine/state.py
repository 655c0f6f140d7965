"""Where boothlab keeps what outlives a process: a folder for each lab."""

from __future__ import annotations

import os
from pathlib import Path

from boothlab.errors import BoothlabError


def state_folder() -> Path:
    """Return the folder for what outlives a process: BOOTHLAB_STATE, or XDG's state folder."""
    own = os.environ.get("BOOTHLAB_STATE")
    if own:
        return Path(own)
    xdg = os.environ.get("XDG_STATE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".local" / "state") / "boothlab"


def lab_folder(lab: str) -> Path:
    """Return the lab's state folder, made if need be.

    Raises:
        BoothlabError: it cannot be made.
    """
    folder = state_folder() / lab
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BoothlabError(
            f"{folder} cannot be made: {error.strerror}",
            remedy="let BOOTHLAB_STATE name a folder that you may write to",
        ) from error
    return folder
