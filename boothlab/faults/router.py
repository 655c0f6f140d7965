"""The program in a lab's router, as the faults use it."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import names, pyz
from boothlab.engine.files import File
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boothlab.engine.lab import Lab

PROGRAM: Final = "/usr/lib/boothlab/router.pyz"
"""Its path in the router."""

FOLDER: Final = "/run/boothlab/faults"
"""The program's folder in the router; as long as it is not there, there has been no fault."""

_PYTHON: Final = "/usr/bin/python3"
_LIMIT_S: Final = 40.0


class RouterFailedError(BoothlabError):
    """The router's program could not do what it was told."""


class Router:
    """The program in a lab's router; put there when it is first needed."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._is_there = False

    def add(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a fault and do what its rules say; return it with its id and its backend.

        When none of its ``backends`` can do it, ``unfit`` says why, and nothing is kept.
        """
        added: dict[str, Any] = self._ask("add", json.dumps(record))
        return added

    def remove(self, ids: Iterable[str]) -> None:
        """Undo faults, as far as the router is concerned."""
        self._ask("remove", *ids)

    def clear(self) -> None:
        """Undo all, also what no record tells of."""
        self._ask("clear")

    def show(self) -> dict[str, Any]:
        """Return ``faults``, ``counts`` by id, and whether all that carries them out ``works``."""
        if not self._is_there and not self._lab.run(names.ROUTER, ["test", "-d", FOLDER], limit_s=10).ok:
            return {"faults": [], "counts": {}, "works": True}
        shown: dict[str, Any] = self._ask("show")
        return shown

    def sent(self, name: str) -> bytes:
        """Return what a fault of packets has sent, as the program tells it."""
        return zlib.decompress(base64.b64decode(self._say("sent", name)))

    def reasons_against(self) -> dict[str, str | None]:
        """Return for each backend that a kernel may not have why this one has not, or None."""
        reasons: dict[str, str | None] = self._ask("check")
        return reasons

    def _ask(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self._say(*words) or "null")

    def _say(self, *words: str) -> str:
        """Run the program in the router; return what it printed."""
        if not self._is_there:
            program = pyz.pack(f"{_PYTHON} -IS", ("router",))
            self._lab.runtime.put_once(names.ROUTER, [File(PROGRAM, program, mode=0o755)])
            self._is_there = True
        answer = self._lab.run(names.ROUTER, [_PYTHON, "-IS", PROGRAM, *words], limit_s=_LIMIT_S)
        if not answer.ok:
            raise RouterFailedError(
                f"the router cannot {words[0]} faults: {answer.output}",
                remedy="`boothlab reset` takes everything off it; a lab of an older boothlab must be rebuilt",
            )
        return answer.stdout
