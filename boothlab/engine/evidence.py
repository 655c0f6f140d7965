"""What is kept of a lab when something went wrong in it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from pathlib import Path

    from boothlab.engine.lab import Lab

_JOURNAL: Final = "journalctl --no-pager --output=short-precise -n 2000"
_STANDALONE_LOG: Final = "tail -n 2000 /var/log/booth.log /var/log/crm_ticket.log"


def collect(lab: Lab) -> dict[str, str]:
    """Return the lab's status and every node's log, by file name.

    Never raises on behalf of the lab: what cannot be had is said in its place.
    """
    command = _STANDALONE_LOG if lab.topology.cluster == "standalone" else _JOURNAL

    def log(node: str) -> str:
        try:
            return lab.run(node, command, limit_s=20).output
        except BoothlabError as error:
            return f"not to be had: {error}"

    with ThreadPoolExecutor() as pool:
        status = pool.submit(_status, lab)
        found = {f"{node}.log": text for node, text in zip(lab.nodes, pool.map(log, lab.nodes), strict=True)}
        found["status.json"] = status.result()
    return found


def _status(lab: Lab) -> str:
    try:
        return lab.status().model_dump_json(indent=2)
    except BoothlabError as error:
        return json.dumps({"error": str(error)}, indent=2)


def keep(evidence: dict[str, str], folder: Path) -> None:
    """Write the collected texts into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in evidence.items():
        (folder / name).write_text(text)
