"""What the last bring-up of a lab really ran, kept for `boothlab explain` and the benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, TypeAdapter

from boothlab.engine.state import lab_folder, state_folder
from boothlab.engine.steps import Record
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from pathlib import Path


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


def save(transcript: Transcript) -> Path:
    """Keep a transcript as the lab's last one; return its file."""
    path = lab_folder(transcript.lab) / _FILE
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
