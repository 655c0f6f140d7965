"""The packets that were recorded of ClusterLabs booth: ``core/vectors``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path(__file__).parent / "core" / "vectors"
FILES: Final = sorted(FOLDER.glob("*.json"))
CONVERSATIONS: Final = [path for path in FILES if path.stem != "30-probes"]
WRONG_KEY: Final = "25-client-wrong-key-auth"
"""Here the requests, and only they, are signed with another key."""


def load(path: Path) -> Json:
    loaded: Json = json.loads(path.read_text())
    return loaded


def packets(recording: Json) -> list[Json]:
    """Return all messages of a recording, probes included."""
    if "cases" in recording:
        return [each for case in recording["cases"] for each in (case["in"], *case["out"])]
    return [each for each in recording["packets"] if each.get("role") != "close"]


def key_of(recording: Json) -> bytes | None:
    return bytes.fromhex(recording["key_hex"]) if recording["key_hex"] else None
