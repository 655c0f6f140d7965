"""What the last bring-up of a lab really ran, kept for `boothlab explain` and the benchmarks."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, TypeAdapter

from boothlab.engine.steps import Record
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator


class LabBusyError(BoothlabError):
    """Another process is working on the lab."""


class Phase(BaseModel):
    """A part of the bring-up, for the breakdown of its time."""

    model_config = ConfigDict(frozen=True)

    name: str
    began_s: float
    """Seconds after the start of the bring-up."""
    seconds: float


class Transcript(BaseModel):
    """One bring-up, whole or up to the step that failed."""

    model_config = ConfigDict(frozen=True)

    lab: str
    distribution: str
    provision: str
    started_at: str
    """ISO 8601, UTC."""
    phases: tuple[Phase, ...]
    records: tuple[Record, ...]
    """The steps in the order of the walkthrough, not of their times."""
    complete: bool

    @property
    def total_s(self) -> float:
        """Seconds from the start to the end of the last phase."""
        return max((phase.began_s + phase.seconds for phase in self.phases), default=0.0)


_ADAPTER = TypeAdapter(Transcript)
_FILE = "transcript.json"


def state_folder() -> Path:
    """Return the folder for what outlives a process: BOOTHLAB_STATE, or XDG's state folder."""
    own = os.environ.get("BOOTHLAB_STATE")
    if own:
        return Path(own)
    xdg = os.environ.get("XDG_STATE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".local" / "state") / "boothlab"


def save(transcript: Transcript) -> Path:
    """Keep a transcript as the lab's last one; return its file."""
    path = _folder(transcript.lab) / _FILE
    fresh = path.with_suffix(".new")
    fresh.write_bytes(_ADAPTER.dump_json(transcript, indent=1))
    fresh.replace(path)
    return path


def load(lab: str) -> Transcript:
    """Return a lab's last transcript.

    Raises:
        BoothlabError: there is none, or it is of another version of boothlab.
    """
    path = _path(lab)
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BoothlabError(
            f"no bring-up of lab {lab} is recorded", remedy="run `boothlab up` first"
        ) from None
    except ValueError as error:
        raise BoothlabError(
            f"{path} cannot be read: {error}", remedy="run `boothlab up` again; it writes the file anew"
        ) from error


def _path(lab: str) -> Path:
    return state_folder() / lab / _FILE


def _folder(lab: str) -> Path:
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


@contextmanager
def exclusive(lab: str) -> Iterator[None]:
    """Hold the lab's lock: one process at a time builds, resets or removes it.

    The lock is the kernel's, so a killed process leaves none behind.

    Raises:
        LabBusyError: another process holds it.
    """
    with (_folder(lab) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabBusyError(
                f"another process is working on lab {lab}",
                remedy="wait for it to end, or end it; nothing was changed",
            ) from None
        yield
