"""The processes that send packets no member sent: one for each fault that wants it, and what each sent."""

from __future__ import annotations

import base64
import json
import shutil
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.capture import FRAME
from boothlab.router.intruder import FRAMES
from boothlab.router.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HOME: Final = Path("/run/boothlab/sent")
"""A folder for each fault, that stays when the fault is undone."""

_KEPT: Final = 50
"""How many of these folders there are at most; the oldest goes first."""


def set_intruders(records: Iterable[Mapping[str, Any]]) -> None:
    """Have just the processes that the records ask for; one that is done is not begun again.

    Raises:
        OSError: one does not start.
    """
    wanted = {record["sent"]: record["sending"] for record in records if record.get("sending")}
    for folder in _folders():
        if folder.name not in wanted:
            Job(folder).stop()
    for name, sending in wanted.items():
        if not (HOME / name).exists():
            _make_room()
            Job(HOME / name).start("send", [json.dumps(sending)])


def counts(records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return by the faults' ids how many packets each sent, and how many of them went out."""
    return {record["id"]: _counts(record) for record in records if record.get("sending")}


def _counts(record: Mapping[str, Any]) -> dict[str, int]:
    content, at, sent, went_out = _content(record["sent"]), 0, 0, 0
    while at + FRAME.size <= len(content):
        _, is_out, _, length = FRAME.unpack_from(content, at)
        at += FRAME.size + length
        sent, went_out = sent + 1, went_out + is_out
    return {"matched": sent, "hit": went_out}


def sent(names: Sequence[str]) -> None:
    """Print what a fault sent, compressed and in base64; nothing when nobody knows of it."""
    sys.stdout.write(base64.b64encode(zlib.compress(_content(names[0]), 1)).decode())


def _content(name: str) -> bytes:
    try:
        return (HOME / name / FRAMES).read_bytes()
    except FileNotFoundError:
        return b""


def _folders() -> list[Path]:
    """Return all folders, the oldest first."""
    found = HOME.iterdir() if HOME.exists() else ()
    return sorted(found, key=lambda each: each.stat().st_mtime)


def _make_room() -> None:
    for folder in _folders()[: 1 - _KEPT]:
        if not Job(folder).runs():
            shutil.rmtree(folder, ignore_errors=True)
