"""Clients: Booth's own, run in nodes of the lab, and what became of each request in the history."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from boothlab.engine import booth_conf
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.faults.places import nodes
from boothlab.history.calls import Call
from boothlab.history.outcomes import client_outcome
from boothlab.history.records import Operation, Phase, Verb

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab
    from boothlab.history.recorder import Recorder

LIMIT_S: Final = 40.0
"""Seconds after which a client that still waits is ended."""

STRANGER: Final = "stranger"
"""The instance of Booth whose key no member has."""

_ATTRIBUTE: Final = {
    Verb.ATTR_SET: "set",
    Verb.ATTR_GET: "get",
    Verb.ATTR_DELETE: "delete",
    Verb.ATTR_LIST: "list",
}


class Clients:
    """The clients of one run. May be used by several threads."""

    def __init__(self, lab: Lab, recorder: Recorder) -> None:
        self._lab = lab
        self._recorder = recorder
        self._addresses = {each.name: str(each.address) for each in lab.topology.members}
        self._numbers = count(1)

    def ask(self, operation: Operation, *, at: str = "", stranger: bool = False) -> Call:
        """Carry an operation out with Booth's client, to its end; return what became of it.

        Args:
            operation: what is asked for, of which site; its process and its phase are filled in.
            at: the member in whose node the client runs; the site's own when left out.
            stranger: the client has a key that nobody else has.
        """
        node = nodes(self._lab.topology, at or operation.site)[0]
        process = f"client-{next(self._numbers)}"
        command = self._command(operation, STRANGER if stranger else self._lab.topology.booth.name)
        if stranger:
            self._give_another_key(node)
        asked = self._recorder.add(replace(operation, process=process, phase=Phase.INVOKE))
        try:
            answer = self._lab.run(node, command, limit_s=LIMIT_S)
        except NodeUnreachableError as error:
            told = replace(asked, phase=Phase.INFO, error=f"{node}: {error.message}", index=-1, at_ns=-1)
            return Call(asked, self._recorder.add(told))
        phase, result = client_outcome(operation.verb, answer.exit_code, answer.output)
        told = replace(
            asked,
            phase=phase,
            result=result,
            exit_code=answer.exit_code,
            error="" if phase is Phase.OK else answer.output[-500:],
            index=-1,
            at_ns=-1,
        )
        return Call(asked, self._recorder.add(told))

    def _give_another_key(self, node: str) -> None:
        """Let there be a configuration in a node that differs from Booth's in its key."""
        booth = self._lab.topology.booth.model_copy(update={"name": STRANGER})
        topology = self._lab.topology.model_copy(update={"booth": booth})
        self._lab.runtime.put(node, booth_conf.files(topology, booth_conf.new_key()))

    def _command(self, operation: Operation, booth: str) -> list[str]:
        site = ["-s", self._addresses[operation.site]]
        name = ["-c", booth]
        if operation.verb in _ATTRIBUTE:
            words = [operation.attribute, *([operation.value] if operation.verb is Verb.ATTR_SET else [])]
            given = [word for word in words if word]
            return ["geostore", _ATTRIBUTE[operation.verb], *name, *site, "-t", operation.ticket, *given]
        if operation.verb in (Verb.LIST, Verb.PEERS):
            return ["booth", operation.verb.value, *name, *site]
        flags = [
            *(["-w"] if operation.wait else []),
            *(["-C"] if operation.wait_commit else []),
            *(["-F"] if operation.immediate else []),
        ]
        return ["booth", operation.verb.value, *name, *flags, *site, operation.ticket]
